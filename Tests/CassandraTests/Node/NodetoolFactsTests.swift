import SystemPackage
import TestSupport
import Testing

@testable import Cassandra

@Suite struct `A node asked by nodetool` {
    /// All that `facts` and `ring` ask, as a real node answered.
    private func withNode<Result>(
        _ node: String,
        prefix: String = "",
        info: String = "info-T",
        _ body: (Nodetool) async throws -> Result
    ) async throws -> Result {
        try await withTemporaryDirectory { root in
            let nodetool = try ScriptedNodetool(in: root)
            try nodetool.answer("info", Capture(node, info))
            try nodetool.answer("version", Capture(node, "version"))
            try nodetool.answer("describecluster", Capture(node, "\(prefix)describecluster"))
            try nodetool.answer("status", Capture(node, "\(prefix)status"))
            try nodetool.answer("describering", Capture(node, "describering-shop"))
            try nodetool.answer("listsnapshots", Capture(node, "listsnapshots"))
            try nodetool.answer("netstats", Capture(node, "\(prefix)netstats"))
            return try await body(nodetool.control())
        }
    }

    @Test(
        .timeLimit(.minutes(5)),
        arguments: [
            ("3.11.17", "fb104f10-1ef2-45ae-ac91-864ce62f4256", "d7f98c2a-52f3-38e7-8138-9224d9a0ae3b"),
            ("4.0.14", "4d6b40e5-1b75-4043-b7c6-457526a39ab4", "c02bd832-60a8-3bab-8067-2acf2c5ad874"),
            ("4.1.7", "e59c5211-6d4a-4c0e-a746-4ea27a72281c", "35abb7d9-8980-329a-95d3-7973b02656b7"),
            ("5.0.1", "08cfd33d-98ed-4226-b764-7a83ffda7aae", "4b154f83-da1e-38eb-989b-ace3fd9c258d"),
        ]
    )
    func `tells who it is`(version: String, hostID: String, schema: String) async throws {
        let facts = try await withNode(version) { try await $0.facts() }
        #expect(facts.releaseVersion == ReleaseVersion(version))
        #expect(facts.hostID == hostID)
        #expect(facts.clusterName == "Fixture \(version)")
        #expect(facts.partitioner == "org.apache.cassandra.dht.Murmur3Partitioner")
        #expect([facts.datacenter, facts.rack, facts.address] == ["dc1", "rack1", "127.0.0.1"])
        #expect(facts.schemaVersion == schema)
        #expect(facts.tokens.count == 16)
        #expect(facts.tokens.compactMap { Int64($0) } == facts.tokens.compactMap { Int64($0) }.sorted())
    }

