import Operations
import SystemPackage
import TestSupport
import Testing
import TransferEngine

@testable import Cassandra

@Suite(.timeLimit(.minutes(5))) struct `The fit of a backup's table` {
    private static let orders = TableName(keyspace: "shop", name: "orders")
    private static let profiles = TableName(keyspace: "shop", name: "profiles")

    private static func names(_ schema: Schema) -> [TableName] {
        schema.keyspaces.filter { !Schema.isSystem($0.name) }.flatMap { keyspace in
            (keyspace.tables.map(\.name) + keyspace.views.map(\.name)).map {
                TableName(keyspace: keyspace.name, name: $0)
            }
        }
    }

    @Test(arguments: Fixture.versions)
    func `is perfect where nothing changed, and in a later release`(version: String) async throws {
        let backup = try await Schema.read(from: Fixture.cql(version))
        let later = try await Schema.read(from: Fixture.cql("5.0.1"))
        #expect(Self.names(backup).count >= 12)
        for name in Self.names(backup) {
            let same = SchemaComparison(backup: backup, live: backup).fit(of: name, into: name)
            #expect(same == SchemaComparison.Fit(), "\(name): \(same)")
            // The captured nodes' column was dropped at another moment.
            let other = SchemaComparison(backup: backup, live: later).fit(of: name, into: name)
            #expect(name == Self.profiles || other.problems.isEmpty, "\(name): \(other)")
        }
    }

    /// Where a backup has no schema.json, its tables' own statements tell enough.
    @Test func `can be told from schema.cql alone`() async throws {
        let node = try Fixture.node("4.0.14")
        let live = try await Schema.read(from: Fixture.cql("4.0.14"))
        try withTemporaryDirectory { root in
            try node.rebuild(in: root)
            let paths = node.files.map(\.path).filter { $0.hasSuffix("snapshots/daily-2/schema.cql") }
            let texts = try paths.map { try SmallFile.text(of: root.appending($0)) }
            let backup = try Schema(parsing: texts.joined(separator: "\n"))
            let names = Self.names(backup)
            #expect(names.contains(Self.profiles) && names.count > 5)
            for name in names {
                let fit = SchemaComparison(backup: backup, live: live).fit(of: name, into: name)
                #expect(fit == SchemaComparison.Fit(), "\(name): \(fit)")
            }
        }
    }

    /// Statements do not tell the types of a view's columns.
    @Test(arguments: Fixture.versions)
    func `can be told from statements, of views too`(version: String) async throws {
        let live = try await Schema.read(from: Fixture.cql(version))
        let backup = try Schema(parsing: live.script())
        let names = Self.names(backup)
        #expect(names.contains(TableName(keyspace: "shop", name: "orders_by_status")))
        for name in names {
            let fit = SchemaComparison(backup: backup, live: live).fit(of: name, into: name)
            #expect(fit == SchemaComparison.Fit(), "\(name): \(fit)")
        }
    }

    /// A change of the node's schema, and what is said of it.
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var isWarning = false
        let change: @Sendable (inout Schema.Keyspace, _ table: Int) -> Void
    }

    static let cases = [
        Case(testDescription: "shop.orders has no column note: ALTER TABLE shop.orders ADD note text") {
            keyspace,
            table in
            keyspace.tables[table].columns.removeAll { $0.name == "note" }
        },
        Case(testDescription: "the column note was dropped from shop.orders (2001-09-09T01:46:40Z)", isWarning: true) {
            $0.tables[$1].columns.removeAll { $0.name == "note" }
            $0.tables[$1].droppedColumns = [
                Schema.DroppedColumn(name: "note", type: "text", isStatic: false, dropped: 1_000_000_000_000_000)
            ]
        },
        Case(testDescription: "added again: values in the backup that were written before", isWarning: true) {
            $0.tables[$1].droppedColumns = [
                Schema.DroppedColumn(name: "note", type: "text", isStatic: false, dropped: 1_000_000_000_000_000)
            ]
        },
        Case(testDescription: "the column note of shop.orders is blob, in the backup text") { keyspace, table in
            keyspace.tables[table].change("note") { $0.type = "blob" }
        },
        Case(testDescription: "the column note of shop.orders is static text, in the backup text") { keyspace, table in
            keyspace.tables[table].change("note") { $0.kind = .static }
        },
        Case(testDescription: "the clustering columns of shop.orders are (int), in the backup (int DESC)") {
            $0.tables[$1].change("order_id") { $0.isDescending = false }
        },
        Case(testDescription: "the partition key of shop.orders is (text, bigint), in the backup (text, int)") {
            $0.tables[$1].change("bucket") { $0.type = "bigint" }
        },
        Case(testDescription: "shop.orders holds counters, unlike shop.orders") {
            $0.tables[$1].flags.append("counter")
        },
        Case(testDescription: "shop.orders is WITH COMPACT STORAGE") { $0.tables[$1].flags = ["dense"] },
        Case(testDescription: "shop.orders does not exist") { $0.tables.remove(at: $1) },
    ]

    @Test(arguments: cases)
    func `tells what differs`(example: Case) async throws {
        let backup = try await Schema.read(from: Fixture.cql("4.1.7"))
        var live = backup
        let shop = try #require(live.keyspaces.firstIndex { $0.name == "shop" })
        let table = try #require(live.keyspaces[shop].tables.firstIndex { $0.name == "orders" })
        example.change(&live.keyspaces[shop], table)
        let fit = SchemaComparison(backup: backup, live: live).fit(of: Self.orders, into: Self.orders)
        let (said, other) = example.isWarning ? (fit.warnings, fit.problems) : (fit.problems, fit.warnings)
        #expect(said.count == 1 && said[0].contains(example.testDescription), "\(fit)")
        #expect(other.isEmpty, "\(fit)")
    }

    @Test func `takes columns and fields that came since, and names of keys that changed`() async throws {
        let backup = try await Schema.read(from: Fixture.cql("4.1.7"))
        var live = backup
        let shop = try #require(live.keyspaces.firstIndex { $0.name == "shop" })
        let orders = try #require(live.keyspaces[shop].tables.firstIndex { $0.name == "orders" })
        live.keyspaces[shop].tables[orders].columns.append(Schema.Column(name: "z", type: "int", kind: .regular))
        live.keyspaces[shop].tables[orders].change("order_id") { $0.name = "number" }
        live.keyspaces[shop].tables[orders].change("note") { $0.type = "varchar" }
        live.keyspaces[shop].types[0].fields.append(Schema.Field(name: "country", type: "text"))
        let comparison = SchemaComparison(backup: backup, live: live)
        #expect(comparison.fit(of: Self.orders, into: Self.orders) == SchemaComparison.Fit())
        #expect(comparison.fit(of: Self.profiles, into: Self.profiles) == SchemaComparison.Fit())
        live.keyspaces[shop].types[0].fields.remove(at: 0)
        let fit = SchemaComparison(backup: backup, live: live).fit(of: Self.profiles, into: Self.profiles)
        #expect(fit.problems.count == 1 && fit.problems[0].contains("the type shop.address has the fields"), "\(fit)")
        live.keyspaces[shop].types = []
        let without = SchemaComparison(backup: backup, live: live).fit(of: Self.profiles, into: Self.profiles)
        #expect(without.problems.contains("there is no type shop.address"))
    }

    /// The trap of a column that was dropped: its old values come back, or make the SSTables unreadable.
    @Test func `minds what was dropped before the backup`() async throws {
        let backup = try await Schema.read(from: Fixture.cql("4.1.7"))
        var live = backup
        let shop = try #require(live.keyspaces.firstIndex { $0.name == "shop" })
        let profiles = try #require(live.keyspaces[shop].tables.firstIndex { $0.name == "profiles" })
        func problems() -> [String] {
            SchemaComparison(backup: backup, live: live).fit(of: Self.profiles, into: Self.profiles).problems
        }
        live.keyspaces[shop].tables[profiles].droppedColumns = []
        #expect(problems().count == 1 && problems()[0].contains("does not know the column nickname"))
        #expect(problems()[0].contains("ALTER TABLE shop.profiles ADD nickname text, then"))
        live.keyspaces[shop].tables[profiles].columns.append(
            Schema.Column(name: "nickname", type: "text", kind: .regular)
        )
        #expect(problems().count == 1 && problems()[0].contains("its old values would come back"))
        // Dropped here as late as there, it may be back.
        live.keyspaces[shop].tables[profiles].droppedColumns = backup.keyspaces[shop].tables[profiles].droppedColumns
        #expect(problems() == [])
    }

    @Test func `knows views`() async throws {
        let schema = try await Schema.read(from: Fixture.cql("4.1.7"))
        let view = TableName(keyspace: "shop", name: "orders_by_status")
        let comparison = SchemaComparison(backup: schema, live: schema)
        #expect(comparison.fit(of: view, into: view).problems == [])
        #expect(
            comparison.fit(of: Self.orders, into: view).problems == [
                "shop.orders was a table, shop.orders_by_status is a view"
            ]
        )
        #expect(comparison.fit(of: view, into: Self.orders).problems.count > 1)
    }
}

extension Schema.Table {
    fileprivate mutating func change(_ column: String, _ body: (inout Schema.Column) -> Void) {
        for index in columns.indices where columns[index].name == column { body(&columns[index]) }
    }
}
