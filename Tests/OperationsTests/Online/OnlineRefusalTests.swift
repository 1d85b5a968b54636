import Cassandra
import SystemPackage
import TestSupport
import Testing
import TransferEngine

@testable import Operations

@Suite(.timeLimit(.minutes(10))) struct `A restore into a running node is refused` {
    /// Makes the restore, which must be refused for a reason with those words and change nothing.
    private func expectRefusal(
        _ words: String...,
        release: String = "4.1.7",
        strategy: RestoreStrategy = .refreshing,
        tables: [String] = [],
        truncates: Bool = false,
        autoSnapshot: Bool? = true,
        change: (inout OnlineRequest) -> Void = { _ in },
        prepare: (OnlineFixture) async throws -> Void
    ) async throws {
        try await withTemporaryDirectory { root in
            let fixture = try await OnlineFixture(in: root, release: release)
            try fixture.fill()
            try await fixture.backUp(ring: ["127.0.0.1", "127.0.0.2"])
            try await prepare(fixture)
            let before = try files(below: root)
            let request = try fixture.request(strategy, tables, truncates: truncates, change: change)
            let calls = fixture.node.calls.count
            let refused = await #expect(throws: RestoreRefused.self) {
                try await fixture.restore(request, autoSnapshot: autoSnapshot).run()
            }
            for part in words { #expect(refused?.description.contains(part) == true, "\(part) in \(refused as Any)") }
            #expect(try files(below: root) == before)
            let done = fixture.node.calls.dropFirst(calls).filter { !["facts", "mode", "ring"].contains($0) }
            #expect(done.isEmpty, "\(done)")
        }
    }

    @Test func `while the node is draining`() async throws {
        try await expectRefusal("DRAINING") { $0.node.change { $0.mode = .draining } }
    }

    @Test func `by import on a node of 3.11, which is told to use refresh`() async throws {
        try await expectRefusal("--strategy refresh", release: "3.11.17", strategy: .importing) { _ in }
    }

    @Test func `if the node cannot read the SSTables`() async throws {
        try await withTemporaryDirectory { root in
            let fixture = try await OnlineFixture(in: root, release: "5.0.1")
            try fixture.node.flush(OnlineFixture.peers, "row", version: "oa")
            try await fixture.backUp()
            fixture.node.change { $0.facts.releaseVersion = ReleaseVersion("4.1.7") ?? $0.facts.releaseVersion }
            let refused = await #expect(throws: RestoreRefused.self) {
                try await fixture.restore(fixture.request(.refreshing, ["shop.peers_by_city"])).run()
            }
            #expect(refused?.description.contains("oa-1-big") == true)
            #expect(refused?.description.contains("4.1.7") == true)
        }
    }

    @Test func `if the node has other tokens, with what would be missing`() async throws {
        try await expectRefusal("none of them the same", "--host-id") {
            $0.node.change {
                $0.facts.tokens = ["7", "4611686018427387904"]
                $0.others = [
                    .init(address: "127.0.0.2", hostID: nil, datacenter: "dc1", rack: nil, isUp: true, state: .normal)
                ]
            }
        }
    }

    @Test func `if a table cannot hold the rows`() async throws {
        try await expectRefusal("no column customer", "ALTER TABLE", tables: ["shop.orders_archive"]) {
            $0.node.change { state in
                for index in state.schema.keyspaces[0].tables.indices {
                    state.schema.keyspaces[0].tables[index].columns.removeAll { $0.name == "customer" }
                }
            }
            #expect($0.node.schema.table("shop", "orders_archive")?.column("customer") == nil)
        }
    }

    @Test(arguments: [true, false])
    func `if a view would be left behind, and the view is named`(truncates: Bool) async throws {
        try await expectRefusal(
            "shop.orders_by_status",
            "--table shop.orders_by_status",
            tables: ["shop.orders"],
            truncates: truncates
        ) { _ in }
    }

    @Test func `for a view without its table`() async throws {
        try await expectRefusal("is a view of shop.orders", tables: ["shop.orders_by_status"]) { _ in }
    }

    @Test func `into counters that are there, unless they are emptied`() async throws {
        try await expectRefusal("shop.page_views holds counters", tables: ["shop.page_views"]) { _ in }
        try await withTemporaryDirectory { root in
            let fixture = try await OnlineFixture(in: root)
            try fixture.fill()
            try await fixture.backUp()
            _ = try await fixture.restore(fixture.request(.refreshing, ["shop.page_views"], truncates: true)).run()
            #expect(try fixture.node.rows(OnlineFixture.pages) == ["row of shop.page_views"])
            // Nothing is there to mix with.
            try fixture.node.empty(OnlineFixture.pages)
            _ = try await fixture.restore(fixture.request(.importing, ["shop.page_views"])).run()
            #expect(try fixture.node.rows(OnlineFixture.pages) == ["row of shop.page_views"])
        }
    }

    @Test func `with --truncate while a node is down`() async throws {
        try await expectRefusal("127.0.0.2", "down", tables: ["shop.peers_by_city"], truncates: true) {
            $0.node.change {
                $0.others = [
                    .init(address: "127.0.0.2", hostID: nil, datacenter: "dc1", rack: nil, isUp: false, state: .normal)
                ]
            }
        }
    }

    @Test func `with --truncate in a ring that keeps no snapshots of what it empties`() async throws {
        try await expectRefusal("auto_snapshot", tables: ["shop.peers_by_city"], truncates: true, autoSnapshot: false) {
            $0.node.change {
                $0.others = [
                    .init(address: "127.0.0.2", hostID: nil, datacenter: "dc1", rack: nil, isUp: true, state: .normal)
                ]
            }
        }
    }

    @Test func `when several tables would become one`() async throws {
        try await expectRefusal(
            "would all become shop.empty_table",
            tables: ["shop.orders_archive", "shop.peers_by_city"]
        ) {
            $0.target = .table(TableName(keyspace: "shop", name: "empty_table"))
        } prepare: {
            _ in
        }
    }

    @Test func `before anything is emptied if the data directories are another node's`() async throws {
        try await withTemporaryDirectory { root in
            let fixture = try await OnlineFixture(in: root)
            try fixture.fill()
            try await fixture.backUp()
            // The same tables stand elsewhere, and the node does not write there.
            let strange = try LivingNode(in: root.appending("strange"), schema: OnlineFixture.text)
            let request = try fixture.request(.refreshing, ["shop.peers_by_city"], truncates: true) {
                $0.restore.dataDirectories = strange.data
            }
            let error = await #expect(throws: RunError.self) { try await fixture.restore(request).run() }
            #expect(error?.description.contains("are they this node's?") == true)
            #expect(!fixture.node.calls.contains { $0.hasPrefix("TRUNCATE") || $0.hasPrefix("refresh") })
            #expect(try fixture.node.rows(OnlineFixture.peers) == ["row of shop.peers_by_city"])
        }
    }
}
