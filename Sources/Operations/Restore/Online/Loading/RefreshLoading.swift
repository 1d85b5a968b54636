internal import Cassandra
internal import SystemPackage
internal import TransferEngine

/// Brings SSTables into a running table by hard links in its own directories and `nodetool refresh`: every version.
///
/// The journal has the names before the first link is made, and a line when all stand. So a run that goes on knows which
/// are its own, links what is missing, and never again what the node has taken. The node renames what it takes.
/// Source: `ColumnFamilyStore.loadNewSSTables` (3.11); `SSTableImporter.importNewSSTables` without directories (4.0 to 5.0).
struct RefreshLoading {
    let source: LoadSource
    /// The table's directory in each data directory; nil where it has none.
    let places: [FilePath?]
    let journal: RestoreJournal
    let node: any NodeControl
    /// What the journal calls the table.
    let key: String

    /// - Returns: SSTables that still stand where they were placed, as paths of `Data.db`: the node may have known them
    ///   before, if it was started anew in between, or it has not taken them.
    /// - Throws: `RunError`, `CassandraError`.
    func load() async throws -> [FilePath] {
        let isPlaced = journal.has(.placed, table: key)
        let sets = try source.sets(checked: !isPlaced)
        guard !sets.isEmpty else { return [] }
        if !isPlaced {
            try place(sets)
            try journal.note(.placed, table: key)
        }
        try await node.refresh(source.table)
        let names = journal.names(of: key)
        return try sets.compactMap { folder, set in
            guard let prefix = names[LoadSource.key(folder, set)], let place = try? directory(folder),
                try SSTablePlacing.isPlaced(set, in: source.folders[folder].path, to: place, as: prefix)
            else { return nil }
            return place.appending("\(prefix)-Data.db")
        }
    }

    private func place(_ sets: [(folder: Int, set: SSTableSet)]) throws {
        var numbers = try SSTableRenumbering(places: places.compactMap { $0 })
        var names = journal.names(of: key)
        var new: [String: String] = [:]
        for (folder, set) in sets where names[LoadSource.key(folder, set)] == nil {
            _ = try directory(folder)
            new[LoadSource.key(folder, set)] = try numbers.prefix(for: set.name)
        }
        if !new.isEmpty {
            try journal.note(.loading, table: key, facts: new)
            names.merge(new) { $1 }
        }
        var known: [FilePath: Set<FileIdentity>] = [:]
        for (folder, set) in sets {
            let place = try directory(folder)
            if known[place] == nil { known[place] = Set(try FileIdentity.data(in: place).keys) }
            // Placed by an earlier run, and perhaps taken by the node under a name of its own.
            if let data = try FileIdentity(source.path(folder, set)), known[place]?.contains(data) == true { continue }
            guard let name = names[LoadSource.key(folder, set)] else { continue }
            try link(set, folder, to: place, as: name, &numbers)
        }
    }

    /// Links the files under that name, or under the first one that is free.
    private func link(
        _ set: SSTableSet,
        _ folder: Int,
        to place: FilePath,
        as name: String,
        _ numbers: inout SSTableRenumbering
    ) throws {
        let from = source.folders[folder].path
        // Of a run that was killed between two links.
        try SSTablePlacing.unlink(set, in: from, from: place, as: name)
        var name = name
        while true {
            do throws(CassandraError) {
                return try SSTablePlacing.link(set, in: from, to: place, as: name)
            } catch {
                guard error.code == .exists else { throw error }
            }
            name = try numbers.prefix(for: set.name)
            try journal.note(.loading, table: key, facts: [LoadSource.key(folder, set): name])
        }
    }

    private func directory(_ folder: Int) throws(RunError) -> FilePath {
        let index = source.folders[folder].directoryIndex
        guard places.indices.contains(index), let place = places[index] else {
            throw RunError(
                .failed,
                "load into",
                "\(source.table)",
                "the table has no directory in data directory \(index + 1), where its files were staged"
            )
        }
        return place
    }
}

extension RestoreJournal {
    /// Which name each SSTable of the table was given last, by `LoadSource.key`.
    func names(of table: String) -> [String: String] {
        records.filter { $0.stage == .loading && $0.table == table }
            .reduce(into: [:]) { names, record in names.merge(record.facts ?? [:]) { $1 } }
    }
}
