/// Reads the statements that make tables, as Cassandra writes them into `schema.cql` of a snapshot.
///
/// Types, tables, dropped columns, indexes, views and keyspaces; other statements are passed over. Statements may come in
/// any order but that a table stands before what alters it.
struct SchemaParser {
    private var keyspaces: [String: Schema.Keyspace] = [:]

    /// - Throws: `CassandraError` with code `.corrupt`, naming the statement that cannot be read.
    static func schema(of text: String) throws(CassandraError) -> Schema {
        guard let tokens = CQLTokens(text) else {
            throw CassandraError(.corrupt, "read", "a schema", "a quote or a comment has no end")
        }
        var parser = SchemaParser()
        for statement in tokens.statements {
            var cursor = CQLCursor(statement)
            guard parser.take(&cursor) != nil else {
                let text = statement.prefix(12).map(\.text).joined(separator: " ")
                throw CassandraError(.corrupt, "read", "the statement \(text) …", "it is not as Cassandra writes it")
            }
        }
        let keyspaces = parser.keyspaces.values.map { $0.sorted }.sorted { $0.name.precedes($1.name) }
        return Schema(keyspaces: keyspaces)
    }

    /// Nil for a statement that should be understood and is not.
    private mutating func take(_ cursor: inout CQLCursor) -> Void? {
        if cursor.take("alter") { return cursor.take("table") ? alter(&cursor) : () }
        guard cursor.take("create") else { return () }
        let isCustom = cursor.take("custom")
        if cursor.take("keyspace") { return keyspace(&cursor) }
        if cursor.take("type") { return type(&cursor) }
        if cursor.take("table") || cursor.take("columnfamily") { return table(&cursor) }
        if cursor.take("index") { return index(&cursor, isCustom: isCustom) }
        if cursor.take("materialized") { return cursor.take("view") ? view(&cursor) : nil }
        return ()
    }

    private mutating func change(_ keyspace: String, _ body: (inout Schema.Keyspace) -> Void) {
        // A table's own schema.cql does not say how its keyspace is replicated.
        body(&keyspaces[keyspace, default: Schema.Keyspace(name: keyspace, replication: [:])])
    }

    private mutating func keyspace(_ cursor: inout CQLCursor) -> Void? {
        cursor.skipCondition()
        guard let name = cursor.name(), let properties = SchemaProperties(&cursor) else { return nil }
        change(name) {
            $0.replication = properties.maps["replication"] ?? [:]
            $0.durableWrites = properties.options["durable_writes"] != "false"
        }
        return ()
    }

    private mutating func type(_ cursor: inout CQLCursor) -> Void? {
        cursor.skipCondition()
        guard let (keyspace, name) = cursor.qualifiedName(), cursor.take(symbol: "(") else { return nil }
        var fields: [Schema.Field] = []
        repeat {
            guard let field = cursor.name(), let type = cursor.type() else { return nil }
            fields.append(Schema.Field(name: field, type: type.description))
        } while cursor.take(symbol: ",")
        guard cursor.take(symbol: ")") else { return nil }
        change(keyspace) { keyspace in
            // Each table's own schema.cql has the types that it needs.
            guard !keyspace.types.contains(where: { $0.name == name }) else { return }
            keyspace.types.append(Schema.UserType(name: name, fields: fields))
        }
        return ()
    }

    private mutating func table(_ cursor: inout CQLCursor) -> Void? {
        cursor.skipCondition()
        guard let (keyspace, name) = cursor.qualifiedName(), cursor.take(symbol: "(") else { return nil }
        var columns: [Schema.Column] = []
        var key: (partition: [String], clustering: [String])?
        repeat {
            if cursor.isAtPrimaryKey {
                cursor.skip(2)
                key = cursor.primaryKey()
                if key == nil { return nil }
                continue
            }
            guard var column = cursor.column() else { return nil }
            if cursor.isAtPrimaryKey {
                cursor.skip(2)
                key = ([column.name], [])
            }
            if cursor.take("masked") { column.mask = cursor.mask() }
            columns.append(column)
        } while cursor.take(symbol: ",")
        guard cursor.take(symbol: ")"), let properties = SchemaProperties(&cursor), let key else { return nil }
        var table = Schema.Table(
            name: name,
            id: properties.id ?? "",
            flags: Self.flags(columns, key.clustering, isCompact: properties.isCompact),
            columns: Self.placed(columns, key, properties.descending),
            options: properties.options
        )
        if properties.isCompact, key.clustering.isEmpty {
            for index in table.columns.indices where table.columns[index].kind == .regular {
                table.columns[index].kind = .static
            }
        }
        change(keyspace) { $0.tables.append(table) }
        return ()
    }

    private static func flags(_ columns: [Schema.Column], _ clustering: [String], isCompact: Bool) -> [String] {
        var flags: [String] = []
        if !isCompact || clustering.count > 1 { flags.append("compound") }
        if columns.contains(where: { $0.type == "counter" }) { flags.append("counter") }
        if isCompact, !clustering.isEmpty { flags.append("dense") }
        return flags
    }

