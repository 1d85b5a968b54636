import Cassandra
import SystemPackage
import TransferEngine

/// A Cassandra node of the tests that works on real files: snapshots hard-link, refresh and import move, TRUNCATE keeps
/// a snapshot of its own and empties.
///
/// It knows its SSTables by their names, as a node does: what merely lies in a directory is not in its snapshots.
final class LivingNode: Sendable {
    struct State {
        var schema: Schema
        var facts: NodeFacts
        var mode = NodeMode.normal
        /// Other nodes of the ring.
        var others: [RingState.Member] = []
        /// Paths of `Data.db` that it has open.
        var known: Set<FilePath> = []
        /// Where it counts on, by table.
        var next: [TableName: Int] = [:]
        var clock: Int64 = 1_800_000_000_000
        var calls: [String] = []
        /// Asked before each call, with its words: an error it gives is thrown, and nothing is done.
        var failure: @Sendable (String) -> CassandraError? = { _ in nil }
        /// Asked after each call has been done: the answer is then lost.
        var lost: @Sendable (String) -> CassandraError? = { _ in nil }
        /// Directories that it cannot import from.
        var refused: @Sendable (FilePath) -> Bool = { _ in false }
        /// Whether a refresh finds nothing.
        var isBlind = false
    }

    let data: [FilePath]
    private let state: ThreadLock<State>

    init(in root: FilePath, directories: Int = 1, release: String = "4.1.7", schema text: String) throws {
        data = (0..<directories).map { root.appending("data\($0 + 1)") }
        guard let release = ReleaseVersion(release) else { throw Failure("no release") }
        let facts = NodeFacts(
            releaseVersion: release,
            hostID: "11111111-2222-3333-4444-555555555555",
            clusterName: "Test Cluster",
            partitioner: "org.apache.cassandra.dht.Murmur3Partitioner",
            datacenter: "dc1",
            rack: "rack1",
            address: "127.0.0.1",
            tokens: ["-9223372036854775808", "0"],
            schemaVersion: "c02bd832-60a8-3bab-8067-2acf2c5ad874"
        )
        state = ThreadLock(State(schema: try Schema(parsing: text), facts: facts))
        for path in data { try FileTree.makeDirectories(path) }
        try makeDirectories()
    }

    struct Failure: Error {
        let reason: String
        init(_ reason: String) { self.reason = reason }
    }

    func change(_ body: (inout State) -> Void) { state.withLock { body(&$0) } }
    var calls: [String] { state.withLock { $0.calls } }
    var schema: Schema { state.withLock { $0.schema } }
    var facts: NodeFacts { state.withLock { $0.facts } }

    // MARK: Files

    /// The table's directory in one data directory.
    func directory(_ table: TableName, _ index: Int = 0) throws -> FilePath {
        let id = schema.table(table.keyspace, table.name)?.id ?? schema.view(table.keyspace, table.name)?.id
        guard let id else { throw CassandraError(.notFound, "find", "\(table)", "unknown table") }
        return data[index].appending(table.keyspace).appending("\(table.name)-\(id.filter { $0 != "-" })")
    }

    /// Writes rows of the table as a flush does: a new SSTable of its own number.
    ///
    /// - Parameter prefix: the name's beginning and end: `nb`, `big`.
    func flush(
        _ table: TableName,
        _ rows: String,
        _ index: Int = 0,
        version: String = "nb",
        format: String = "big"
    ) throws {
        let number = state.withLock { state in
            state.next[table, default: 0] += 1
            return state.next[table] ?? 0
        }
        let prefix = "\(version)-\(number)-\(format)"
        let components = ["Data.db": rows, "Index.db": "index", "Statistics.db": "statistics of \(rows)"]
        let directory = try directory(table, index)
        for (name, text) in components { try write(text, directory.appending("\(prefix)-\(name)")) }
        try write("Data.db\nIndex.db\nStatistics.db\nTOC.txt\n", directory.appending("\(prefix)-TOC.txt"))
        _ = state.withLock { $0.known.insert(directory.appending("\(prefix)-Data.db")) }
    }

    /// What a SELECT would give: the rows of all SSTables that the node knows, sorted.
    func rows(_ table: TableName) throws -> [String] {
        try known(table).map { try SmallFile.text(of: $0) }.sorted()
    }

    func known(_ table: TableName) throws -> [FilePath] {
        let places = try data.indices.map { try directory(table, $0) }
        return state.withLock { $0.known }.filter { places.contains($0.removingLastComponent()) }
            .sorted { $0.string < $1.string }
    }

    /// Forgets what it knew and opens what lies there, as a start does; what has no `Data.db` is removed.
    func restart() throws {
        state.withLock { $0.known = [] }
        for table in tables {
            for index in data.indices {
                let place = try directory(table, index)
                for set in try SSTableFolder(place, readingContents: false).sets {
                    if set.components.contains("Data.db") {
                        _ = state.withLock { $0.known.insert(place.appending(set.fileName("Data.db"))) }
                        count(set, table)
                    } else {
                        for component in set.components {
                            try FileTree.remove(place.appending(set.fileName(component)))
                        }
                    }
                }
            }
        }
    }

