import SystemPackage
import TestSupport
import Testing

@testable import Cassandra

@Suite(.timeLimit(.minutes(5))) struct `A node asked by Sidecar` {
    private static let schema = "b464f85c-e1f3-3203-809c-2398d4fbc35a"

    private func withSidecar<Result>(
        status: String = "NORMAL,-5",
        clusterName: String? = "shop ring",
        _ body: (NodeService, Sidecar) async throws -> Result
    ) async throws -> Result {
        try await withNodeService { service in
            service.answer(
                "GET /api/v1/cassandra/settings",
                """
                {"releaseVersion":"4.0.14","partitioner":"Murmur3Partitioner","datacenter":"dc1",
                "rpcAddress":"10.0.0.1","rpcPort":9042,"tokens":["7","-5"],"sidecar":{"version":"0.1"}}
                """
            )
            func entry(_ address: String, _ rack: String, _ status: String, _ token: String, _ hostID: String) -> String
            {
                """
                {"datacenter":"dc1","address":"\(address)","port":7000,"rack":"\(rack)","status":"\(status)",
                "state":"Normal","load":"1 KiB","owns":"?","token":"\(token)","fqdn":"n","hostId":"\(hostID)"}
                """
            }
            let ring = [
                entry("10.0.0.2", "rack2", "Down", "0", "?"),
                entry("10.0.0.1", "rack1", "Up", "-5", "6DE27A28-7a4c-4db5-a5c3-53bdb9cf7c4f"),
                entry("10.0.0.1", "rack1", "Up", "7", "6DE27A28-7a4c-4db5-a5c3-53bdb9cf7c4f"),
            ]
            service.answer("GET /api/v1/cassandra/ring", "[\(ring.joined(separator: ","))]")
            service.answer(
                "GET /api/v1/cassandra/gossip",
                """
                {"/10.0.0.1:7000":{"generation":"1","heartbeat":"2","statusWithPort":"\(status)","schema":"\(Self.schema)"},
                "n2/10.0.0.2:7000":{"generation":"1","heartbeat":"2","schema":"\(Self.schema)"}}
                """
            )
            return try await body(service, Sidecar(NodeAPISettings(url: service.url), clusterName: clusterName))
        }
    }

    @Test func `tells who it is`() async throws {
        try await withSidecar { _, node in
            let facts = try await node.facts()
            #expect(
                facts
                    == NodeFacts(
                        releaseVersion: try #require(ReleaseVersion("4.0.14")),
                        hostID: "6de27a28-7a4c-4db5-a5c3-53bdb9cf7c4f",
                        clusterName: "shop ring",
                        partitioner: "org.apache.cassandra.dht.Murmur3Partitioner",
                        datacenter: "dc1",
                        rack: "rack1",
                        address: "10.0.0.1",
                        tokens: ["-5", "7"],
                        schemaVersion: Self.schema
                    )
            )
            let mode = try await node.mode()
            #expect(mode == .normal)
            let ring = try await node.ring()
            #expect(ring.members.map(\.address) == ["10.0.0.2", "10.0.0.1"])
            #expect(ring.members.map(\.isUp) == [false, true])
            #expect(ring.members.map(\.hostID) == [nil, "6de27a28-7a4c-4db5-a5c3-53bdb9cf7c4f"])
            #expect(ring.schemaVersions == [Self.schema: ["10.0.0.1"]])
            #expect(ring.unreachable == ["10.0.0.2"])
        }
    }

    @Test func `is drained when gossip says that it shut down`() async throws {
        try await withSidecar(status: "shutdown,true") { _, node in
            let mode = try await node.mode()
            #expect(mode == .drained)
        }
    }

    @Test func `needs the cluster's name from cassandra.yaml`() async throws {
        try await withSidecar(clusterName: nil) { _, node in
            let failure = await nodeFailure { _ = try await node.facts() }
            #expect(failure?.code == .unsupported)
            #expect(failure?.text.contains("--cassandra-config") == true)
        }
    }

    @Test func `takes a snapshot table by table, and clears it so`() async throws {
        try await withSidecar { service, node in
            let schema = """
                {"keyspace":"shop","schema":"CREATE KEYSPACE shop WITH x;\\nCREATE TABLE shop.orders (\\n  id int) WITH
                comment = 'CREATE TABLE shop.no (' AND y;\\n\\nCREATE TABLE IF NOT EXISTS shop.\\"Events\\" (a int);
                CREATE MATERIALIZED VIEW shop.by_status AS SELECT * FROM shop.orders;
                CREATE INDEX i ON shop.orders (x);CREATE TYPE shop.t (a int);"}
                """
            service.answer("GET /api/v1/keyspaces/shop/schema", schema.split(separator: "\n").joined(separator: " "))
            for table in ["orders", "Events", "by_status"] {
                let path = "/api/v1/keyspaces/shop/tables/\(table)/snapshots/t%201"
                service.answer("PUT \(path)", #"{"result":"Success"}"#)
                service.answer("DELETE \(path)", "", status: table == "Events" ? 404 : 200)
            }
            let tag = try SnapshotTag("t 1")
            try await node.takeSnapshot(tag, of: .keyspaces(["shop"]), ttl: .seconds(7200), skipsFlush: false)
            try await node.clearSnapshot(tag, keyspaces: ["shop", "gone"])
            #expect(
                service.requests == [
                    "GET /api/v1/keyspaces/shop/schema",
                    "PUT /api/v1/keyspaces/shop/tables/Events/snapshots/t%201?ttl=7200s",
                    "PUT /api/v1/keyspaces/shop/tables/by_status/snapshots/t%201?ttl=7200s",
                    "PUT /api/v1/keyspaces/shop/tables/orders/snapshots/t%201?ttl=7200s",
                    "GET /api/v1/keyspaces/shop/schema",
                    "GET /api/v1/keyspaces/gone/schema",
                    "DELETE /api/v1/keyspaces/shop/tables/Events/snapshots/t%201",
                    "DELETE /api/v1/keyspaces/shop/tables/by_status/snapshots/t%201",
                    "DELETE /api/v1/keyspaces/shop/tables/orders/snapshots/t%201",
                ]
            )
        }
    }

    @Test func `that fails at one table takes the others back`() async throws {
        try await withSidecar { service, node in
            let tables = ["a", "b", "c"].map { TableName(keyspace: "shop", name: $0) }
            func path(_ table: String) -> String { "/api/v1/keyspaces/shop/tables/\(table)/snapshots/t" }
            service.answer("PUT \(path("a"))", #"{"result":"Success"}"#)
            service.answer("DELETE \(path("a"))", "")
            service.answer(
                "PUT \(path("b"))",
                #"{"status":"Fail","message":"Snapshot t already exists."}"#,
                status: 409
            )
            let failure = await nodeFailure {
                try await node.takeSnapshot(SnapshotTag("t"), of: .tables(tables), ttl: nil, skipsFlush: false)
            }
            #expect(failure?.code == .exists)
            #expect(failure?.text.contains("Snapshot t already exists.") == true)
            #expect(service.requests == ["PUT \(path("a"))", "PUT \(path("b"))", "DELETE \(path("a"))"])
        }
    }

    @Test func `of everything goes on without a table that was dropped`() async throws {
        try await withSidecar { service, node in
            let schema = "CREATE TABLE shop.a (x int); CREATE TABLE shop.b (x int);"
            service.answer("GET /api/v1/cassandra/schema", #"{"schema":"\#(schema)"}"#)
            let words = #"{"message":"Unknown keyspace/cf pair (shop.a)"}"#
            service.answer("PUT /api/v1/keyspaces/shop/tables/a/snapshots/t", words, status: 404)
            service.answer("PUT /api/v1/keyspaces/shop/tables/b/snapshots/t", "{}")
            try await node.takeSnapshot(SnapshotTag("t"), of: .everything, ttl: nil, skipsFlush: false)
            let missing = [TableName(keyspace: "shop", name: "a")]
            let failure = await nodeFailure {
                try await node.takeSnapshot(SnapshotTag("t"), of: .tables(missing), ttl: nil, skipsFlush: false)
            }
            #expect(failure?.code == .notFound)
        }
    }

    @Test func `tells who owns what, without ports`() async throws {
        try await withSidecar { service, node in
            service.answer(
                "GET /api/v1/keyspaces/shop/token-range-replicas",
                """
                {"writeReplicas":[],"readReplicas":[{"start":"3","end":"9","replicasByDatacenter":
                {"dc2":["[2001:db8::1]:7000"],"dc1":["10.0.0.1:7000","2001:db8:0:0:0:0:0:2:7000"]}},
                {"start":"-9","end":"3","replicasByDatacenter":{"dc1":["10.0.0.1"]}}],"replicaMetadata":{}}
                """
            )
            let ranges = try await node.ranges(ofKeyspace: "shop")
            #expect(
                ranges == [
                    TokenRange(start: "-9", end: "3", endpoints: ["10.0.0.1"]),
                    TokenRange(start: "3", end: "9", endpoints: ["10.0.0.1", "2001:db8:0:0:0:0:0:2", "2001:db8::1"]),
                ]
            )
        }
    }

    @Test func `says what it cannot do`() async throws {
        try await withSidecar { service, node in
            let table = TableName(keyspace: "shop", name: "a")
            #expect(await nodeFailure { _ = try await node.snapshots() }?.code == .unsupported)
            #expect(await nodeFailure { try await node.refresh(table) }?.code == .unsupported)
            #expect(await nodeFailure { try await node.flush(keyspace: "shop", tables: []) }?.code == .unsupported)
            let importing = await nodeFailure {
                _ = try await node.importSSTables(into: table, from: ["/d"], ImportOptions())
            }
            #expect(importing?.code == .unsupported)
            #expect(service.requests.isEmpty)
        }
    }
}
