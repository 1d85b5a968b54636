package import Vault

/// What to verify, and how closely.
package struct VerifyOptions: Sendable {
    package enum Subject: Sendable, Hashable {
        /// One backup, of one cluster where several have it, of one node or all.
        case backup(String, cluster: String?, host: HostID?)
        /// Everything in the vault.
        case vault
    }

    package var subject: Subject
    package var level: VerificationLevel
    package var sample: BlobSample
    /// Bytes for the names of blobs: with more of them the manifests are read several times.
    package var memory = BlobCensus.memory

    package init(_ subject: Subject, level: VerificationLevel = .checksum, sample: BlobSample = .all) {
        self.subject = subject
        self.level = level
        self.sample = sample
    }
}
