import SystemPackage
import TestSupport
import Testing
import TransferEngine

@testable import Cassandra

@Suite(.timeLimit(.minutes(5))) struct `Statements for what is missing` {
    private static let orders = TableName(keyspace: "shop", name: "orders")
    private static let profiles = TableName(keyspace: "shop", name: "profiles")
    private static let view = TableName(keyspace: "shop", name: "orders_by_status")

    @Test(arguments: Fixture.versions)
    func `make all of a backup on an empty cluster`(version: String) async throws {
        let backup = try await Schema.read(from: Fixture.cql(version))
        var script = SchemaScript(from: backup, to: Schema(), datacenters: ["dc1"])
        for keyspace in backup.keyspaces where !Schema.isSystem(keyspace.name) {
            for name in keyspace.tables.map(\.name) + keyspace.views.map(\.name) {
                let table = TableName(keyspace: keyspace.name, name: name)
                script.add(table, as: table)
            }
        }
        #expect(script.problems == [])
        let text = script.statements.map { $0.text + ";\n" }.joined()
        let made = try Schema(parsing: text)
        let comparison = SchemaComparison(backup: backup, live: made)
        for keyspace in backup.keyspaces where !Schema.isSystem(keyspace.name) && !keyspace.tables.isEmpty {
            for table in keyspace.tables {
                let name = TableName(keyspace: keyspace.name, name: table.name)
                let fit = comparison.fit(of: name, into: name)
                #expect(fit == SchemaComparison.Fit(), "\(name): \(fit)")
                let found = made.table(keyspace.name, table.name)
                #expect(found?.id == table.id && found?.droppedColumns == table.droppedColumns)
                #expect(found?.indexes == table.indexes)
            }
            #expect(made[keyspace: keyspace.name]?.views.map(\.id) == keyspace.views.map(\.id))
        }
        let kinds = script.statements.map(\.kind)
        let inOrder: [SchemaStatement.Kind] = [.keyspace, .type, .table, .view]
        for (former, latter) in zip(inOrder, inOrder.dropFirst()) {
            let (last, first) = (try #require(kinds.lastIndex(of: former)), try #require(kinds.firstIndex(of: latter)))
            #expect(last < first, "\(former), \(latter)")
        }
    }

    @Test func `leave alone what is there`() async throws {
        let backup = try await Schema.read(from: Fixture.cql("4.1.7"))
        var live = backup
        let shop = try #require(live.keyspaces.firstIndex { $0.name == "shop" })
        live.keyspaces[shop].tables.removeAll { $0.name == "profiles" }
        live.keyspaces[shop].types.removeAll { $0.name == "contact" }
        for index in live.keyspaces[shop].tables.indices { live.keyspaces[shop].tables[index].indexes = [] }
        var script = SchemaScript(from: backup, to: live)
        for name in [Self.orders, Self.profiles, Self.view] { script.add(name, as: name) }
        #expect(script.problems == [])
        #expect(
            script.statements.map(\.subject) == [
                "type shop.contact", "table shop.profiles", "dropped column of shop.profiles",
                "index shop.orders_customer_idx",
            ]
        )
        #expect(script.statements.allSatisfy { $0.kind == .droppedColumn || $0.text.contains("IF NOT EXISTS") })
    }

    @Test func `give another name to another table`() async throws {
        let backup = try await Schema.read(from: Fixture.cql("4.1.7"))
        var script = SchemaScript(from: backup, to: backup)
        script.add(Self.orders, as: TableName(keyspace: "shop", name: "Orders2"))
        script.add(Self.profiles, as: TableName(keyspace: "other", name: "profiles"))
        #expect(script.problems == [])
        let made = try Schema(parsing: script.statements.map { $0.text + ";\n" }.joined())
        #expect(made.table("shop", "Orders2")?.id == "")
        #expect(made.table("shop", "Orders2")?.indexes.map(\.name) == ["Orders2_orders_customer_idx"])
        #expect(made.table("other", "profiles")?.droppedColumns.count == 1)
        #expect(made[keyspace: "other"]?.types.map(\.name) == ["address", "contact"])
        #expect(made[keyspace: "other"]?.replication["dc1"] == "1")
        script.add(Self.view, as: TableName(keyspace: "shop", name: "v2"))
        #expect(script.problems.count == 1 && script.problems[0].contains("is a view"))
    }

    @Test func `put keyspaces into the datacenters that there are`() async throws {
        let backup = try await Schema.read(from: Fixture.cql("4.1.7"))
        func script(_ change: (inout SchemaScript.Changes) -> Void) -> SchemaScript {
            var changes = SchemaScript.Changes()
            change(&changes)
            var script = SchemaScript(from: backup, to: Schema(), changes, datacenters: ["east", "west"])
            script.add(Self.orders, as: Self.orders)
            return script
        }
        let same = script { _ in }
        #expect(same.problems.count == 1 && same.problems[0].contains("--map-dc dc1="))
        let mapped = script { $0.datacenters = ["dc1": "east"] }
        #expect(mapped.problems == [])
        #expect(
            mapped.statements[0].text == "CREATE KEYSPACE IF NOT EXISTS shop WITH replication = {'class': "
                + "'NetworkTopologyStrategy', 'east': '1'} AND durable_writes = true"
        )
        let given = script { $0.replication = ["shop": ["class": "SimpleStrategy", "replication_factor": "2"]] }
        #expect(given.problems == [])
        #expect(given.statements[0].text.contains("{'class': 'SimpleStrategy', 'replication_factor': '2'}"))
        #expect(script { $0.datacenters = ["dc1": "east", "dc2": "east"] }.problems.count == 1)
    }

    @Test func `do not keep ids where they are not wanted`() async throws {
        let backup = try await Schema.read(from: Fixture.cql("4.1.7"))
        var changes = SchemaScript.Changes()
        changes.keepsIDs = false
        var script = SchemaScript(from: backup, to: Schema(), changes)
        for name in [Self.orders, Self.view] { script.add(name, as: name) }
        #expect(script.statements.count > 3)
        #expect(script.statements.allSatisfy { !$0.text.contains("ID =") })
    }

    /// A run that was killed among the statements goes on with those that were not carried out.
    @Test func `go on where they were ended`() async throws {
        var backup = try await Schema.read(from: Fixture.cql("4.1.7"))
        let shop = try #require(backup.keyspaces.firstIndex { $0.name == "shop" })
        let table = try #require(backup.keyspaces[shop].tables.firstIndex { $0.name == "profiles" })
        let old = backup.keyspaces[shop].tables[table].droppedColumns[0]
        let again = Schema.DroppedColumn(name: "name", type: "text", isStatic: false, dropped: 5)
        backup.keyspaces[shop].tables[table].droppedColumns = [again, old]
        func rest(_ change: (inout Schema.Table) -> Void) -> [String] {
            var live = backup
            change(&live.keyspaces[shop].tables[table])
            var script = SchemaScript(from: backup, to: live)
            script.add(Self.profiles, as: Self.profiles, isUnfinished: true)
            return script.statements.filter { $0.kind == .droppedColumn }.map(\.text)
        }
        let all = [
            "ALTER TABLE shop.profiles DROP name USING TIMESTAMP 5", "ALTER TABLE shop.profiles ADD name text",
            "ALTER TABLE shop.profiles DROP nickname USING TIMESTAMP \(old.dropped)",
        ]
        #expect(rest { $0.droppedColumns = [] } == all)
        #expect(rest { $0.droppedColumns = [again] } == [all[2]])
        let dropped = rest {
            $0.droppedColumns = [again]
            $0.columns.removeAll { $0.name == "name" }
        }
        #expect(dropped == [all[2], all[1]])
        #expect(rest { _ in } == [])
    }
}
