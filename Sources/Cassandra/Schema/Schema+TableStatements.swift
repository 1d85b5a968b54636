extension Schema.Table {
    /// The table, its dropped columns, and its indexes.
    ///
    /// A column that was dropped is made with the table and dropped again, with the moment it was: so Cassandra's own
    /// schema.cql does it, and so the server knows what to leave out when it reads SSTables that still hold it.
    package func statements(in keyspace: String, _ style: SchemaStyle) -> [SchemaStatement] {
        [statement(in: keyspace, style)] + dropStatements(in: keyspace)
            + indexes.map { $0.statement(of: self, in: keyspace, style) }
    }

    package func statement(in keyspace: String, _ style: SchemaStyle) -> SchemaStatement {
        let keys = columns.filter { $0.kind == .partitionKey }
        let clustering = shownColumns.filter { $0.kind == .clustering }
        var lines: [String] = []
        let isSimple = keys.count == 1 && clustering.isEmpty
        for column in shownColumns {
            lines.append(column.definition + (isSimple && column.kind == .partitionKey ? " PRIMARY KEY" : ""))
        }
        for column in droppedColumns where self.column(column.name) == nil {
            lines.append("\(CQLText.name(column.name)) \(column.type)\(column.isStatic ? " static" : "")")
        }
        if !isSimple { lines.append("PRIMARY KEY (\(Schema.Column.key(keys, clustering)))") }
        var properties: [String] = []
        if style.includesIDs { properties.append("ID = \(id)") }
        if !clustering.isEmpty { properties.append(Schema.Column.order(clustering)) }
        if isCompact { properties.append("COMPACT STORAGE") }
        properties += Schema.properties(style.known(options))
        var text = "CREATE TABLE \(style.condition)\(CQLText.name(keyspace, name)) (\n"
        text += lines.map { "    \($0)" }.joined(separator: ",\n") + "\n)"
        if !properties.isEmpty { text += " WITH " + properties.joined(separator: "\n    AND ") }
        return SchemaStatement(kind: .table, keyspace: keyspace, name: name, text: text)
    }

    /// One column that was dropped and came back needs two.
    private func dropStatements(in keyspace: String) -> [SchemaStatement] {
        var statements: [SchemaStatement] = []
        for column in droppedColumns {
            let text =
                "ALTER TABLE \(CQLText.name(keyspace, name)) DROP \(CQLText.name(column.name)) USING TIMESTAMP "
                + "\(column.dropped)"
            statements.append(SchemaStatement(kind: .droppedColumn, keyspace: keyspace, name: name, text: text))
            if let again = self.column(column.name) { statements.append(addition(of: again, in: keyspace)) }
        }
        return statements
    }

    /// Adds a column to the table.
    func addition(of column: Schema.Column, in keyspace: String) -> SchemaStatement {
        let text = "ALTER TABLE \(CQLText.name(keyspace, name)) ADD \(column.definition)"
        return SchemaStatement(kind: .droppedColumn, keyspace: keyspace, name: name, text: text)
    }

    /// Columns that CQL shows; a table with COMPACT STORAGE has others that it hides.
    ///
    /// Without clustering columns the values stand in static columns, beside a clustering one and a value that were
    /// Thrift's; with them, a table without values has one of the type `empty`. Source: `TableMetadata.appendCqlTo`
    /// and `CompactTableMetadata`, org.apache.cassandra.schema, 4.0.
    var shownColumns: [Schema.Column] {
        guard isCompact else { return columns }
        if isStaticCompact {
            return columns.filter { $0.kind == .partitionKey || $0.kind == .static }.map { column in
                var shown = column
                if column.kind == .static { shown.kind = .regular }
                return shown
            }
        }
        return columns.filter { $0.kind != .regular || $0.type != "empty" }
    }

    private var isStaticCompact: Bool {
        !flags.contains("dense") && !flags.contains("super") && !flags.contains("compound")
    }

    /// Whether it comes from Thrift's super columns, which no CREATE TABLE makes.
    package var isBeyondCQL: Bool { flags.contains("super") }
}

