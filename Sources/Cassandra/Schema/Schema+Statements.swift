extension Schema {
    /// The statements that make this schema, each behind those it needs; system keyspaces are left out.
    package func statements(_ style: SchemaStyle = SchemaStyle()) -> [SchemaStatement] {
        let own = keyspaces.filter { !Self.isSystem($0.name) }
        var statements = own.map { $0.statement(style) }
        for keyspace in own { statements += keyspace.codeStatements(style) }
        for keyspace in own {
            for table in keyspace.tables { statements += table.statements(in: keyspace.name, style) }
            for view in keyspace.views { statements.append(view.statement(in: keyspace.name, style)) }
            for table in keyspace.tables {
                statements += table.triggers.map { $0.statement(of: table, in: keyspace.name, style) }
            }
        }
        return statements
    }

    /// All of it as text, for people and for cqlsh.
    package func script(_ style: SchemaStyle = SchemaStyle()) -> String {
        statements(style).map { $0.text + ";\n" }.joined(separator: "\n")
    }
}

extension Schema.Keyspace {
    /// Makes the keyspace, with nothing in it.
    package func statement(_ style: SchemaStyle) -> SchemaStatement {
        var replication = replication
        let package = "org.apache.cassandra.locator."
        if let name = replication["class"], name.hasPrefix(package) {
            replication["class"] = String(name.dropFirst(package.utf8.count))
        }
        let text =
            "CREATE KEYSPACE \(style.condition)\(CQLText.name(name)) WITH replication = "
            + "\(CQLText.map(replication, first: "class")) AND durable_writes = \(durableWrites)"
        return SchemaStatement(kind: .keyspace, keyspace: name, name: name, text: text)
    }

    /// Types, functions and aggregates, in the order that they need each other.
    package func codeStatements(_ style: SchemaStyle) -> [SchemaStatement] {
        Schema.UserType.inOrder(types).map { $0.statement(in: name, style) }
            + functions.map { $0.statement(in: name, style) }
            + aggregates.map { $0.statement(in: name, style) }
    }
}

extension Schema.UserType {
    /// Each type behind those that its fields are of; otherwise as they come.
    package static func inOrder(_ types: [Schema.UserType]) -> [Schema.UserType] {
        let all = Dictionary(types.map { ($0.name, $0) }) { first, _ in first }
        var seen: Set<String> = []
        var ordered: [Schema.UserType] = []
        func add(_ type: Schema.UserType) {
            guard seen.insert(type.name).inserted else { return }
            for needed in type.neededTypes.sorted(by: { $0.precedes($1) }) {
                if let needed = all[needed] { add(needed) }
            }
            ordered.append(type)
        }
        for type in types { add(type) }
        return ordered
    }

    /// Names of the user types that its fields are of.
    package var neededTypes: Set<String> {
        fields.reduce(into: []) { $0.formUnion(CQLType($1.type)?.userTypes ?? []) }
    }

    package func statement(in keyspace: String, _ style: SchemaStyle) -> SchemaStatement {
        let fields = fields.map { "    \(CQLText.name($0.name)) \($0.type)" }.joined(separator: ",\n")
        let text = "CREATE TYPE \(style.condition)\(CQLText.name(keyspace, name)) (\n\(fields)\n)"
        return SchemaStatement(kind: .type, keyspace: keyspace, name: name, text: text)
    }
}

extension Schema.Function {
    package func statement(in keyspace: String, _ style: SchemaStyle) -> SchemaStatement {
        let arguments = arguments.map { "\(CQLText.name($0.name)) \($0.type)" }.joined(separator: ", ")
        let code = body.contains("$$") ? CQLText.literal(body) : "$$\(body)$$"
        let text = """
            CREATE FUNCTION \(style.condition)\(CQLText.name(keyspace, name))(\(arguments))
                \(isCalledOnNull ? "CALLED" : "RETURNS NULL") ON NULL INPUT
                RETURNS \(returnType)
                LANGUAGE \(CQLText.name(language))
                AS \(code)
            """
        return SchemaStatement(kind: .function, keyspace: keyspace, name: name, text: text)
    }
}

extension Schema.Aggregate {
    package func statement(in keyspace: String, _ style: SchemaStyle) -> SchemaStatement {
        var text = "CREATE AGGREGATE \(style.condition)\(CQLText.name(keyspace, name))"
        text += "(\(argumentTypes.joined(separator: ", ")))\n"
        text += "    SFUNC \(CQLText.name(stateFunction))\n    STYPE \(stateType)"
        if let finalFunction { text += "\n    FINALFUNC \(CQLText.name(finalFunction))" }
        if let initialCondition { text += "\n    INITCOND \(initialCondition)" }
        return SchemaStatement(kind: .aggregate, keyspace: keyspace, name: name, text: text)
    }
}
