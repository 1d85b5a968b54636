import Operations
import SystemPackage
import TestSupport
import Testing
import TransferEngine

@testable import Cassandra

/// A schema as far as statements say it, so that what was read and what was printed can be compared.
private struct Said {
    var lines: Set<String> = []

    func difference(from other: Said) -> [String] { lines.symmetricDifference(other.lines).sorted() }

    /// - Parameter isInternal: whether ids and dropped columns are said, as they are in schema.cql.
    init(_ schema: Schema, isInternal: Bool) {
        for keyspace in schema.keyspaces where !Schema.isSystem(keyspace.name) {
            if !keyspace.replication.isEmpty {
                var replication = keyspace.replication
                replication["class"] = replication["class"]?.split(separator: ".").last.map(String.init)
                lines.insert("keyspace \(keyspace.name) \(CQLText.map(replication)) \(keyspace.durableWrites)")
            }
            for type in keyspace.types { lines.insert("type \(keyspace.name) \(type)") }
            for table in keyspace.tables {
                let name = "table \(keyspace.name).\(table.name)"
                lines.insert("\(name) flags \(table.flags)")
                for column in table.columns { lines.insert("\(name) column \(column)") }
                for (option, value) in Self.said(table.options) { lines.insert("\(name) \(option) = \(value)") }
                for index in table.indexes {
                    lines.insert("\(name) index \(index.name) \(index.kind) \(CQLText.map(index.options))")
                }
                guard isInternal else { continue }
                lines.insert("\(name) id \(table.id)")
                for column in table.droppedColumns { lines.insert("\(name) dropped \(column)") }
            }
            for view in keyspace.views {
                let name = "view \(keyspace.name).\(view.name)"
                lines.insert("\(name) of \(view.baseTable) all \(view.includesAllColumns) where \(view.whereClause)")
                for column in view.columns {
                    var column = column
                    column.type = ""  // the base table's
                    if column.kind == .static { column.kind = .regular }
                    lines.insert("\(name) column \(column)")
                }
                for (option, value) in Self.said(view.options) { lines.insert("\(name) \(option) = \(value)") }
                if isInternal { lines.insert("\(name) id \(view.id)") }
            }
        }
    }

    /// Without what DESCRIBE or schema.cql fills in or leaves out: defaults that the table has no value of.
    private static func said(_ options: [String: String]) -> [String: String] {
        options.filter { name, value in
            switch name {
            case "cdc", "allow_auto_snapshot", "incremental_backups", "extensions", "memtable": false
            case "default_time_to_live": value != "0"
            default: true
            }
        }
    }
}

