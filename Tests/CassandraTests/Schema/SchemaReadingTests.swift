import SystemPackage
import TestSupport
import Testing
import TransferEngine

@testable import Cassandra

extension Fixture {
    /// Rows that the captured node gave.
    static func cql(_ version: String) throws -> FakeCQL {
        try FakeCQL(captured: captures(version))
    }

    static func cqlText(_ version: String, _ name: String) throws -> String {
        try SmallFile.text(of: captures(version).appending(name), limit: 64 << 20)
    }

    private static func captures(_ version: String) -> FilePath {
        FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
            .appending("Fixtures").appending("cassandra").appending(version).appending("cql")
    }
}

@Suite(.timeLimit(.minutes(5))) struct `A schema` {
    @Test(arguments: Fixture.versions)
    func `is read from every release`(version: String) async throws {
        let schema = try await Schema.read(from: Fixture.cql(version))
        #expect(schema.releaseVersion == version)
        #expect(schema.version?.utf8.count == 36)
        let own = schema.keyspaces.filter { !Schema.isSystem($0.name) }
        #expect(own.map(\.name) == ["MixedCase", "empty_ks", "shop"])
        #expect(own[1].replication == ["class": "org.apache.cassandra.locator.NetworkTopologyStrategy", "dc1": "1"])
        let shop = try #require(schema[keyspace: "shop"])
        #expect(shop.types.map(\.name) == ["address", "contact"])
        #expect(shop.types[1].fields[1] == Schema.Field(name: "home", type: "frozen<address>"))
        #expect(shop.views.map(\.name) == ["orders_by_status"])
        let orders = try #require(schema.table("shop", "orders"))
        #expect(orders.columns.map(\.name).prefix(3) == ["region", "bucket", "order_id"])
        #expect(orders.column("order_id")?.isDescending == true)
        #expect(orders.column("bucket")?.position == 1)
        #expect(orders.options["comment"] == "'open orders'")
        #expect(orders.options["gc_grace_seconds"] == "864000")
        #expect(orders.options["crc_check_chance"] == "1.0")
        #expect(orders.indexes.map(\.target) == ["customer"])
        #expect(shop.views[0].baseTableID == orders.id)
        #expect(schema.table("shop", "page_views")?.isCounter == true)
        #expect(schema.table("shop", "peers_by_city")?.column("mayor")?.kind == .static)
        #expect(schema.table("MixedCase", "Events")?.column("Seq No")?.kind == .clustering)
        let dropped = try #require(schema.table("shop", "profiles")?.droppedColumns.first)
        #expect(dropped.name == "nickname" && dropped.type == "text" && !dropped.isStatic)
    }

    @Test func `of 5.0 has its vector and its indexes`() async throws {
        let schema = try await Schema.read(from: Fixture.cql("5.0.1"))
        let products = try #require(schema.table("shop", "products"))
        #expect(products.column("embedding")?.type == "vector<float, 4>")
        #expect(products.indexes.map(\.className) == ["sai", "sai", "sai"])
        #expect(products.options["memtable"] == nil)
        #expect(products.options["dclocal_read_repair_chance"] == nil)
        // Its only other dropped column is one that never comes back.
        let local = try #require(schema.table("system", "local")?.droppedColumns.first)
        #expect(local.dropped == Int64.max / 1000 * 1000)
    }

    @Test func `of 5.0 is asked for its masks`() async throws {
        let session = try Fixture.cql("5.0.1")
        session["system_schema.column_masks"] = [
            try CQLRow(
                json: """
                    {"keyspace_name": "shop", "table_name": "orders", "column_name": "customer",
                     "function_keyspace": "system", "function_name": "mask_inner",
                     "function_argument_types": ["int", "int", "text"], "function_argument_values": ["1", "", "*'"],
                     "function_argument_nulls": [false, true, false]}
                    """
            )
        ]
        let schema = try await Schema.read(from: session)
        let orders = try #require(schema.table("shop", "orders"))
        #expect(orders.column("customer")?.mask == "system.mask_inner(1, null, '*''')")
        #expect(
            orders.statement(in: "shop", SchemaStyle()).text.contains(
                "customer text MASKED WITH system.mask_inner(1, null, '*''')"
            )
        )
    }

    @Test func `that changes while it is read is read again`() async throws {
        let session = try Fixture.cql("4.1.7")
        let local = session["system.local"]
        session.beforeAnswer { session, index in
            // Behind the first reading of `system.local`, and before its last.
            if index == 3 {
                var row = local[0]
                row.columns["schema_version"] = .text("another")
                session["system.local"] = [row]
            }
        }
        let schema = try await Schema.read(from: session)
        #expect(schema.version == "another")
        #expect(session.asked.count == 2)
    }

    @Test func `that never holds still is an error`() async throws {
        let session = try Fixture.cql("4.1.7")
        session.beforeAnswer { session, index in
            var row = CQLRow(["release_version": .text("4.1.7")])
            row.columns["schema_version"] = .text("\(index)")
            session["system.local"] = [row]
        }
        let error = await #expect(throws: CassandraError.self) { try await Schema.read(from: session, attempts: 3) }
        #expect(error?.code == .changing)
        #expect(session.asked.count == 3)
    }

    @Test func `that a later release changed is refused`() async throws {
        let session = try Fixture.cql("4.1.7")
        session["system_schema.columns"] = [CQLRow(["keyspace_name": .text("shop"), "table_name": .text("orders")])]
        let error = await #expect(throws: CassandraError.self) { try await Schema.read(from: session) }
        #expect(error?.code == .malformed)
    }
}
