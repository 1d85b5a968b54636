/// One table's part of a snapshot, as the node lists it.
package struct NodeSnapshot: Codable, Sendable, Hashable {
    package var tag: String
    package var keyspace: String
    package var table: String
    /// Bytes of all its files; rounded by nodetool to two digits after the point of a unit.
    package var sizeOnDisk: Int64?
    /// Bytes of those files that are nothing else's any more; rounded likewise.
    package var trueSize: Int64?
    /// `2026-11-20T23:20:12.426Z`; from 4.1 on.
    package var created: String?
    /// When the node will clear it by itself; nil if it will not.
    package var expires: String?

    package init(
        tag: String,
        keyspace: String,
        table: String,
        sizeOnDisk: Int64? = nil,
        trueSize: Int64? = nil,
        created: String? = nil,
        expires: String? = nil
    ) {
        self.tag = tag
        self.keyspace = keyspace
        self.table = table
        self.sizeOnDisk = sizeOnDisk
        self.trueSize = trueSize
        self.created = created
        self.expires = expires
    }
}

/// What a snapshot is taken of.
package enum SnapshotScope: Sendable, Hashable {
    /// Every keyspace, those of the system too.
    case everything
    /// All tables of these keyspaces; at least one.
    case keyspaces([String])
    /// At least one.
    case tables([TableName])
}

/// A table by its names, as they stand in directories: without quotes, case as it is.
package struct TableName: Codable, Sendable, Hashable, Comparable, CustomStringConvertible {
    package let keyspace: String
    package let name: String

    package init(keyspace: String, name: String) {
        self.keyspace = keyspace
        self.name = name
    }

    /// `shop.orders`.
    package var description: String { "\(keyspace).\(name)" }

    /// Bytewise by keyspace, then name.
    package static func < (left: TableName, right: TableName) -> Bool {
        left.keyspace != right.keyspace ? left.keyspace.precedes(right.keyspace) : left.name.precedes(right.name)
    }
}
