internal import ArgumentParser
internal import Cassandra
internal import Operations

/// What becomes of tables that are there, or missing, when a backup comes into a node that runs.
struct OnlineRestoreOptions: ParsableArguments {
    @Option(
        name: .customLong("as"),
        help: ArgumentHelp(
            "With --strategy import or refresh: the table, or the keyspace for all tables of one, that takes the rows "
                + "instead of the one they were in.",
            valueName: "keyspace[.table]"
        )
    )
    var target: String?

    @Flag(
        help: """
            With --strategy import or refresh: empty the tables before they are loaded, on every node of the ring, when \
            all is fetched and verified. What they had is kept in snapshots: 'restore undo' brings it back. In a ring, restore \
            every node with --until staged first, give --truncate on exactly one, then restore the others without it.
            """
    )
    var truncate = false

    @Option(
        help: ArgumentHelp(
            """
            With --strategy import or refresh: 'check' refuses to restore while a table is missing or cannot hold the rows; \
            'create' makes what is missing first (keyspaces, types, tables, indexes, views), as the backup has it; 'none' does \
            not look. Default check; none with --cqlsh none.
            """,
            valueName: "what"
        )
    )
    var schema: String?

    @Option(
        name: .customLong("table-ids"),
        help: ArgumentHelp(
            "With --schema create: 'keep' gives tables the ids that they had, 'new' leaves that to the node. Default keep; "
                + "new with --as.",
            valueName: "which"
        )
    )
    var tableIDs: String?

    @Option(
        name: .customLong("map-dc"),
        help: ArgumentHelp(
            "With --schema create: a datacenter as the backup calls it, and what it is called here; may be given several times.",
            valueName: "old=new"
        )
    )
    var mapDC: [String] = []

    @Option(
        help: ArgumentHelp(
            """
            With --schema create: the replication of a keyspace that is made, as shop=class:NetworkTopologyStrategy,dc1:3, or \
            without the keyspace's name of all; default: as the backup has it. May be given several times.
            """,
            valueName: "[keyspace=]option:value,…"
        )
    )
    var replication: [String] = []

    /// Whether one of them was given.
    var isGiven: Bool {
        target != nil || truncate || schema != nil || tableIDs != nil || !mapDC.isEmpty || !replication.isEmpty
    }

    /// - Parameter asksCQL: whether the node is asked in CQL.
    /// - Throws: `ValidationError`, `RunError`.
    func request(_ restore: RestoreRequest, asksCQL: Bool) throws -> OnlineRequest {
        var request = OnlineRequest(restore)
        if let target { request.target = try OnlineRequest.Target(target) }
        request.truncates = truncate
        request.schema = try Self.choice("schema", schema) ?? (asksCQL ? .check : .none)
        request.newIDs = try Self.choice("table-ids", tableIDs) ?? (request.target == .same ? .keep : .new)
        for text in mapDC {
            let pair = try Self.pair("map-dc", text)
            request.datacenters[pair.key] = pair.value
        }
        for text in replication {
            let (keyspace, options) = try Self.replication(text)
            request.replication[keyspace] = options
        }
        if request.schema != .create, tableIDs != nil || !mapDC.isEmpty || !replication.isEmpty {
            throw ValidationError("--table-ids, --map-dc and --replication are for tables that --schema create makes")
        }
        if request.target != .same, request.newIDs == .keep {
            throw ValidationError("--table-ids keep cannot go with --as: two tables cannot have one id")
        }
        return request
    }

    private static func choice<Value: RawRepresentable & CaseIterable>(
        _ option: String,
        _ text: String?
    ) throws -> Value?
    where Value.RawValue == String {
        guard let text else { return nil }
        if let value = Value(rawValue: text) { return value }
        let known = Value.allCases.map(\.rawValue).joined(separator: ", ")
        throw ValidationError("--\(option) \"\(text)\" is none of \(known)")
    }

    /// - Returns: the keyspace, empty for all, and the options.
    private static func replication(_ text: String) throws -> (keyspace: String, options: [String: String]) {
        let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
        var options: [String: String] = [:]
        for part in (parts.last ?? "").split(separator: ",", omittingEmptySubsequences: false) {
            let pair = try pair("replication", String(part), ":")
            options[pair.key] = pair.value
        }
        guard options["class"] != nil else {
            throw ValidationError("--replication \"\(text)\" names no class, such as class:NetworkTopologyStrategy")
        }
        return (parts.count == 2 ? parts[0] : "", options)
    }

    private static func pair(
        _ option: String,
        _ text: String,
        _ separator: Character = "="
    ) throws -> (key: String, value: String) {
        let parts = text.split(separator: separator, maxSplits: 1).map(String.init)
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) else {
            throw ValidationError("--\(option) \"\(text)\": \"name\(separator)value\" is expected")
        }
        return (parts[0], parts[1])
    }
}
