// What one row of a table of `system_schema` says. Source: org.apache.cassandra.schema.SchemaKeyspace, 3.11 to 5.0.

extension Schema.UserType {
    init(_ row: CQLRow) throws(CassandraError) {
        self.init(
            name: try row.requiredText("type_name"),
            fields: try Schema.Field.fields(row, "field_names", "field_types")
        )
    }
}

extension Schema.Field {
    static func fields(
        _ row: CQLRow,
        _ names: String,
        _ types: String
    ) throws(CassandraError) -> [Schema.Field] {
        let (found, typed) = (try row.texts(names), try row.texts(types))
        guard found.count == typed.count else { throw row.unexpected(names) }
        return zip(found, typed).map { Schema.Field(name: $0, type: $1) }
    }
}

extension Schema.Function {
    init(_ row: CQLRow) throws(CassandraError) {
        self.init(
            name: try row.requiredText("function_name"),
            arguments: try Schema.Field.fields(row, "argument_names", "argument_types"),
            returnType: try row.requiredText("return_type"),
            language: try row.requiredText("language"),
            body: try row.requiredText("body"),
            isCalledOnNull: try row.boolean("called_on_null_input") ?? false
        )
    }

    static func precedes(_ left: Self, _ right: Self) -> Bool {
        if left.name != right.name { return left.name.precedes(right.name) }
        return left.arguments.map(\.type).joined(separator: ",").precedes(
            right.arguments.map(\.type).joined(separator: ",")
        )
    }
}

extension Schema.Aggregate {
    init(_ row: CQLRow) throws(CassandraError) {
        self.init(
            name: try row.requiredText("aggregate_name"),
            argumentTypes: try row.texts("argument_types"),
            stateFunction: try row.requiredText("state_func"),
            stateType: try row.requiredText("state_type"),
            finalFunction: try row.text("final_func"),
            initialCondition: try row.text("initcond"),
            returnType: try row.requiredText("return_type")
        )
    }

    static func precedes(_ left: Self, _ right: Self) -> Bool {
        if left.name != right.name { return left.name.precedes(right.name) }
        return left.argumentTypes.joined(separator: ",").precedes(right.argumentTypes.joined(separator: ","))
    }
}

extension Schema.Table {
    init(_ row: CQLRow) throws(CassandraError) {
        self.init(
            name: try row.requiredText("table_name"),
            id: try row.requiredText("id"),
            flags: try row.texts("flags").sorted { $0.precedes($1) },
            columns: [],
            options: try Schema.options(row, without: ["keyspace_name", "table_name", "id", "flags"])
        )
    }
}

extension Schema.View {
    init(_ row: CQLRow) throws(CassandraError) {
        self.init(
            name: try row.requiredText("view_name"),
            id: try row.requiredText("id"),
            baseTable: try row.requiredText("base_table_name"),
            baseTableID: try row.requiredText("base_table_id"),
            includesAllColumns: try row.boolean("include_all_columns") ?? false,
            whereClause: try row.requiredText("where_clause"),
            columns: [],
            options: try Schema.options(
                row,
                without: [
                    "keyspace_name", "view_name", "id", "base_table_name", "base_table_id", "include_all_columns",
                    "where_clause",
                ]
            )
        )
    }
}

extension Schema.Column {
    init(_ row: CQLRow) throws(CassandraError) {
        guard let kind = Kind(rawValue: try row.requiredText("kind")) else { throw row.unexpected("kind") }
        self.init(
            name: try row.requiredText("column_name"),
            type: try row.requiredText("type"),
            kind: kind,
            position: try row.integer("position") ?? -1,
            isDescending: try row.text("clustering_order") == "desc"
        )
    }

    /// The call behind `MASKED WITH`, from a row of `column_masks`.
    ///
    /// Values stand there as `AbstractType.getString` gives them. Source: `SchemaKeyspace`, 5.0.
    static func mask(_ row: CQLRow) throws(CassandraError) -> String {
        let keyspace = try row.requiredText("function_keyspace")
        let function = try row.requiredText("function_name")
        let values = try row.texts("function_argument_values")
        var nulls: [Bool] = []
        if case .list(let flags) = row["function_argument_nulls"] { nulls = flags.map { $0 == .boolean(true) } }
        let types = try row.texts("function_argument_types")
        let arguments = values.enumerated().map { index, value -> String in
            if index < nulls.count, nulls[index] { return "null" }
            switch index < types.count ? types[index] : "" {
            case "text", "varchar", "ascii", "timestamp", "date", "time", "inet": return CQLText.literal(value)
            case "blob": return value.hasPrefix("0x") ? value : "0x" + value
            default: return value
            }
        }
        return "\(CQLText.name(keyspace, function))(\(arguments.joined(separator: ", ")))"
    }

    static func precedes(_ left: Self, _ right: Self) -> Bool {
        if left.kind.rank != right.kind.rank { return left.kind.rank < right.kind.rank }
        if left.position != right.position { return left.position < right.position }
        return left.name.precedes(right.name)
    }
}

extension Schema.Column.Kind {
    fileprivate var rank: Int {
        switch self {
        case .partitionKey: 0
        case .clustering: 1
        case .static: 2
        case .regular: 3
        }
    }
}

extension Schema.DroppedColumn {
    init(_ row: CQLRow) throws(CassandraError) {
        let text = try row.requiredText("dropped_time")
        guard let milliseconds = CQLMoment.milliseconds(text), let dropped = Int64(exactly: milliseconds * 1000) else {
            throw row.unexpected("dropped_time")
        }
        self.init(
            name: try row.requiredText("column_name"),
            type: try row.requiredText("type"),
            isStatic: try row.text("kind") == "static",
            dropped: dropped
        )
    }
}

extension Schema.Index {
    init(_ row: CQLRow) throws(CassandraError) {
        self.init(
            name: try row.requiredText("index_name"),
            kind: try row.requiredText("kind"),
            options: try row.textMap("options")
        )
    }
}

extension Schema.Trigger {
    init(_ row: CQLRow) throws(CassandraError) {
        guard let name = try row.textMap("options")["class"] else { throw row.unexpected("options") }
        self.init(name: try row.requiredText("trigger_name"), className: name)
    }
}

extension Schema {
    /// Options as CQL, by name.
    ///
    /// Null is the server's default, and left out, as are the extensions where there are none, and those of releases up
    /// to 3.11 that later ones carry along.
    static func options(_ row: CQLRow, without others: Set<String>) throws(CassandraError) -> [String: String] {
        var options: [String: String] = [:]
        let isLater = row["read_repair"] != .null
        for (name, value) in row.columns where !others.contains(name) {
            if isLater, name == "read_repair_chance" || name == "dclocal_read_repair_chance" { continue }
            switch value {
            case .null: continue
            case .text(let text): options[name] = CQLText.literal(text)
            case .number(let digits): options[name] = digits
            case .boolean(let flag): options[name] = flag ? "true" : "false"
            case .map:
                let values = try row.textMap(name)
                if name == "extensions" {
                    // Blobs, which stand in CQL as they stand in JSON, but without quotes.
                    let pairs = values.keys.sorted { $0.precedes($1) }
                        .map { "\(CQLText.literal($0)): \(values[$0] ?? "")" }
                    if !pairs.isEmpty { options[name] = "{\(pairs.joined(separator: ", "))}" }
                } else {
                    options[name] = CQLText.map(values, first: "class")
                }
            case .list: throw row.unexpected(name)
            }
        }
        return options
    }
}
