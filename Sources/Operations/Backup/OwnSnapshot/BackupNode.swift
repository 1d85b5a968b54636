package import Cassandra
package import Vault

/// The running node that a backup is of, and how it is asked.
package struct BackupNode: Sendable {
    package let control: any NodeControl
    /// What is kept of the node beside its files, as it is at the moment; asked for before each snapshot.
    package let capture: @Sendable (NodeFacts) async throws -> [ManifestDocument]
    /// The same of what is secret: never written on this host, hence asked for by each run anew.
    package let captureSecrets: @Sendable (NodeFacts) async throws -> [ManifestDocument]

    package init(
        _ control: any NodeControl,
        capture: @escaping @Sendable (NodeFacts) async throws -> [ManifestDocument] = { _ in [] },
        captureSecrets: @escaping @Sendable (NodeFacts) async throws -> [ManifestDocument] = { _ in [] }
    ) {
        self.control = control
        self.capture = capture
        self.captureSecrets = captureSecrets
    }
}

/// How a backup takes its own snapshot, and what becomes of it.
package struct OwnSnapshotOptions: Sendable, Hashable {
    /// So long a run may wait and still go on: a journal is trusted no longer, so the snapshot is not needed longer either.
    ///
    /// What nobody comes back for, the node clears by itself then (4.1 and later).
    package static let defaultLife = Duration.seconds(JournalHeader.lifetime)

    /// After which the node clears it by itself, where it can; nil: never.
    package var life: Duration? = defaultLife
    /// Whether what is only in memory and the commit log is left out.
    package var skipsFlush = false
    /// Whether the snapshot stays, whole, after the backup.
    package var isKept = false

    package init() {}
}
