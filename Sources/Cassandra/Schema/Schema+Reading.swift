extension Schema {
    /// What is asked for; `system.local` first and last, to see whether the schema changed meanwhile.
    private static let tables = [
        "keyspaces", "types", "functions", "aggregates", "tables", "columns", "dropped_columns", "indexes", "triggers",
        "views",
    ]
    private static let localSelect = "SELECT JSON release_version, schema_version FROM system.local"
    /// Of 5.0 and later.
    private static let masksSelect = "SELECT JSON * FROM system_schema.column_masks"

    /// Reads the schema from `system_schema`, which every release since 3.0 has alike.
    ///
    /// - Parameter attempts: readings, if the schema changes while it is read.
    /// - Throws: `CassandraError`: `.changing` if it would not hold still, `.malformed`, and what the session throws.
    package static func read(
        from session: some CQLSession,
        attempts: Int = 5
    ) async throws(CassandraError) -> Schema {
        let selects = [localSelect] + tables.map { "SELECT JSON * FROM system_schema.\($0)" } + [localSelect]
        for _ in 0..<attempts {
            let answers = try await session.rows(selects)
            guard answers.count == selects.count, let before = answers.first?.first, let after = answers.last?.first
            else { throw CassandraError(.malformed, "read", "the schema", "system.local has no row") }
            guard before == after else { continue }
            var rows = SchemaRows()
            rows.release = try before.requiredText("release_version")
            rows.version = try before.text("schema_version")
            for (name, answer) in zip(tables, answers.dropFirst()) { rows.tables[name] = answer }
            if ReleaseVersion(rows.release)?.isAtLeast(5, 0) == true {
                let more = try await session.rows([masksSelect, localSelect])
                guard more.count == 2, more[1].first == before else { continue }
                rows.tables["column_masks"] = more[0]
            }
            return try rows.schema()
        }
        throw CassandraError(.changing, "read", "the schema", "it changed during each of \(attempts) readings")
    }
}

/// Rows of `system_schema`, by table, and what they say together.
struct SchemaRows {
    var release = ""
    var version: String?
    var tables: [String: [CQLRow]] = [:]

    /// What belongs to one keyspace or table: rows by `keyspace_name`, or by it and another column.
    private struct Index {
        private var rows: [[String]: [CQLRow]] = [:]

        init(_ rows: [CQLRow], by columns: [String]) throws(CassandraError) {
            for row in rows {
                var key: [String] = []
                for column in columns { key.append(try row.requiredText(column)) }
                self.rows[key, default: []].append(row)
            }
        }

        subscript(key: String...) -> [CQLRow] { rows[key] ?? [] }
    }

    func schema() throws(CassandraError) -> Schema {
        let types = try index("types", by: "keyspace_name")
        let functions = try index("functions", by: "keyspace_name")
        let aggregates = try index("aggregates", by: "keyspace_name")
        let tables = try index("tables", by: "keyspace_name")
        let views = try index("views", by: "keyspace_name")
        let columns = try index("columns", by: "keyspace_name", "table_name")
        let dropped = try index("dropped_columns", by: "keyspace_name", "table_name")
        let indexes = try index("indexes", by: "keyspace_name", "table_name")
        let triggers = try index("triggers", by: "keyspace_name", "table_name")
        let masks = try index("column_masks", by: "keyspace_name", "table_name")
        var schema = Schema(version: version, releaseVersion: release)
        for row in self.tables["keyspaces"] ?? [] {
            let name = try row.requiredText("keyspace_name")
            var keyspace = Schema.Keyspace(
                name: name,
                replication: try row.textMap("replication"),
                durableWrites: try row.boolean("durable_writes") ?? true
            )
            keyspace.types = try types[name].mapped(Schema.UserType.init).sorted { $0.name.precedes($1.name) }
            keyspace.functions = try functions[name].mapped(Schema.Function.init).sorted(by: Schema.Function.precedes)
            keyspace.aggregates = try aggregates[name].mapped(Schema.Aggregate.init).sorted(
                by: Schema.Aggregate.precedes
            )
            for row in tables[name] {
                var table = try Schema.Table(row)
                table.columns = try Self.columns(columns[name, table.name], masks[name, table.name])
                table.droppedColumns = try dropped[name, table.name].mapped(Schema.DroppedColumn.init)
                    .sorted { $0.name.precedes($1.name) }
                table.indexes = try indexes[name, table.name].mapped(Schema.Index.init)
                    .sorted { $0.name.precedes($1.name) }
                table.triggers = try triggers[name, table.name].mapped(Schema.Trigger.init)
                    .sorted { $0.name.precedes($1.name) }
                keyspace.tables.append(table)
            }
            keyspace.tables.sort { $0.name.precedes($1.name) }
            for row in views[name] {
                var view = try Schema.View(row)
                view.columns = try Self.columns(columns[name, view.name], masks[name, view.name])
                keyspace.views.append(view)
            }
            keyspace.views.sort { $0.name.precedes($1.name) }
            schema.keyspaces.append(keyspace)
        }
        schema.keyspaces.sort { $0.name.precedes($1.name) }
        return schema
    }

    private func index(_ table: String, by columns: String...) throws(CassandraError) -> Index {
        try Index(tables[table] ?? [], by: columns)
    }

    private static func columns(_ rows: [CQLRow], _ masks: [CQLRow]) throws(CassandraError) -> [Schema.Column] {
        var columns = try rows.mapped(Schema.Column.init)
        for row in masks {
            let name = try row.requiredText("column_name")
            guard let index = columns.firstIndex(where: { $0.name == name }) else { continue }
            columns[index].mask = try Schema.Column.mask(row)
        }
        return columns.sorted(by: Schema.Column.precedes)
    }
}

extension [CQLRow] {
    /// `map` loses the type of what is thrown by an initializer.
    fileprivate func mapped<Value>(
        _ value: (CQLRow) throws(CassandraError) -> Value
    ) throws(CassandraError) -> [Value] {
        var values: [Value] = []
        for row in self { values.append(try value(row)) }
        return values
    }
}
