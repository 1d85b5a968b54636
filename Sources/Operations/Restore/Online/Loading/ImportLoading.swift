internal import Cassandra
internal import SystemPackage
internal import TransferEngine

/// Brings SSTables into a running table by `nodetool import`, from 4.0 on.
///
/// The node is given hard links, `load/<keyspace>/<table>-<id>` beside the stages, which it moves away one SSTable after the
/// other, `Data.db` last. The stages stay whole: whatever becomes of the node or of this process in between, nothing has
/// to be fetched twice, and an SSTable whose `Data.db` is gone was taken.
/// Source: org.apache.cassandra.db.SSTableImporter, `SSTable.rename`, 4.0 to 5.0.
struct ImportLoading {
    let source: LoadSource
    /// For the links: one for each of the source's folders, on its file system.
    let directories: [FilePath]
    /// Whose each of them is to be.
    let owners: [FileOwner]
    let journal: RestoreJournal
    let node: any NodeControl
    let options: ImportOptions
    /// What the journal calls the table.
    let key: String

    /// - Throws: `RunError` where the node left SSTables; `CassandraError`.
    func load() async throws {
        let sets = try source.sets(checked: !journal.has(.placed, table: key))
        guard !sets.isEmpty else { return }
        try prepare(sets)
        let filled = try directories.filter { try !left(in: $0).isEmpty }
        if !filled.isEmpty {
            let failed = try await node.importSSTables(into: source.table, from: filled, options)
            let remains = try filled.flatMap { directory in
                try left(in: directory).map { directory.appending($0.prefix) }
            }
            guard failed.isEmpty, remains.isEmpty else { throw refusal(failed, remains) }
        }
        for directory in directories { try FileTree.removeAll(directory) }
    }

    /// Makes the links; of an earlier run's, only those again that the node has moved of an SSTable it has not taken.
    private func prepare(_ sets: [(folder: Int, set: SSTableSet)]) throws {
        let isComplete = journal.has(.placed, table: key)
        if !isComplete { try journal.note(.loading, table: key) }
        for (index, directory) in directories.enumerated() {
            guard !isComplete || (try? FileStatus(of: directory)) != nil else { continue }
            let above = directory.removingLastComponent()
            try FileTree.makeDirectories(directory)
            for path in [above.removingLastComponent(), above, directory] { try owners[index].take(path) }
        }
        for (folder, set) in sets {
            let directory = directories[folder]
            if isComplete, try FileIdentity(directory.appending(set.fileName("Data.db"))) == nil { continue }
            for component in set.placingOrder
            where try FileIdentity(directory.appending(set.fileName(component))) == nil {
                try FileTree.link(source.path(folder, set, component), to: directory.appending(set.fileName(component)))
            }
        }
        if !isComplete { try journal.note(.placed, table: key) }
    }

    private func left(in directory: FilePath) throws -> [SSTableSet] {
        try SSTableFolder(directory, readingContents: false).sets.filter { $0.components.contains("Data.db") }
    }

    private func refusal(_ failed: [FilePath], _ left: [FilePath]) -> RunError {
        let names = left.prefix(3).map(\.string).joined(separator: ", ")
        let more = left.count > 3 ? " and \(left.count - 3) more" : ""
        let what =
            left.isEmpty
            ? "the node says that it failed on \(failed.map(\.string).joined(separator: ", "))"
            : "the node did not take \(left.count) SSTable\(left.count == 1 ? "" : "s"): \(names)\(more)"
        return RunError(
            .failed,
            "import into",
            "\(source.table)",
            "\(what); its log (system.log, SSTableImporter) says why; the files are still there, and the same command "
                + "goes on with them"
        )
    }
}