    @Test(.timeLimit(.minutes(5))) func `of a ring tells its own tokens, and who owns what`() async throws {
        try await withNode("ring-4.0.14/n1") { node in
            let facts = try await node.facts()
            #expect(
                facts.tokens == [
                    "-8371550354148192476", "-6536027016793414666", "-3644982635409339828", "-1434098386650212356",
                    "155906165863686281", "2753074914076843654", "5627751115135369071", "7563424873318743088",
                ]
            )
            #expect([facts.datacenter, facts.rack, facts.address] == ["dc1", "rack1", "127.0.0.1"])
            let ranges = try await node.ranges(ofKeyspace: "shop")
            #expect(ranges.count == 24)
            #expect(
                ranges.first
                    == TokenRange(
                        start: "-8371550354148192476",
                        end: "-7507774665981238427",
                        endpoints: ["127.0.0.3", "127.0.0.2"]
                    )
            )
            #expect(Set(ranges.map(\.end)) == Set(ranges.map(\.start)))
        }
    }

    @Test(.timeLimit(.minutes(5))) func `lists the ring, also a node that is down`() async throws {
        func member(_ number: Int, _ hostID: String, _ rack: String, isUp: Bool) -> RingState.Member {
            RingState.Member(
                address: "127.0.0.\(number)",
                hostID: hostID,
                datacenter: "dc1",
                rack: rack,
                isUp: isUp,
                state: .normal
            )
        }
        let version = "b464f85c-e1f3-3203-809c-2398d4fbc35a"
        let ring = try await withNode("ring-4.0.14/n1") { try await $0.ring() }
        #expect(ring.agreesOnSchema && ring.unreachable.isEmpty)
        #expect(ring.schemaVersions.mapValues { $0.sorted() } == [version: ["127.0.0.1", "127.0.0.2", "127.0.0.3"]])
        #expect(ring.members.map(\.isUp) == [true, true, true])

        let reduced = try await withNode("ring-4.0.14/n1", prefix: "n3-down-") { try await $0.ring() }
        #expect(
            reduced.members == [
                member(2, "d7a390ad-11fe-44b2-ac75-c94d433d94cd", "rack2", isUp: true),
                member(1, "6de27a28-7a4c-4db5-a5c3-53bdb9cf7c4f", "rack1", isUp: true),
                member(3, "888fe7d0-a9d2-403c-a10f-a00d07eb95aa", "rack1", isUp: false),
            ]
        )
        #expect(reduced.unreachable == ["127.0.0.3"])
        #expect(reduced.schemaVersions == [version: ["127.0.0.2", "127.0.0.1"]])
    }

    @Test(
        .timeLimit(.minutes(5)),
        arguments: [("netstats", NodeMode.normal), ("draining-netstats", .draining), ("drained-netstats", .drained)]
    )
    func `tells its mode`(capture: String, mode: NodeMode) async throws {
        for version in Fixture.versions {
            #expect(try NodetoolNetstats.mode(Capture(version, capture).output) == mode)
        }
    }

    @Test func `that is drained still tells who it is, without its tokens`() throws {
        for version in Fixture.versions {
            let info = try NodetoolInfo(Capture(version, "drained-info").output)
            #expect(info.datacenter == "dc1" && info.rack == "rack1" && info.tokens.isEmpty)
        }
    }

    @Test(arguments: [("3.11.17", 47), ("4.0.14", 109), ("4.1.7", 122), ("5.0.1", 132)])
    func `lists every table of every snapshot`(version: String, count: Int) throws {
        let output = try Capture(version, "listsnapshots").output
        let snapshots = try NodetoolSnapshots.snapshots(output)
        #expect(snapshots.count == count)
        #expect(snapshots.count == output.split(separator: "\n").count { $0.contains("iB ") || $0.contains("bytes ") })
        let hasTimes = ReleaseVersion(version)?.hasSnapshotTTL == true
        #expect(snapshots.allSatisfy { ($0.created != nil) == hasTimes })
        let orders = try #require(snapshots.first { $0.tag == "daily-2" && $0.table == "orders" })
        #expect(orders.keyspace == "shop" && (orders.sizeOnDisk ?? 0) > 50_000)
        for name in ["listsnapshots-daily-1", "listsnapshots-daily-2", "drained-listsnapshots"] {
            #expect(try NodetoolSnapshots.snapshots(Capture(version, name).output).count > 20)
        }
        #expect(try NodetoolSnapshots.snapshots(Capture(version, "listsnapshots-none").output).isEmpty)
    }

    @Test func `tells when a snapshot expires`() throws {
        let snapshots = try NodetoolSnapshots.snapshots(Capture("4.1.7", "listsnapshots").output)
        let plain = try #require(snapshots.first { $0.tag == "with-ttl" && $0.table == "plain" })
        #expect(
            plain
                == NodeSnapshot(
                    tag: "with-ttl",
                    keyspace: "MixedCase",
                    table: "plain",
                    sizeOnDisk: 11458,
                    trueSize: 1021,
                    created: "2026-11-20T23:19:28.259Z",
                    expires: "2026-11-21T04:19:28.259Z"
                )
        )
    }
}
