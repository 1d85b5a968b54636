internal import Cassandra

/// The statements that make a backup's tables on a node that lacks them, under the names that they are to have.
struct SchemaMaking {
    private let request: OnlineRequest
    private let backup: Schema
    private let live: Schema
    private let style: SchemaStyle
    /// What is to be made, by keyspace as it is called here.
    private var wanted: [String: Schema.Keyspace] = [:]
    private(set) var problems: [String] = []

    init(_ request: OnlineRequest, backup: Schema, live: Schema, release: ReleaseVersion) {
        self.request = request
        self.backup = backup
        self.live = live
        // Of another name it is another table, and two tables cannot have one id.
        let keepsIDs = request.newIDs == .keep && request.target == .same
        style = SchemaStyle(includesIDs: keepsIDs, skipsExisting: true, release: release)
    }

    /// In the order in which they need each other; without what is there.
    var statements: [SchemaStatement] {
        let schema = Schema(keyspaces: wanted.values.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) })
        return schema.statements(style).filter { statement in
            guard let there = live[keyspace: statement.keyspace] else { return true }
            return switch statement.kind {
            case .keyspace: false
            case .type: !there.types.contains { $0.name == statement.name }
            case .droppedColumn: there.table(statement.name).map { isOpen(statement, $0) } ?? true
            case .function, .aggregate, .table, .index, .view, .trigger: true
            }
        }
    }

    /// Whether a column of a table that a killed run has made still is to be dropped, or to be added again.
    private func isOpen(_ statement: SchemaStatement, _ table: Schema.Table) -> Bool {
        if statement.text.contains(" ADD ") {
            return !table.columns.contains { statement.text.contains(" ADD \(CQLText.name($0.name)) ") }
        }
        let isDropped = table.droppedColumns.contains {
            statement.text.contains(" DROP \(CQLText.name($0.name)) USING")
        }
        return !isDropped
    }

    mutating func add(_ table: OnlineTable) {
        guard let origin = backup[keyspace: table.name.keyspace] else {
            problems.append("the backup's schema has no keyspace \(table.name.keyspace)")
            return
        }
        let keyspace = table.target.keyspace
        var made = wanted[keyspace] ?? emptied(origin, as: keyspace)
        if var definition = origin.table(table.name.name) {
            addTypes(of: definition.columns.map(\.type) + definition.droppedColumns.map(\.type), origin, &made)
            definition.name = table.target.name
            if table.target.keyspace == table.name.keyspace, table.target.name != table.name.name {
                // Indexes of a keyspace have names of their own.
                for index in definition.indexes.indices {
                    definition.indexes[index].name = "\(table.target.name)_\(definition.indexes[index].name)"
                }
            }
            made.tables.append(definition)
        } else if let view = origin.views.first(where: { $0.name == table.name.name }) {
            if case .table = request.target {
                problems.append(
                    "\(table.name) is a view: it cannot be made as \(table.target), make that table by hand"
                )
                return
            }
            made.views.append(view)
        } else {
            problems.append("the backup's schema has no table \(table.name)")
            return
        }
        wanted[keyspace] = made
    }

    /// The keyspace with nothing in it but what the server runs, where the keyspace itself is missing.
    private func emptied(_ origin: Schema.Keyspace, as name: String) -> Schema.Keyspace {
        var keyspace = Schema.Keyspace(
            name: name,
            replication: replication(origin),
            durableWrites: origin.durableWrites
        )
        let takesAll = request.restore.filter.entries.allSatisfy { !$0.text.contains(".") }
        if live[keyspace: name] == nil, takesAll {
            (keyspace.functions, keyspace.aggregates) = (origin.functions, origin.aggregates)
            keyspace.types = origin.types
        }
        return keyspace
    }

    private func replication(_ origin: Schema.Keyspace) -> [String: String] {
        if let given = request.replication { return given }
        return Dictionary(
            origin.replication.map { key, value in (key == "class" ? key : request.datacenters[key] ?? key, value) },
            uniquingKeysWith: { first, _ in first }
        )
    }

    /// Adds the user types that columns need, and what those need; one that is there must be the same.
    private mutating func addTypes(of columns: [String], _ origin: Schema.Keyspace, _ made: inout Schema.Keyspace) {
        var pending = columns.flatMap { CQLType($0)?.userTypes ?? [] }
        var seen: Set<String> = []
        while let name = pending.popLast() {
            guard seen.insert(name).inserted, let type = origin.types.first(where: { $0.name == name }) else {
                continue
            }
            pending += type.neededTypes
            if !made.types.contains(type) { made.types.append(type) }
        }
    }
}