extension Schema.Column {
    /// `name type [static] [MASKED WITH …]`.
    var definition: String {
        var text = "\(CQLText.name(name)) \(type)"
        if kind == .static { text += " static" }
        if let mask { text += " MASKED WITH \(mask)" }
        return text
    }

    static func key(_ partition: [Self], _ clustering: [Self]) -> String {
        let names = partition.map { CQLText.name($0.name) }.joined(separator: ", ")
        let first = partition.count > 1 ? "(\(names))" : names
        return ([first] + clustering.map { CQLText.name($0.name) }).joined(separator: ", ")
    }

    static func order(_ clustering: [Self]) -> String {
        let columns = clustering.map { "\(CQLText.name($0.name)) \($0.isDescending ? "DESC" : "ASC")" }
        return "CLUSTERING ORDER BY (\(columns.joined(separator: ", ")))"
    }
}

extension Schema {
    /// `name = value`, ascending by name.
    static func properties(_ options: [String: String]) -> [String] {
        options.keys.sorted { $0.precedes($1) }.map { "\($0) = \(options[$0] ?? "")" }
    }
}

extension Schema.Index {
    package func statement(of table: Schema.Table, in keyspace: String, _ style: SchemaStyle) -> SchemaStatement {
        let place = "ON \(CQLText.name(keyspace, table.name)) (\(target))"
        var text = "CREATE \(className == nil ? "" : "CUSTOM ")INDEX \(style.condition)\(CQLText.name(name)) \(place)"
        if let className {
            text += " USING \(CQLText.literal(className))"
            let own = options.filter { $0.key != "target" && $0.key != "class_name" }
            if !own.isEmpty { text += " WITH OPTIONS = \(CQLText.map(own))" }
        } else if style.release?.isAtLeast(5, 0) == true {
            // Otherwise the node's `default_secondary_index` says which kind it becomes.
            text += " USING 'legacy_local_table'"
        }
        return SchemaStatement(kind: .index, keyspace: keyspace, name: name, text: text)
    }

    /// What it is on, as CQL: `customer`, `values(tags)`.
    package var target: String { options["target"] ?? "" }
    /// Of a custom index.
    package var className: String? { options["class_name"] }
}

extension Schema.View {
    package func statement(in keyspace: String, _ style: SchemaStyle) -> SchemaStatement {
        let keys = columns.filter { $0.kind == .partitionKey }
        let clustering = columns.filter { $0.kind == .clustering }
        let selected = includesAllColumns ? "*" : columns.map { CQLText.name($0.name) }.joined(separator: ", ")
        var properties: [String] = []
        if style.includesIDs { properties.append("ID = \(id)") }
        if !clustering.isEmpty { properties.append(Schema.Column.order(clustering)) }
        // A view's rows live as long as the table's: since 4.0 the option is refused.
        properties += Schema.properties(style.known(options).filter { $0.key != "default_time_to_live" })
        var text = """
            CREATE MATERIALIZED VIEW \(style.condition)\(CQLText.name(keyspace, name)) AS
                SELECT \(selected)
                FROM \(CQLText.name(keyspace, baseTable))
                WHERE \(whereClause)
                PRIMARY KEY (\(Schema.Column.key(keys, clustering)))
            """
        if !properties.isEmpty { text += "\n    WITH " + properties.joined(separator: "\n    AND ") }
        return SchemaStatement(kind: .view, keyspace: keyspace, name: name, text: text)
    }
}

extension Schema.Trigger {
    package func statement(of table: Schema.Table, in keyspace: String, _ style: SchemaStyle) -> SchemaStatement {
        let text =
            "CREATE TRIGGER \(style.condition)\(CQLText.name(name)) ON \(CQLText.name(keyspace, table.name)) "
            + "USING \(CQLText.literal(className))"
        return SchemaStatement(kind: .trigger, keyspace: keyspace, name: name, text: text)
    }
}
