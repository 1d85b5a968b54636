package import Cassandra
package import SystemPackage
package import Vault

/// What to restore, and where to.
package struct RestoreOptions: Sendable {
    /// Nil where only one cluster of the vault has a backup of that name.
    package var cluster: String?
    package var backup: String
    /// Nil where the backup has one node.
    package var host: HostID?
    /// Directories that are filled evenly with `<keyspace>/<table>-<id>/<files>`.
    package var targets: [FilePath]
    package var filter: TableFilter
    /// Whether files in the targets that differ from the backup's are replaced; an error otherwise.
    package var overwrites: Bool

    package init(
        backup: String,
        cluster: String? = nil,
        host: HostID? = nil,
        targets: [FilePath],
        filter: TableFilter = .everything,
        overwrites: Bool = false
    ) {
        self.backup = backup
        self.cluster = cluster
        self.host = host
        self.targets = targets
        self.filter = filter
        self.overwrites = overwrites
    }
}

/// What a finished restore has done: every file of the backup that was asked for stands in the targets, its bytes
/// checked against their hashes.
package struct RestoreReport: Sendable, Hashable {
    package let source: ManifestHeader
    package let files: Int
    /// Plain bytes of those files.
    package let bytes: Int64
    /// Files that stood in the targets already, as they were found by reading them.
    package let keptFiles: Int
    package let keptBytes: Int64
    /// Bytes got from the store.
    package let receivedBytes: Int64
    /// Damage that the backup found on the node, and that is restored as it was.
    package let warnings: Warnings
    package let elapsed: Duration
}
