/// The name of a snapshot, which is the name of a directory `snapshots/<tag>` in every table.
package struct SnapshotTag: Sendable, Hashable, CustomStringConvertible {
    /// What tags of Ringvault's own snapshots start with; only such are ever removed.
    package static let ownPrefix = "ringvault-"

    package let name: String

    /// - Throws: `CassandraError` with code `.invalid` unless `name` can be one component of a path.
    package init(_ name: String) throws(CassandraError) {
        if let flaw = Self.flaw(of: name) {
            throw CassandraError(.invalid, "use the snapshot tag", "\"\(name)\"", flaw)
        }
        self.name = name
    }

    /// What stands on disk; nil unless it can be a tag.
    init?(found name: String) {
        guard Self.flaw(of: name) == nil else { return nil }
        self.name = name
    }

    private static func flaw(of name: String) -> String? {
        if name.isEmpty { return "it is empty" }
        if name == "." || name == ".." { return "it is not a name" }
        if name.utf8.contains(where: { $0 == 0 || $0 == UInt8(ascii: "/") }) {
            return "a tag cannot contain a slash or a NUL"
        }
        return name.utf8.count > 255 ? "it is longer than 255 bytes" : nil
    }

    package var description: String { name }

    /// Made by Ringvault.
    package var isOwn: Bool { name.hasPrefix(Self.ownPrefix) }

    /// Made by Cassandra itself before TRUNCATE or DROP (`auto_snapshot`): `truncated-<ms>-<table>`.
    ///
    /// Source: `ColumnFamilyStore.SNAPSHOT_TRUNCATE_PREFIX` and `SNAPSHOT_DROP_PREFIX`, 3.11 to 5.0.
    package var isAutomatic: Bool {
        let fields = name.split(separator: "-", maxSplits: 2, omittingEmptySubsequences: false)
        return fields.count == 3 && (fields[0] == "truncated" || fields[0] == "dropped") && Int64(fields[1]) != nil
    }
}