@Suite(.timeLimit(.minutes(5))) struct `A schema's statements` {
    @Test(arguments: Fixture.versions)
    func `say what the node's DESCRIBE says`(version: String) async throws {
        let schema = try await Schema.read(from: Fixture.cql(version))
        let described = try Schema(parsing: Fixture.cqlText(version, "describe-schema.txt"))
        #expect(Said(schema, isInternal: false).lines.count > 100)
        #expect(Said(schema, isInternal: false).difference(from: Said(described, isInternal: false)).isEmpty)
        let own = try Schema(parsing: schema.script())
        #expect(Said(own, isInternal: true).difference(from: Said(schema, isInternal: true)).isEmpty)
    }

    /// The snapshot's own schema.cql has ids and dropped columns, as DESCRIBE has not.
    @Test(arguments: Fixture.versions)
    func `say what the snapshots' schema.cql say`(version: String) async throws {
        let schema = try await Schema.read(from: Fixture.cql(version))
        let node = try Fixture.node(version)
        try withTemporaryDirectory { root in
            try node.rebuild(in: root)
            let paths = node.files.map(\.path).filter { $0.hasSuffix("snapshots/daily-2/schema.cql") }
            #expect(!paths.isEmpty)
            for path in paths {
                let text = try SmallFile.text(of: root.appending(path))
                let captured = Said(try Schema(parsing: text), isInternal: true)
                let missing = captured.lines.subtracting(Said(schema, isInternal: true).lines)
                #expect(missing.isEmpty, "\(path): \(missing)")
                #expect(captured.lines.count > 10)
            }
        }
    }

    @Test func `stand behind those they need`() async throws {
        var schema = try await Schema.read(from: Fixture.cql("4.1.7"))
        let index = try #require(schema.keyspaces.firstIndex { $0.name == "shop" })
        schema.keyspaces[index].types = [
            Schema.UserType(name: "a", fields: [Schema.Field(name: "x", type: "frozen<list<frozen<\"B\">>>")]),
            Schema.UserType(name: "B", fields: [Schema.Field(name: "x", type: "tuple<int, frozen<c>>")]),
            Schema.UserType(name: "c", fields: [Schema.Field(name: "select", type: "int")]),
        ]
        let statements = schema.statements()
        let types = statements.filter { $0.kind == .type }
        #expect(types.map(\.name) == ["c", "B", "a"])
        #expect(types[0].text == "CREATE TYPE shop.c (\n    \"select\" int\n)")
        #expect(types[1].text.hasPrefix("CREATE TYPE shop.\"B\""))
        let kinds = statements.map(\.kind)
        let inOrder: [SchemaStatement.Kind] = [.keyspace, .type, .table, .index, .view]
        for (former, latter) in zip(inOrder, inOrder.dropFirst()) where former != .table {
            let (last, first) = (try #require(kinds.lastIndex(of: former)), try #require(kinds.firstIndex(of: latter)))
            #expect(last < first, "\(former), \(latter)")
        }
    }

    @Test func `drop what was dropped, and add again what came back`() throws {
        var table = Schema.Table(
            name: "t",
            id: "0eee4970-e539-11f1-a127-4d48bb39bcb8",
            flags: ["compound"],
            columns: [
                Schema.Column(name: "k", type: "int", kind: .partitionKey, position: 0),
                Schema.Column(name: "back", type: "text", kind: .static),
            ]
        )
        table.droppedColumns = [
            Schema.DroppedColumn(name: "Gone", type: "list<text>", isStatic: true, dropped: 1000),
            Schema.DroppedColumn(name: "back", type: "text", isStatic: true, dropped: 2000),
        ]
        #expect(
            table.statements(in: "ks", SchemaStyle(skipsExisting: true)).map(\.text) == [
                """
                CREATE TABLE IF NOT EXISTS ks.t (
                    k int PRIMARY KEY,
                    back text static,
                    "Gone" list<text> static
                ) WITH ID = 0eee4970-e539-11f1-a127-4d48bb39bcb8
                """,
                "ALTER TABLE ks.t DROP \"Gone\" USING TIMESTAMP 1000",
                "ALTER TABLE ks.t DROP back USING TIMESTAMP 2000",
                "ALTER TABLE ks.t ADD back text static",
            ]
        )
    }

    @Test func `show of COMPACT STORAGE what CQL shows`() {
        let columns = [
            Schema.Column(name: "k", type: "int", kind: .partitionKey, position: 0),
            Schema.Column(name: "column1", type: "text", kind: .clustering, position: 0),
            Schema.Column(name: "v", type: "int", kind: .static),
            Schema.Column(name: "value", type: "blob", kind: .regular),
        ]
        let sparse = Schema.Table(name: "t", id: "i", flags: [], columns: columns)
        #expect(
            sparse.statement(in: "ks", SchemaStyle(includesIDs: false)).text == """
                CREATE TABLE ks.t (
                    k int PRIMARY KEY,
                    v int
                ) WITH COMPACT STORAGE
                """
        )
        let dense = Schema.Table(
            name: "t",
            id: "i",
            flags: ["dense"],
            columns: [columns[0], columns[1], Schema.Column(name: "value", type: "empty", kind: .regular)]
        )
        #expect(
            dense.statement(in: "ks", SchemaStyle(includesIDs: false)).text == """
                CREATE TABLE ks.t (
                    k int,
                    column1 text,
                    PRIMARY KEY (k, column1)
                ) WITH CLUSTERING ORDER BY (column1 ASC)
                    AND COMPACT STORAGE
                """
        )
    }

    @Test func `keep code as it is`() {
        let function = Schema.Function(
            name: "f",
            arguments: [Schema.Field(name: "A", type: "int")],
            returnType: "text",
            language: "java",
            body: "return \"it's;\" + A;\n// $$",
            isCalledOnNull: true
        )
        #expect(
            function.statement(in: "ks", SchemaStyle()).text == """
                CREATE FUNCTION ks.f("A" int)
                    CALLED ON NULL INPUT
                    RETURNS text
                    LANGUAGE java
                    AS 'return "it''s;" + A;
                // $$'
                """
        )
        let aggregate = Schema.Aggregate(
            name: "g",
            argumentTypes: ["int"],
            stateFunction: "f",
            stateType: "text",
            finalFunction: "h",
            initialCondition: "'x'",
            returnType: "text"
        )
        #expect(
            aggregate.statement(in: "ks", SchemaStyle()).text
                == "CREATE AGGREGATE ks.g(int)\n    SFUNC f\n    STYPE text\n    FINALFUNC h\n    INITCOND 'x'"
        )
    }

    @Test(arguments: [
        ("3.11.17", "4.1.7", ["read_repair_chance", "dclocal_read_repair_chance"]),
        ("5.0.1", "3.11.17", ["read_repair", "additional_write_policy"]),
    ])
    func `leave out what the target's release does not know`(from: String, to: String, left: [String]) async throws {
        let schema = try await Schema.read(from: Fixture.cql(from))
        let orders = try #require(schema.table("shop", "orders"))
        let own = orders.statement(in: "shop", SchemaStyle()).text
        let other = orders.statement(in: "shop", SchemaStyle(release: ReleaseVersion(to))).text
        for option in left {
            #expect(own.contains(" \(option) ="))
            #expect(!other.contains(" \(option) ="))
        }
        #expect(other.contains("comment = 'open orders'"))
    }

    @Test func `name the kind of an index where the node's default could be another`() async throws {
        let schema = try await Schema.read(from: Fixture.cql("4.1.7"))
        let orders = try #require(schema.table("shop", "orders"))
        let text = orders.indexes[0].statement(of: orders, in: "shop", SchemaStyle(release: ReleaseVersion("5.0.1")))
            .text
        #expect(text == "CREATE INDEX orders_customer_idx ON shop.orders (customer) USING 'legacy_local_table'")
    }
}
