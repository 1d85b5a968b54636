internal import Cassandra
internal import FoundationEssentials
internal import SystemPackage
internal import TransferEngine

// A node that says that a snapshot stands has said nothing of where. What follows tells a wrong --data-dir, a data
// directory that was forgotten, and a node of another machine from a backup.

extension OwnSnapshot {
    /// `manifest.json` of one table's snapshot, which names every Data.db in all data directories together.
    ///
    /// Source: `ColumnFamilyStore.writeSnapshotManifest` (3.11, 4.0),
    /// org.apache.cassandra.service.snapshot.SnapshotManifest (4.1 and later).
    private struct Contents: Decodable {
        let files: [String]
    }

    /// Counts what the snapshot holds of the tables that are wanted.
    ///
    /// - Throws: `RunError` unless every table that the node has taken, and every Data.db of it, is in the data
    ///   directories.
    func examine(_ filter: TableFilter) async throws -> [SnapshotRecord.Part] {
        var parts: [SnapshotRecord.Part] = []
        var names: Set<TableName> = []
        for table in try directories.tables(matching: filter).tables {
            try Task.checkCancellation()
            let listing = try TableListing(table, source: .snapshot(tag), measuring: true)
            guard listing.isPresent else { continue }
            try check(table, listing)
            names.insert(TableName(keyspace: table.keyspace, name: table.name))
            parts.append(
                SnapshotRecord.Part(
                    path: table.manifestPath,
                    files: listing.fileCount,
                    bytes: listing.byteCount ?? 0
                )
            )
        }
        guard !parts.isEmpty else {
            throw flaw("no table there has it: is this the node that was asked?")
        }
        let lost = try await taken(filter).filter { !names.contains($0) }.sorted()
        if let first = lost.first {
            let more = lost.count > 1 ? " and \(lost.count - 1) tables more" : ""
            throw flaw("nothing is there of \(first)\(more)")
        }
        return parts
    }

    private func check(_ table: Table, _ listing: TableListing) throws {
        var files: Set<String> = []
        var named: [String]?
        for group in listing.groups {
            files.formUnion(group.components)
            guard group.sstable == nil, group.components == ["manifest.json"] else { continue }
            let bytes = try SmallFile.bytes(of: group.base.appending("manifest.json"), limit: 256 << 20)
            do {
                named = (named ?? []) + (try JSONDecoder().decode(Contents.self, from: Data(bytes)).files)
            } catch {
                throw flaw("manifest.json of \(table) cannot be read: \(error)")
            }
        }
        guard let named else {
            throw flaw("the part of \(table) that is there has no manifest.json: it lies in another data directory")
        }
        if let missing = named.first(where: { !files.contains($0) }) {
            throw flaw("\(missing) of \(table) is not there: it lies in another data directory")
        }
    }

    /// Tables of which the node says that the snapshot stands; none where it cannot tell.
    private func taken(_ filter: TableFilter) async throws(CassandraError) -> [TableName] {
        let all: [NodeSnapshot]
        do throws(CassandraError) {
            all = try await node.control.snapshots()
        } catch {
            guard error.code == .unsupported else { throw error }
            return []
        }
        return all.filter { $0.tag == tag.name && filter.matches(keyspace: $0.keyspace, table: $0.table) }
            .filter { !$0.table.isEmpty }
            .map { TableName(keyspace: $0.keyspace, name: $0.table) }
    }

    private func flaw(_ reason: String) -> RunError {
        let places = directories.paths.map(\.string).joined(separator: ", ")
        return RunError(
            .refused,
            "find the snapshot that \(node.control.means) has taken in",
            places,
            reason + "; --data-dir must name every data_file_directories of that node's cassandra.yaml"
        )
    }
}