    private func count(_ set: SSTableSet, _ table: TableName) {
        guard case .integer(let number) = set.name.id else { return }
        state.withLock { $0.next[table] = max($0.next[table] ?? 0, Int(number)) }
    }

    var tables: [TableName] {
        schema.keyspaces.flatMap { keyspace in
            (keyspace.tables.map(\.name) + keyspace.views.map(\.name)).map {
                TableName(keyspace: keyspace.name, name: $0)
            }
        }
    }

    func makeDirectories() throws {
        for table in tables {
            for index in data.indices { try FileTree.makeDirectories(try directory(table, index)) }
        }
    }

    private func write(_ text: String, _ path: FilePath) throws {
        try FileTree.makeDirectories(path.removingLastComponent())
        try WritableFile(path, creation: .mustBeNew).write(Array(text.utf8).span, at: 0)
    }

    // MARK: Work

    func begin(_ call: String) throws(CassandraError) {
        let error = state.withLock { state in
            state.calls.append(call)
            return state.failure(call)
        }
        if let error { throw error }
    }

    func end(_ call: String) throws(CassandraError) {
        if let error = state.withLock({ $0.lost(call) }) { throw error }
    }

    /// As the node's own errors.
    func doing<Value>(_ what: String, _ body: () throws -> Value) throws(CassandraError) -> Value {
        do { return try body() } catch let error as CassandraError { throw error } catch {
            throw CassandraError(.refused, what, "the node of the tests", "\(error)")
        }
    }

    /// The components that a flush writes.
    static let components = ["Index.db", "Statistics.db", "TOC.txt", "Data.db"]

    private static func prefix(of data: FilePath) -> String {
        String((data.lastComponent?.string ?? "").dropLast("-Data.db".count))
    }

    func snapshot(_ tag: String, _ table: TableName) throws {
        var names: [String] = []
        for data in try known(table) {
            let place = data.removingLastComponent()
            let target = place.appending("snapshots").appending(tag)
            try FileTree.makeDirectories(target)
            let prefix = Self.prefix(of: data)
            for component in Self.components {
                let name = "\(prefix)-\(component)"
                try FileTree.link(place.appending(name), to: target.appending(name))
            }
            names.append("\"\(prefix)-Data.db\"")
        }
        let first = try directory(table).appending("snapshots").appending(tag)
        try write("{\"files\":[\(names.joined(separator: ","))]}", first.appending("manifest.json"))
    }

    /// Moves an SSTable to the node's next name in `place`, `Data.db` last, and opens it.
    func take(_ set: SSTableSet, in source: FilePath, into place: FilePath, _ table: TableName) throws {
        let number = state.withLock { state in
            state.next[table, default: 0] += 1
            return state.next[table] ?? 0
        }
        let format = if case .bti = set.name.format { "bti" } else { "big" }
        let prefix = "\(set.name.version)-\(number)-\(format)"
        for component in set.placingOrder {
            try FileTree.renameNew(
                source.appending(set.fileName(component)),
                to: place.appending("\(prefix)-\(component)")
            )
        }
        _ = state.withLock { $0.known.insert(place.appending("\(prefix)-Data.db")) }
    }

    /// Removes all that the table has, and its views.
    func empty(_ table: TableName) throws {
        let views = schema[keyspace: table.keyspace]?.views.filter { $0.baseTable == table.name } ?? []
        for name in [table] + views.map({ TableName(keyspace: table.keyspace, name: $0.name) }) {
            for data in try known(name) {
                for component in Self.components.reversed() {
                    try FileTree.remove(data.removingLastComponent().appending("\(Self.prefix(of: data))-\(component)"))
                }
                _ = state.withLock { $0.known.remove(data) }
            }
        }
    }

    func tick() -> Int64 {
        state.withLock { state in
            state.clock += 1
            return state.clock
        }
    }

    var snapshotOfRing: RingState {
        state.withLock { state in
            let own = RingState.Member(
                address: state.facts.address,
                hostID: state.facts.hostID,
                datacenter: state.facts.datacenter,
                rack: state.facts.rack,
                isUp: true,
                state: .normal
            )
            let version = state.facts.schemaVersion ?? ""
            return RingState(
                members: [own] + state.others,
                schemaVersions: [version: [state.facts.address]],
                unreachable: []
            )
        }
    }

    func isKnown(_ path: FilePath) -> Bool { state.withLock { $0.known.contains(path) } }
    func isRefused(_ path: FilePath) -> Bool { state.withLock { $0.refused(path) } }
    var isBlind: Bool { state.withLock { $0.isBlind } }
    var nodeMode: NodeMode { state.withLock { $0.mode } }
}
