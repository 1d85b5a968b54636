import SystemPackage
import TestSupport
import Testing

@testable import Cassandra

@Suite(.timeLimit(.minutes(5))) struct `A node asked by the Management API` {
    private static let hostID = "6de27a28-7a4c-4db5-a5c3-53bdb9cf7c4f"
    private static let schema = "b464f85c-e1f3-3203-809c-2398d4fbc35a"

    /// As `getEndpointStates` gives them, and JAX-RS's Entity wraps them.
    private static func endpoints(status: String = "NORMAL,-8371550354148192476") -> String {
        """
        {"entity":[
          {"STATUS_WITH_PORT":"\(status)","LOAD":"1.0","SCHEMA":"\(schema)","DC":"dc1","RACK":"rack1",
           "RELEASE_VERSION":"4.1.7","RPC_ADDRESS":"10.0.0.1","HOST_ID":"\(hostID)","ENDPOINT_IP":"10.0.0.1",
           "TOKENS":"10,-8371550354148192476,9","IS_ALIVE":"true","IS_LOCAL":"true","CLUSTER_NAME":"shop ring",
           "PARTITIONER":"org.apache.cassandra.dht.Murmur3Partitioner"},
          {"STATUS":"shutdown,true","DC":"dc1","RACK":"rack 2","HOST_ID":"888FE7D0-a9d2-403c-a10f-a00d07eb95aa",
           "ENDPOINT_IP":"10.0.0.2","SCHEMA":"\(schema)","TOKENS":"5","IS_ALIVE":"false","IS_LOCAL":"false",
           "CLUSTER_NAME":"shop ring","PARTITIONER":"org.apache.cassandra.dht.Murmur3Partitioner"},
          {"STATUS_WITH_PORT":"LEFT,1,2","DC":"dc1","RACK":"rack1","ENDPOINT_IP":"10.0.0.3","IS_ALIVE":"false"}
        ],"variant":{"language":null,"mediaType":{"type":"application","subtype":"json"}},"annotations":[]}
        """
    }

    private func withAPI<Result>(
        _ body: (NodeService, ManagementAPI) async throws -> Result
    ) async throws -> Result {
        try await withNodeService { service in
            service.answer("GET /api/v0/metadata/versions/release", "4.1.7")
            service.answer("GET /api/v0/metadata/endpoints", Self.endpoints())
            let settings = NodeAPISettings(url: service.url)
            return try await body(service, ManagementAPI(settings, clock: ManualClock(advancesItself: true)))
        }
    }

    @Test func `tells who it is`() async throws {
        try await withAPI { service, node in
            #expect(node.means == "the Management API at \(service.url)")
            let facts = try await node.facts()
            #expect(
                facts
                    == NodeFacts(
                        releaseVersion: try #require(ReleaseVersion("4.1.7")),
                        hostID: Self.hostID,
                        clusterName: "shop ring",
                        partitioner: "org.apache.cassandra.dht.Murmur3Partitioner",
                        datacenter: "dc1",
                        rack: "rack1",
                        address: "10.0.0.1",
                        tokens: ["-8371550354148192476", "9", "10"],
                        schemaVersion: Self.schema
                    )
            )
            let mode = try await node.mode()
            #expect(mode == .normal)
        }
    }

    @Test(
        arguments: [
            ("LEAVING,1", NodeMode.leaving), ("BOOT,1", .joining), ("shutdown,true", .drained), ("MOVING,1", .moving),
            ("hibernate,true", .other("hibernate,true")),
        ]
    )
    func `tells its mode by gossip's words`(status: String, mode: NodeMode) async throws {
        try await withNodeService { service in
            service.answer("GET /api/v0/metadata/endpoints", Self.endpoints(status: status))
            let told = try await ManagementAPI(NodeAPISettings(url: service.url)).mode()
            #expect(told == mode)
        }
    }

    @Test func `lists the ring without those that left it`() async throws {
        try await withAPI { service, node in
            service.answer(
                "GET /api/v1/ops/node/schema/versions",
                "{\"\(Self.schema)\":[\"10.0.0.1\"],\"UNREACHABLE\":[\"10.0.0.2\"]}"
            )
            let ring = try await node.ring()
            #expect(ring.members.map(\.address) == ["10.0.0.1", "10.0.0.2"])
            #expect(ring.members.map(\.isUp) == [true, false])
            #expect(ring.members.map(\.rack) == ["rack1", "rack 2"])
            #expect(ring.members[1].hostID == "888fe7d0-a9d2-403c-a10f-a00d07eb95aa")
            #expect(ring.schemaVersions == [Self.schema: ["10.0.0.1"]])
            #expect(ring.unreachable == ["10.0.0.2"])
        }
    }

    @Test func `of an old release tells the schema's versions by gossip`() async throws {
        try await withAPI { _, node in
            let ring = try await node.ring()
            #expect(ring.schemaVersions == [Self.schema: ["10.0.0.1"]])
            #expect(ring.unreachable == ["10.0.0.2"])
        }
    }

    @Test func `takes, lists and clears snapshots`() async throws {
        try await withAPI { service, node in
            let path = "/api/v0/ops/node/snapshots"
            service.answer("POST \(path)", "OK")
            service.answer("DELETE \(path)", "OK")
            service.answer(
                "GET \(path)",
                """
                {"entity":[{"Snapshot name":"a&b","Keyspace name":"shop","Column family name":"orders",
                "True size":"0 bytes","Size on disk":"1.5 KiB","Creation time":"2026-11-20T23:20:12.426Z",
                "Expiration time":"null","Ephemeral":"false"}],"variant":null}
                """
            )
            let tag = try SnapshotTag("a&b")
            try await node.takeSnapshot(tag, of: .everything, ttl: nil, skipsFlush: false)
            try await node.takeSnapshot(tag, of: .keyspaces(["shop", "k2"]), ttl: nil, skipsFlush: true)
            let table = TableName(keyspace: "shop", name: "orders")
            try await node.takeSnapshot(tag, of: .tables([table]), ttl: nil, skipsFlush: false)
            #expect(
                try await node.snapshots() == [
                    NodeSnapshot(
                        tag: "a&b",
                        keyspace: "shop",
                        table: "orders",
                        sizeOnDisk: 1536,
                        trueSize: 0,
                        created: "2026-11-20T23:20:12.426Z"
                    )
                ]
            )
            try await node.clearSnapshot(tag, keyspaces: [])
            try await node.clearSnapshot(tag, keyspaces: ["shop", "k2"])
            #expect(
                service.requests == [
                    #"POST \#(path) {"skip_flush":false,"snapshot_name":"a&b"}"#,
                    #"POST \#(path) {"keyspaces":["shop","k2"],"skip_flush":true,"snapshot_name":"a&b"}"#,
                    #"POST \#(path) {"keyspace_tables":["shop.orders"],"skip_flush":false,"snapshot_name":"a&b"}"#,
                    "GET \(path)",
                    "DELETE \(path)?snapshotNames=a%26b",
                    "DELETE \(path)?snapshotNames=a%26b&keyspaces=shop&keyspaces=k2",
                ]
            )
        }
    }

    @Test func `waits for the job of a flush`() async throws {
        try await withAPI { service, node in
            service.answer("POST /api/v1/ops/tables/flush", "d69d1d95-9348\n", status: 202)
            let job = "GET /api/v0/ops/executor/job"
            service.answer(job, #"{"id":"d69d1d95-9348","type":"FLUSH","status":"WAITING","submit_time":"1"}"#)
            service.answer(job, #"{"id":"d69d1d95-9348","status":"COMPLETED","end_time":"2"}"#)
            try await node.flush(keyspace: "shop", tables: ["orders"])
            #expect(
                service.requests == [
                    #"POST /api/v1/ops/tables/flush {"jobs":1,"keyspace_name":"shop","tables":["orders"]}"#,
                    "\(job)?job_id=d69d1d95-9348", "\(job)?job_id=d69d1d95-9348",
                ]
            )
        }
    }

    @Test func `tells why a job failed, and when it does not end`() async throws {
        try await withNodeService { service in
            service.answer("POST /api/v1/ops/tables/flush", "j", status: 202)
            let job = "GET /api/v0/ops/executor/job"
            service.answer(job, #"{"id":"j","status":"ERROR","error":"Unknown keyspace/cf pair (shop.x)"}"#)
            service.answer(job, #"{"id":"j","status":"WAITING"}"#)
            var settings = NodeAPISettings(url: service.url)
            settings.workTimeout = .seconds(30)
            let clock = ManualClock(advancesItself: true)
            let node = try ManagementAPI(settings, clock: clock)
            let failure = await nodeFailure { try await node.flush(keyspace: "shop", tables: ["x"]) }
            #expect(failure?.code == .notFound)
            #expect(failure?.text.contains("Unknown keyspace/cf pair (shop.x)") == true)
            #expect(await nodeFailure { try await node.flush(keyspace: "shop", tables: []) }?.code == .timedOut)
            #expect(clock.now.sinceStart == .seconds(30))
        }
    }

    @Test func `says that a job was forgotten`() async throws {
        try await withAPI { service, node in
            service.answer("POST /api/v1/ops/tables/flush", "j", status: 202)
            let failure = await nodeFailure { try await node.flush(keyspace: "shop", tables: []) }
            #expect(failure?.code == .refused)
            #expect(failure?.text.contains("job j") == true)
            #expect(service.requests.count == 2)
        }
    }

    @Test func `refreshes, and tells who owns what`() async throws {
        try await withAPI { service, node in
            service.answer("POST /api/v0/ops/keyspace/refresh", "OK")
            service.answer(
                "GET /api/v2/tokens/rangetoendpoint",
                """
                {"token_range_to_endpoints":[{"tokens":[9,-9223372036854775808],"endpoints":["10.0.0.1"]},
                {"tokens":[-9223372036854775808,9],"endpoints":["10.0.0.2","10.0.0.1"]}]}
                """
            )
            try await node.refresh(TableName(keyspace: "shop", name: "orders"))
            #expect(
                try await node.ranges(ofKeyspace: "shop") == [
                    TokenRange(start: "-9223372036854775808", end: "9", endpoints: ["10.0.0.2", "10.0.0.1"]),
                    TokenRange(start: "9", end: "-9223372036854775808", endpoints: ["10.0.0.1"]),
                ]
            )
            #expect(
                service.requests == [
                    "POST /api/v0/ops/keyspace/refresh?keyspaceName=shop&table=orders",
                    "GET /api/v2/tokens/rangetoendpoint?keyspaceName=shop",
                ]
            )
        }
    }

    @Test func `cannot import, nor give a snapshot a TTL, and says so without asking`() async throws {
        try await withAPI { service, node in
            let table = TableName(keyspace: "shop", name: "orders")
            let importing = await nodeFailure {
                _ = try await node.importSSTables(into: table, from: ["/d/shop/orders"], ImportOptions())
            }
            let living = await nodeFailure {
                try await node.takeSnapshot(SnapshotTag("x"), of: .everything, ttl: .seconds(60), skipsFlush: false)
            }
            #expect(importing?.code == .unsupported && living?.code == .unsupported)
            #expect(service.requests.isEmpty)
        }
    }

    @Test(
        arguments: [
            (400, "Snapshot x already exists.", CassandraError.Code.exists),
            (500, "Snapshot x already exists.", .exists),
            (500, "Keyspace nope does not exist", .notFound),
            (500, "Unknown keyspace/cf pair (shop.x)", .notFound),
            (500, "MemtablePostFlush has shut down", .notReady),
            (500, "Internal connection to Cassandra closed", .unreachable),
            (500, "null", .refused),
            (404, "<html>Not Found</html>", .unsupported),
            (401, "", .denied), (403, "nope", .denied), (302, "", .malformed), (503, "", .unreachable),
        ]
    )
    func `fails by the API's words`(status: Int, body: String, code: CassandraError.Code) async throws {
        try await withNodeService { service in
            service.answer("POST /api/v0/ops/node/snapshots", body, status: status)
            let node = try ManagementAPI(NodeAPISettings(url: service.url))
            let failure = await nodeFailure {
                try await node.takeSnapshot(SnapshotTag("x"), of: .everything, ttl: nil, skipsFlush: false)
            }
            #expect(failure?.code == code, "\(failure?.text ?? "")")
            #expect(failure?.text.contains("<html>") == false)
        }
    }

    @Test(arguments: ["", "[", "{}", "{\"entity\":3}", "{\"entity\":[]}", "{\"entity\":[{\"DC\":null}]}", "<html/>"])
    func `says that an answer is none`(body: String) async throws {
        try await withNodeService { service in
            service.answer("GET /api/v0/metadata/versions/release", "4.1.7")
            service.answer("GET /api/v0/metadata/endpoints", body)
            let node = try ManagementAPI(NodeAPISettings(url: service.url))
            #expect(await nodeFailure { _ = try await node.facts() }?.code == .malformed)
            #expect(await nodeFailure { _ = try await node.ring() }?.code == .malformed)
        }
    }
}