    /// Columns with their kinds and positions, in the model's order.
    private static func placed(
        _ columns: [Schema.Column],
        _ key: (partition: [String], clustering: [String]),
        _ descending: Set<String>
    ) -> [Schema.Column] {
        columns.map { column in
            var column = column
            if let position = key.partition.firstIndex(of: column.name) {
                (column.kind, column.position) = (.partitionKey, position)
            } else if let position = key.clustering.firstIndex(of: column.name) {
                (column.kind, column.position) = (.clustering, position)
                column.isDescending = descending.contains(column.name)
            }
            return column
        }
        .sorted(by: Schema.Column.precedes)
    }

    /// `ALTER TABLE … DROP … USING TIMESTAMP …` and `… ADD …`.
    private mutating func alter(_ cursor: inout CQLCursor) -> Void? {
        cursor.skipCondition()
        guard let (keyspace, name) = cursor.qualifiedName(), let own = keyspaces[keyspace],
            let index = own.tables.firstIndex(where: { $0.name == name })
        else { return nil }
        var table = own.tables[index]
        if cursor.take("drop") {
            guard let column = cursor.name(), let place = table.columns.firstIndex(where: { $0.name == column }),
                cursor.take("using"), cursor.take("timestamp"), let dropped = cursor.integer()
            else { return nil }
            let removed = table.columns.remove(at: place)
            table.droppedColumns.append(
                Schema.DroppedColumn(
                    name: column,
                    type: removed.type,
                    isStatic: removed.kind == .static,
                    dropped: dropped
                )
            )
        } else if cursor.take("add") {
            guard let column = cursor.column() else { return nil }
            table.columns.append(column)
            table.columns.sort(by: Schema.Column.precedes)
        }
        change(keyspace) { $0.tables[index] = table }
        return ()
    }

    private mutating func index(_ cursor: inout CQLCursor, isCustom: Bool) -> Void? {
        cursor.skipCondition()
        guard let name = cursor.name(), cursor.take("on"), let (keyspace, table) = cursor.qualifiedName(),
            let target = cursor.parenthesized()
        else { return nil }
        var options = ["target": target]
        if cursor.take("using") {
            guard let className = cursor.literal() else { return nil }
            if isCustom { options["class_name"] = className }
        }
        if cursor.take("with") {
            guard cursor.take("options"), cursor.take(symbol: "="), let own = cursor.map() else { return nil }
            options.merge(own) { first, _ in first }
        }
        change(keyspace) { keyspace in
            guard let place = keyspace.tables.firstIndex(where: { $0.name == table }) else { return }
            keyspace.tables[place].indexes.append(
                Schema.Index(name: name, kind: isCustom ? "CUSTOM" : "COMPOSITES", options: options)
            )
        }
        return ()
    }

    /// Columns have no types here: they are the base table's.
    private mutating func view(_ cursor: inout CQLCursor) -> Void? {
        cursor.skipCondition()
        guard let (keyspace, name) = cursor.qualifiedName(), cursor.take("as"), cursor.take("select") else {
            return nil
        }
        let isAll = cursor.take(symbol: "*")
        var names: [String] = []
        if !isAll {
            repeat {
                guard let column = cursor.name() else { return nil }
                names.append(column)
            } while cursor.take(symbol: ",")
        }
        guard cursor.take("from"), let (_, base) = cursor.qualifiedName(), cursor.take("where") else { return nil }
        let whereClause = cursor.textUntilPrimaryKey()
        guard cursor.isAtPrimaryKey else { return nil }
        cursor.skip(2)
        guard let key = cursor.primaryKey(), let properties = SchemaProperties(&cursor) else { return nil }
        for column in key.partition + key.clustering where !names.contains(column) { names.append(column) }
        let columns = names.map { Schema.Column(name: $0, type: "", kind: .regular) }
        let view = Schema.View(
            name: name,
            id: properties.id ?? "",
            baseTable: base,
            baseTableID: "",
            includesAllColumns: isAll,
            whereClause: whereClause,
            columns: Self.placed(columns, key, properties.descending),
            options: properties.options
        )
        change(keyspace) { $0.views.append(view) }
        return ()
    }
}

extension Schema.Keyspace {
    /// In the model's order, by name.
    fileprivate var sorted: Self {
        var keyspace = self
        keyspace.types.sort { $0.name.precedes($1.name) }
        keyspace.tables.sort { $0.name.precedes($1.name) }
        keyspace.views.sort { $0.name.precedes($1.name) }
        for index in keyspace.tables.indices {
            keyspace.tables[index].indexes.sort { $0.name.precedes($1.name) }
            keyspace.tables[index].droppedColumns.sort { $0.name.precedes($1.name) }
        }
        return keyspace
    }
}

extension Schema {
    /// What statements make: a snapshot's `schema.cql`, or those of a whole schema.
    ///
    /// Of views only names and keys are known, and of keyspaces that no statement makes only the name.
    ///
    /// - Throws: `CassandraError` with code `.corrupt`, naming the statement that cannot be read.
    package init(parsing text: String) throws(CassandraError) {
        self = try SchemaParser.schema(of: text)
    }
}
