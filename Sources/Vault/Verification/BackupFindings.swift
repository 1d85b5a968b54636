package import ObjectStorage

/// What is wrong with one of a vault's documents: the first of its kind in it.
package struct DocumentFault: Sendable, Hashable {
    package let key: ObjectKey
    /// Whose it is; nil for one of the vault as a whole.
    package let backup: BackupID?
    /// The node that suffers; nil where it is the whole backup.
    package let host: HostID?
    package let reason: String

    package init(_ key: ObjectKey, backup: BackupID?, host: HostID? = nil, _ reason: String) {
        self.key = key
        self.backup = backup
        self.host = host
        self.reason = reason
    }
}

/// What the documents of a backup say, and what is wrong with them.
package struct BackupFindings: Sendable {
    package let id: BackupID
    /// Of manifests that could be opened.
    package internal(set) var headers: [ManifestHeader] = []
    /// Expected, but without a manifest.
    package internal(set) var missingNodes: [HostID] = []
    /// Groups, files and plain bytes in manifests that were read.
    package internal(set) var read = ManifestEnd()
    package internal(set) var faults: [DocumentFault] = []

    /// Whether every node that was expected has published.
    package var isComplete: Bool { missingNodes.isEmpty && !headers.isEmpty }
}
