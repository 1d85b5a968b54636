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
    /// What goes where; nil: what `filter` wants, to the paths that it had.
    package var route: RestoreRoute?

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

    /// What goes where.
    var effectiveRoute: RestoreRoute {
        route
            ?? RestoreRoute(directory: { [filter] path in
                TablePath(path).map { filter.matches(keyspace: $0.keyspace, table: $0.table) } == true ? path : nil
            })
    }
}

/// A table's path in a manifest: `shop/orders-3e2816e0e53811f1916b25b74eacdfa4`.
package struct TablePath: Sendable, Hashable {
    package let keyspace: String
    package let table: String
    /// 32 lower-case hex digits; nil for a directory of Cassandra 2.0.
    package let id: String?

    /// Nil for a path that is not of two names.
    package init?(_ path: String) {
        let parts = path.split(separator: "/")
        guard parts.count == 2 else { return nil }
        let directory = TableDirectory(String(parts[1]))
        keyspace = String(parts[0])
        table = directory?.table ?? String(parts[1])
        id = directory?.id
    }

    /// `shop.orders`.
    package var name: String { "\(keyspace).\(table)" }
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
