import Cassandra
import SystemPackage
import TransferEngine

extension LivingNode: NodeControl, CQLSession {
    var means: String { "a living node of the tests" }

    func facts() async throws(CassandraError) -> NodeFacts {
        try begin("facts")
        return facts
    }

    func mode() async throws(CassandraError) -> NodeMode {
        try begin("mode")
        return nodeMode
    }

    func ring() async throws(CassandraError) -> RingState {
        try begin("ring")
        return snapshotOfRing
    }

    func ranges(ofKeyspace keyspace: String) async throws(CassandraError) -> [TokenRange] { [] }

    func takeSnapshot(
        _ tag: SnapshotTag,
        of scope: SnapshotScope,
        ttl: Duration?,
        skipsFlush: Bool
    ) async throws(CassandraError) {
        let wanted: [TableName] =
            switch scope {
            case .everything: tables
            case .keyspaces(let names): tables.filter { names.contains($0.keyspace) }
            case .tables(let names): names
            }
        let call = "snapshot \(tag) of \(wanted.map(\.description).sorted().joined(separator: ","))"
        try begin(call)
        if try await snapshots().contains(where: { $0.tag == tag.name }) {
            throw CassandraError(.exists, "take the snapshot", tag.name, "it exists")
        }
        try doing("snapshot") { for table in wanted { try snapshot(tag.name, table) } }
        try end(call)
    }

    func snapshots() async throws(CassandraError) -> [NodeSnapshot] {
        try doing("list snapshots") {
            try tables.flatMap { table in
                let place = try directory(table).appending("snapshots")
                let tags = (try? DirectoryListing(of: place).names) ?? []
                return tags.map { NodeSnapshot(tag: $0, keyspace: table.keyspace, table: table.name) }
            }
        }
    }

    func clearSnapshot(_ tag: SnapshotTag, keyspaces: [String]) async throws(CassandraError) {
        try begin("clear \(tag)")
        try doing("clear") {
            for table in tables where keyspaces.isEmpty || keyspaces.contains(table.keyspace) {
                for index in data.indices {
                    try FileTree.removeAll(directory(table, index).appending("snapshots").appending(tag.name))
                }
            }
        }
    }

    func flush(keyspace: String, tables: [String]) async throws(CassandraError) {}

    func refresh(_ table: TableName) async throws(CassandraError) {
        try begin("refresh \(table)")
        try doing("refresh") {
            for index in isBlind ? 0..<0 : data.indices {
                let place = try directory(table, index)
                for set in try SSTableFolder(place, readingContents: false).sets
                where set.components.contains("Data.db") && !isKnown(set.prefix, in: place) {
                    try take(set, in: place, into: place, table)
                }
            }
        }
        try end("refresh \(table)")
    }

    func importSSTables(
        into table: TableName,
        from directories: [FilePath],
        _ options: ImportOptions
    ) async throws(CassandraError) -> [FilePath] {
        try begin("import \(table)")
        var failed: [FilePath] = []
        try doing("import") {
            let places = try data.indices.map { try directory(table, $0) }
            for source in directories {
                let own = source.lastComponent.flatMap { TableDirectory($0.string)?.table }
                let keyspace = source.removingLastComponent().lastComponent?.string
                guard own == table.name, keyspace == table.keyspace else { continue }
                if isRefused(source) {
                    failed.append(source)
                    continue
                }
                for set in try SSTableFolder(source, readingContents: false).sets
                where set.components.contains("Data.db") {
                    try take(set, in: source, into: places[places.count - 1], table)
                }
            }
        }
        try end("import \(table)")
        return failed
    }

    // MARK: CQL

    func rows(_ selects: [String]) async throws(CassandraError) -> [[CQLRow]] {
        var answers: [[CQLRow]] = []
        let rows = SchemaRowMaking(schema, facts)
        for select in selects {
            let words = select.split(separator: " ").map(String.init)
            let table = words.firstIndex(of: "FROM").map { words[$0 + 1] } ?? ""
            if let known = rows.rows(of: table) {
                answers.append(known)
                continue
            }
            let parts = table.split(separator: ".").map { String($0.filter { $0 != "\"" }) }
            guard parts.count == 2 else {
                throw CassandraError(.invalid, "read", select, "no such statement is known here")
            }
            let lines = try doing("select") { try self.rows(TableName(keyspace: parts[0], name: parts[1])) }
            answers.append(lines.prefix(1).map { CQLRow(["row": .text($0)]) })
        }
        return answers
    }

    func execute(_ statements: [String]) async throws(CassandraError) {
        for statement in statements {
            try begin(statement)
            if statement.hasPrefix("TRUNCATE ") {
                try doing("truncate") { try truncate(String(statement.dropFirst("TRUNCATE ".count))) }
            } else {
                try doing("execute") { try make(statement) }
            }
            try end(statement)
        }
    }

    func describe(_ what: String) async throws(CassandraError) -> String {
        throw CassandraError(.unsupported, "describe", what, "no such description is known here")
    }

    private func truncate(_ text: String) throws {
        let parts = text.split(separator: ".").map { String($0.filter { $0 != "\"" }) }
        let name = TableName(keyspace: parts[0], name: parts[1])
        guard schema.view(name.keyspace, name.name) == nil else {
            throw CassandraError(.invalid, "truncate", text, "Cannot TRUNCATE materialized view directly")
        }
        try snapshot("truncated-\(tick())-\(name.name)", name)
        try empty(name)
    }

    /// `CREATE …`: what it makes, with an id of its own unless it says one.
    private func make(_ statement: String) throws {
        let made = try Schema(parsing: statement)
        for keyspace in made.keyspaces {
            change { state in
                let index: Int
                if let there = state.schema.keyspaces.firstIndex(where: { $0.name == keyspace.name }) {
                    index = there
                } else {
                    state.schema.keyspaces.append(
                        Schema.Keyspace(name: keyspace.name, replication: keyspace.replication)
                    )
                    index = state.schema.keyspaces.count - 1
                }
                state.schema.keyspaces[index].types += keyspace.types
                for var table in keyspace.tables {
                    if let there = state.schema.keyspaces[index].tables.firstIndex(where: { $0.name == table.name }) {
                        state.schema.keyspaces[index].tables[there].indexes += table.indexes
                        continue
                    }
                    if table.id.isEmpty {
                        table.id = "0eee4970-e539-11f1-a127-\(100_000_000_000 + state.clock % 1_000_000)"
                    }
                    state.clock += 1
                    state.schema.keyspaces[index].tables.append(table)
                }
            }
        }
        try makeDirectories()
    }
}
