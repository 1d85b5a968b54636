package import SystemPackage

/// One table of one node, with the directories that hold its files.
///
/// A dropped table is one as long as snapshots of it remain.
package struct Table: Sendable, Hashable, CustomStringConvertible {
    /// The table's directory in one data directory.
    package struct Place: Sendable, Hashable {
        /// Index into `DataDirectories.paths`.
        package let directoryIndex: Int
        /// The table's directory; may end in a symbolic link to it.
        package let path: FilePath
    }

    package let keyspace: String
    package let name: String
    /// 32 lower-case hex digits; nil for a directory of Cassandra 2.0.
    package let id: String?
    /// Ascending by index, at least one.
    package let places: [Place]

    /// `shop.orders`.
    package var description: String { "\(keyspace).\(name)" }

    /// Bytewise by keyspace, name and id: the order of a manifest.
    package static func precedes(_ left: Table, _ right: Table) -> Bool {
        if left.keyspace != right.keyspace { return left.keyspace.precedes(right.keyspace) }
        if left.name != right.name { return left.name.precedes(right.name) }
        return (left.id ?? "").precedes(right.id ?? "")
    }
}
