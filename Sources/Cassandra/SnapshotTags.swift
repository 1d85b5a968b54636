internal import SystemPackage
internal import TransferEngine

/// A snapshot that stands in the data directories.
package struct SnapshotCount: Sendable, Hashable {
    package let tag: SnapshotTag
    /// Tables that have it; one in two data directories counts once.
    package let tables: Int
}

extension DataDirectories {
    /// The snapshots that a user may have meant, bytewise by tag, so that an unknown tag can be answered with them.
    ///
    /// Without those that nobody asked for: `truncated-*`, `dropped-*`, Ringvault's own, and ephemeral ones, which
    /// repairs take and Cassandra removes by itself.
    package func snapshotTags(matching filter: TableFilter = .everything) throws(CassandraError) -> [SnapshotCount] {
        var counts: [SnapshotTag: Int] = [:]
        for table in try tables(matching: filter).tables {
            var tags: Set<SnapshotTag> = []
            var ephemeral: Set<SnapshotTag> = []
            for place in table.places {
                for tag in try SnapshotDirectory.tags(in: place.path) where !tag.isAutomatic && !tag.isOwn {
                    tags.insert(tag)
                    if SnapshotDirectory(tag, in: place.path).isEphemeral { ephemeral.insert(tag) }
                }
            }
            for tag in tags.subtracting(ephemeral) { counts[tag, default: 0] += 1 }
        }
        return counts.map { SnapshotCount(tag: $0.key, tables: $0.value) }
            .sorted { $0.tag.name.precedes($1.tag.name) }
    }
}

extension DataDirectories {
    /// Tags of Ringvault's own snapshots that stand, with the tables that have them; bytewise by tag.
    package func ownSnapshots() throws(CassandraError) -> [(tag: SnapshotTag, tables: [Table])] {
        var found: [SnapshotTag: [Table]] = [:]
        for table in try tables().tables {
            var tags: Set<SnapshotTag> = []
            for place in table.places { tags.formUnion(try SnapshotDirectory.tags(in: place.path).filter(\.isOwn)) }
            for tag in tags { found[tag, default: []].append(table) }
        }
        return found.map { ($0.key, $0.value) }.sorted { $0.0.name.precedes($1.0.name) }
    }
}

/// One snapshot's directory in one place of a table: `<table>/snapshots/<tag>`.
///
/// Source: `Directories.SNAPSHOT_SUBDIR` and `getSnapshotDirectory`, org.apache.cassandra.db.Directories, 3.11 to 5.0.
struct SnapshotDirectory {
    static let parent = "snapshots"

    let path: FilePath

    init(_ tag: SnapshotTag, in table: FilePath) {
        path = table.appending(Self.parent).appending(tag.name)
    }

    /// Names in a table's `snapshots`; none if there is no such directory.
    static func tags(in table: FilePath) throws(CassandraError) -> [SnapshotTag] {
        let path = table.appending(parent)
        do {
            return try DirectoryListing(of: path).names.compactMap(SnapshotTag.init(found:))
        } catch {
            if error.code == .notFound { return [] }
            throw CassandraError("list the snapshots in", path.string, error)
        }
    }

    /// Whether the snapshot is one of a repair: a marker file `ephemeral.snapshot` (3.x, 4.0), or `"ephemeral":true`
    /// in `manifest.json` (org.apache.cassandra.service.snapshot.SnapshotManifest, 4.1 and later).
    var isEphemeral: Bool {
        if (try? FileStatus(of: path.appending("ephemeral.snapshot"))) != nil { return true }
        guard let manifest = try? SmallFile.text(of: path.appending("manifest.json"), limit: 64 << 20) else {
            return false
        }
        return manifest.split(whereSeparator: \.isWhitespace).joined().contains("\"ephemeral\":true")
    }
}
