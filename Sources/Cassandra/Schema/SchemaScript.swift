/// The statements that make a backup's tables on a cluster that lacks them, under the names that they are to have.
///
/// What is there is left as it is: an existing keyspace, type or table gets no statement, but an existing table those
/// indexes that it lacks.
package struct SchemaScript: Sendable {
    /// What is made otherwise than the backup has it.
    package struct Changes: Sendable, Hashable {
        /// Names of datacenters in the backup, and what they are called here.
        package var datacenters: [String: String] = [:]
        /// Replication by keyspace as it is called here, `class` and its options; the empty name: of all.
        package var replication: [String: [String: String]] = [:]
        /// Whether tables get the ids that they had; those of another name or keyspace never do.
        package var keepsIDs = true

        package init() {}
    }

    private let backup: Schema
    private let live: Schema
    private let changes: Changes
    private let release: ReleaseVersion?
    /// Datacenters of the ring, if they are known.
    private let datacenters: Set<String>?
    /// What is to be made, by keyspace as it is called here.
    private var wanted: [String: Schema.Keyspace] = [:]
    /// Tables of `wanted` whose ids are to be kept.
    private var keepsIDs: Set<TableName> = []
    /// Of tables that are there: indexes that they lack, and columns that are to come back.
    private var remaining: [SchemaStatement] = []
    private var unmade: [String] = []

    /// - Parameters:
    ///   - release: the node's that is to carry them out.
    ///   - datacenters: of the ring; nil: not known.
    package init(
        from backup: Schema,
        to live: Schema,
        _ changes: Changes = Changes(),
        release: ReleaseVersion? = nil,
        datacenters: Set<String>? = nil
    ) {
        self.backup = backup
        self.live = live
        self.changes = changes
        self.release = release
        self.datacenters = datacenters
    }

    /// Why the statements would not do: tables that cannot be made, and replication to datacenters that are not there.
    package var problems: [String] { unmade + replicationProblems }

    /// In the order in which they need each other.
    package var statements: [SchemaStatement] {
        let keyspaces = wanted.values.sorted { $0.name.precedes($1.name) }
        var statements: [SchemaStatement] = []
        for keyspace in keyspaces where live[keyspace: keyspace.name] == nil {
            statements.append(keyspace.statement(style(keepsIDs: false)))
        }
        for keyspace in keyspaces { statements += keyspace.codeStatements(style(keepsIDs: false)) }
        for keyspace in keyspaces {
            for table in keyspace.tables {
                let name = TableName(keyspace: keyspace.name, name: table.name)
                statements += table.statements(in: keyspace.name, style(keepsIDs: keepsIDs.contains(name)))
            }
        }
        statements += remaining
        for keyspace in keyspaces {
            for view in keyspace.views {
                let name = TableName(keyspace: keyspace.name, name: view.name)
                statements.append(view.statement(in: keyspace.name, style(keepsIDs: keepsIDs.contains(name))))
            }
            for table in keyspace.tables {
                statements += table.triggers.map { $0.statement(of: table, in: keyspace.name, style(keepsIDs: false)) }
            }
        }
        return statements
    }

    private func style(keepsIDs: Bool) -> SchemaStyle {
        SchemaStyle(includesIDs: keepsIDs, skipsExisting: true, release: release)
    }

    /// Adds what a table or view needs that is not there.
    ///
    /// - Parameters:
    ///   - table: of the backup.
    ///   - target: what it is to be called here.
    ///   - isUnfinished: whether an earlier script was ended while it made the table: then the rest of it is added.
    package mutating func add(_ table: TableName, as target: TableName, isUnfinished: Bool = false) {
        guard let origin = backup[keyspace: table.keyspace] else {
            unmade.append("the backup's schema has no keyspace \(table.keyspace)")
            return
        }
        let there = live.table(target.keyspace, target.name)
        if let definition = origin.table(table.name) {
            if let there, !isUnfinished { return addIndexes(of: definition, to: there, in: target.keyspace) }
            add(definition, there, origin, table, target)
        } else if let view = origin.views.first(where: { $0.name == table.name }) {
            guard live.view(target.keyspace, target.name) == nil else { return }
            guard table.name == target.name else {
                unmade.append(
                    "\(table) is a view, which cannot be made as \(target): make a table of that name by hand"
                )
                return
            }
            change(origin, target.keyspace) { $0.views.append(view) }
            if table == target, changes.keepsIDs { keepsIDs.insert(target) }
        } else {
            unmade.append("the backup's schema has no table \(table)")
        }
    }

    private mutating func add(
        _ definition: Schema.Table,
        _ there: Schema.Table?,
        _ origin: Schema.Keyspace,
        _ table: TableName,
        _ target: TableName
    ) {
        guard !definition.isBeyondCQL else {
            unmade.append("\(table) has super columns, which no statement makes")
            return
        }
        var definition = definition
        definition.name = target.name
        if let there {
            // What has been done already, but for the table itself.
            for column in definition.droppedColumns where there.droppedColumns.contains(column) {
                guard let again = definition.column(column.name), there.column(column.name) == nil else { continue }
                remaining.append(definition.addition(of: again, in: target.keyspace))
            }
            definition.droppedColumns.removeAll { there.droppedColumns.contains($0) }
        }
        if table.keyspace == target.keyspace, table.name != target.name {
            // Names of indexes are the keyspace's.
            for index in definition.indexes.indices {
                definition.indexes[index].name = "\(target.name)_\(definition.indexes[index].name)"
            }
        }
        let types = definition.columns.map(\.type) + definition.droppedColumns.map(\.type)
        let standing = Set(live[keyspace: target.keyspace]?.types.map(\.name) ?? [])
        let needed = Self.types(types, of: origin).filter { !standing.contains($0.name) }
        change(origin, target.keyspace) { keyspace in
            for type in needed where !keyspace.types.contains(type) { keyspace.types.append(type) }
            keyspace.tables.append(definition)
        }
        if table == target, changes.keepsIDs { keepsIDs.insert(target) }
    }

    private mutating func addIndexes(of table: Schema.Table, to there: Schema.Table, in keyspace: String) {
        for index in table.indexes where !there.indexes.contains(where: { $0.target == index.target }) {
            remaining.append(index.statement(of: there, in: keyspace, style(keepsIDs: false)))
        }
    }

    /// The keyspace as it is called here, with nothing in it but, if it is missing, the backup's code.
    private mutating func change(_ origin: Schema.Keyspace, _ name: String, _ body: (inout Schema.Keyspace) -> Void) {
        var keyspace =
            wanted[name]
            ?? Schema.Keyspace(
                name: name,
                replication: replication(origin, name),
                durableWrites: origin.durableWrites
            )
        if wanted[name] == nil, live[keyspace: name] == nil {
            (keyspace.types, keyspace.functions, keyspace.aggregates) =
                (origin.types, origin.functions, origin.aggregates)
        }
        body(&keyspace)
        wanted[name] = keyspace
    }

    /// The user types that columns are of, and those that these need.
    private static func types(_ columns: [String], of origin: Schema.Keyspace) -> [Schema.UserType] {
        var pending = columns.flatMap { CQLType($0)?.userTypes ?? [] }
        var seen: Set<String> = []
        var types: [Schema.UserType] = []
        while let name = pending.popLast() {
            guard seen.insert(name).inserted, let type = origin.types.first(where: { $0.name == name }) else {
                continue
            }
            pending += type.neededTypes
            types.append(type)
        }
        return types.sorted { $0.name.precedes($1.name) }
    }

    // MARK: Replication

    private func replication(_ origin: Schema.Keyspace, _ name: String) -> [String: String] {
        if let given = changes.replication[name] ?? changes.replication[""] { return given }
        var replication: [String: String] = [:]
        for (key, value) in origin.replication {
            replication[Self.isDatacenter(key) ? changes.datacenters[key] ?? key : key] = value
        }
        return replication
    }

    private static func isDatacenter(_ option: String) -> Bool { option != "class" && option != "replication_factor" }

    private var replicationProblems: [String] {
        var problems: [String] = []
        for keyspace in wanted.values.sorted(by: { $0.name.precedes($1.name) })
        where live[keyspace: keyspace.name] == nil {
            if keyspace.replication["class"] == nil {
                problems.append(
                    "nothing says how keyspace \(keyspace.name) is replicated: --replication \(keyspace.name)=…"
                )
            }
            guard let datacenters else { continue }
            let unknown = keyspace.replication.keys.filter { Self.isDatacenter($0) && !datacenters.contains($0) }
            for name in unknown.sorted(by: { $0.precedes($1) }) {
                problems.append(
                    "keyspace \(keyspace.name) is replicated to datacenter \(name), which this ring has not (it has "
                        + "\(datacenters.sorted { $0.precedes($1) }.joined(separator: ", "))): --map-dc \(name)=…"
                )
            }
        }
        let targets = changes.datacenters.values.sorted { $0.precedes($1) }
        for (name, next) in zip(targets, targets.dropFirst()) where name == next {
            problems.append("two datacenters are to be called \(name)")
        }
        return problems
    }
}
