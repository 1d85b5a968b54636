package import SystemPackage
internal import TransferEngine

extension Table {
    /// The snapshots that Cassandra took of the table before truncating it (`auto_snapshot`), oldest first; blocks.
    ///
    /// Of a base table and its indexes: the views of a truncated table are emptied without a snapshot.
    /// Source: `ColumnFamilyStore.truncateBlocking` and `ViewManager.truncateBlocking`, 3.11 to 5.0.
    package func truncateSnapshots() throws(CassandraError) -> [SnapshotTag] {
        var tags: Set<SnapshotTag> = []
        for place in places {
            for tag in try SnapshotDirectory.tags(in: place.path) where tag.truncated != nil { tags.insert(tag) }
        }
        return tags.sorted { ($0.truncated ?? 0, $0.name) < ($1.truncated ?? 0, $1.name) }
    }

    /// The directories of a snapshot of the table that are there, one a data directory; blocks.
    package func directories(of tag: SnapshotTag) -> [(place: Place, path: FilePath)] {
        places.map { (place: $0, path: SnapshotDirectory(tag, in: $0.path).path) }
            .filter { (try? FileStatus(of: $0.path))?.kind == .directory }
    }
}

extension SnapshotTag {
    /// When Cassandra took it before a TRUNCATE, in milliseconds since 1970; nil for every other snapshot.
    package var truncated: Int64? {
        let fields = name.split(separator: "-", maxSplits: 2, omittingEmptySubsequences: false)
        guard fields.count == 3, fields[0] == "truncated" else { return nil }
        return Int64(fields[1])
    }
}
