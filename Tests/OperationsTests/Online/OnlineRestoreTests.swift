import Cassandra
import SystemPackage
import TestSupport
import Testing
import TransferEngine

@testable import Operations

@Suite(.timeLimit(.minutes(10))) struct `A restore into a running node` {
    static let strategies: [RestoreStrategy] = [.importing, .refreshing]
    static let shop = ["shop.orders", "shop.orders_by_status"]

    @Test(arguments: strategies, [1, 2])
    func `brings back what was lost and leaves every other table as it is`(
        strategy: RestoreStrategy,
        directories: Int
    ) async throws {
        try await withTemporaryDirectory { root in
            let fixture = try await OnlineFixture(in: root, directories: directories)
            try fixture.fill()
            let before = try fixture.content()
            try await fixture.backUp()
            try await fixture.node.execute(["TRUNCATE shop.orders"])
            try fixture.node.flush(OnlineFixture.orders, "a wrong order")
            try fixture.node.flush(OnlineFixture.archive, "since the backup")
            let others = try [OnlineFixture.archive, OnlineFixture.peers, OnlineFixture.pages].map(fixture.liveFiles)

            let report = try await fixture.restore(fixture.request(strategy, Self.shop, truncates: true)).run()
            #expect(try fixture.node.rows(OnlineFixture.orders) == before[OnlineFixture.orders])
            #expect(try fixture.node.rows(OnlineFixture.view) == before[OnlineFixture.view])
            let now = try [OnlineFixture.archive, OnlineFixture.peers, OnlineFixture.pages].map(fixture.liveFiles)
            #expect(now == others)
            #expect(report.stage == .done)
            #expect(report.tables == [OnlineFixture.orders, OnlineFixture.view])
            #expect(report.truncateTags.count == 1)
            #expect(try fixture.leftovers().isEmpty)
            // The check's snapshot is gone, the one for an undo is kept.
            let tags = Set(try await fixture.node.snapshots().map(\.tag))
            #expect(tags.contains(try #require(report.undoTag)))
            #expect(!tags.contains { $0.hasPrefix("ringvault-check") })
        }
    }

    @Test(arguments: strategies)
    func `adds to what is there without replacing a file, though the names are the same`(
        strategy: RestoreStrategy
    ) async throws {
        try await withTemporaryDirectory { root in
            let fixture = try await OnlineFixture(in: root)
            try fixture.fill()
            try await fixture.backUp()
            // Emptied and started again: the node counts from 1, and nb-1 to nb-3 are others now.
            try fixture.node.empty(OnlineFixture.peers)
            fixture.node.change { $0.next[OnlineFixture.peers] = 0 }
            for number in 1...3 { try fixture.node.flush(OnlineFixture.peers, "another row \(number)") }
            let before = try fixture.liveFiles(OnlineFixture.peers)

            _ = try await fixture.restore(fixture.request(strategy, ["shop.peers_by_city"])).run()
            let rows = try fixture.node.rows(OnlineFixture.peers)
            #expect(rows == ["another row 1", "another row 2", "another row 3", "row of shop.peers_by_city"])
            let after = try fixture.liveFiles(OnlineFixture.peers)
            #expect(before.allSatisfy { after[$0.key] == $0.value })
        }
    }

    @Test func `loads more than a thousand SSTables of one table`() async throws {
        try await withTemporaryDirectory { root in
            let fixture = try await OnlineFixture(in: root, directories: 2)
            for number in 1...1_010 { try fixture.node.flush(OnlineFixture.archive, "row \(number)", number % 2) }
            try await fixture.backUp()
            let rows = try fixture.node.rows(OnlineFixture.archive)
            _ = try await fixture.restore(fixture.request(.refreshing, ["shop.orders_archive"], truncates: true)).run()
            #expect(try fixture.node.rows(OnlineFixture.archive) == rows)
        }
    }

    @Test func `restores only the table whose name it was given, not those that begin with it`() async throws {
        try await withTemporaryDirectory { root in
            let fixture = try await OnlineFixture(in: root)
            try fixture.fill()
            try await fixture.backUp()
            for table in [OnlineFixture.orders, OnlineFixture.archive, OnlineFixture.peers] {
                try fixture.node.empty(table)
            }
            _ = try await fixture.restore(fixture.request(.refreshing, Self.shop)).run()
            #expect(try fixture.node.rows(OnlineFixture.orders).count == 3)
            #expect(try fixture.node.rows(OnlineFixture.archive).isEmpty)
            _ = try await fixture.restore(fixture.request(.importing, ["shop.peers_by_city"])).run()
            #expect(try fixture.node.rows(OnlineFixture.peers) == ["row of shop.peers_by_city"])
            #expect(try fixture.node.rows(OnlineFixture.archive).isEmpty)
        }
    }

    @Test func `plans without changing anything`() async throws {
        try await withTemporaryDirectory { root in
            let fixture = try await OnlineFixture(in: root)
            try fixture.fill()
            try await fixture.backUp()
            let before = try files(below: root)
            let calls = fixture.node.calls.count
            let plan = try await fixture.restore(fixture.request(.importing, truncates: true)).plan()
            #expect(plan.failures.isEmpty, "\(plan.failures)")
            #expect(plan.tables.count == 6)
            #expect(plan.newBytes == plan.bytes)
            #expect(plan.touches.contains { $0.action == .truncated && $0.subject.hasPrefix("shop.orders,") })
            #expect(!plan.touches.contains { $0.action == .truncated && $0.subject.hasPrefix("shop.orders_by_status") })
            #expect(try files(below: root) == before)
            let asked = Set(fixture.node.calls.dropFirst(calls))
            #expect(asked.isSubset(of: ["facts", "mode", "ring"]), "\(asked)")
        }
    }

    @Test func `can end when all is staged, and go on from there`() async throws {
        try await withTemporaryDirectory { root in
            let fixture = try await OnlineFixture(in: root)
            try fixture.fill()
            let before = try fixture.content()
            try await fixture.backUp()
            var request = try fixture.request(.importing, Self.shop) { $0.restore.stopsWhenStaged = true }
            let staged = try await fixture.restore(request).run()
            #expect(staged.stage == .staged)
            #expect(staged.tables.isEmpty)
            #expect(try fixture.content() == before)
            #expect(try await fixture.node.snapshots().isEmpty)

            try fixture.node.flush(OnlineFixture.orders, "a wrong order")
            request.restore.stopsWhenStaged = false
            request.truncates = true
            let done = try await fixture.restore(request).run()
            #expect(done.receivedBytes == nil)
            #expect(try fixture.node.rows(OnlineFixture.orders) == before[OnlineFixture.orders])
        }
    }

    @Test func `that was finished is done once more only if that is asked for`() async throws {
        try await withTemporaryDirectory { root in
            let fixture = try await OnlineFixture(in: root)
            try fixture.fill()
            try await fixture.backUp()
            var request = try fixture.request(.refreshing, ["shop.peers_by_city"], truncates: true)
            _ = try await fixture.restore(request).run()
            let calls = fixture.node.calls.count
            let refused = await #expect(throws: RestoreRefused.self) { try await fixture.restore(request).run() }
            #expect(refused?.description.contains("--again") == true)
            #expect(
                !fixture.node.calls.dropFirst(calls).contains { $0.hasPrefix("TRUNCATE") || $0.hasPrefix("refresh") }
            )
            request.restore.isAgain = true
            _ = try await fixture.restore(request).run()
            #expect(try fixture.node.rows(OnlineFixture.peers) == ["row of shop.peers_by_city"])
        }
    }

    @Test func `becomes another table, and leaves the first one alone`() async throws {
        try await withTemporaryDirectory { root in
            let fixture = try await OnlineFixture(in: root)
            try fixture.fill()
            try await fixture.backUp()
            let before = try fixture.liveFiles(OnlineFixture.archive)
            let copy = TableName(keyspace: "shop", name: "archive_copy")
            let request = try fixture.request(.importing, ["shop.orders_archive"]) {
                $0.target = .table(copy)
            }
            let refused = await #expect(throws: RestoreRefused.self) { try await fixture.restore(request).run() }
            #expect(refused?.description.contains("--schema create") == true)
            #expect(refused?.description.contains("shop.archive_copy") == true)

            var create = request
            create.schema = .create
            let report = try await fixture.restore(create).run()
            #expect(report.created == [copy])
            #expect(report.undoTag == nil)
            #expect(try fixture.node.rows(copy) == ["row of shop.orders_archive"])
            #expect(try fixture.liveFiles(OnlineFixture.archive) == before)
            let other = TableName(keyspace: "attic", name: "orders_archive")
            let keyspace = try fixture.request(.refreshing, ["shop.orders_archive"]) {
                $0.target = .keyspace("attic")
                $0.schema = .create
                $0.replication = ["": ["class": "SimpleStrategy", "replication_factor": "1"]]
            }
            _ = try await fixture.restore(keyspace).run()
            #expect(try fixture.node.rows(other) == ["row of shop.orders_archive"])
            #expect(fixture.node.schema[keyspace: "attic"]?.replication["replication_factor"] == "1")
        }
    }

    @Test(arguments: strategies)
    func `makes a table that was dropped again, with its id and indexes`(strategy: RestoreStrategy) async throws {
        try await withTemporaryDirectory { root in
            let fixture = try await OnlineFixture(in: root)
            try fixture.fill()
            try await fixture.backUp()
            let id = fixture.node.schema.table("shop", "peers_by_city")?.id
            try fixture.node.empty(OnlineFixture.peers)
            fixture.node.change { $0.schema.keyspaces[0].tables.removeAll { $0.name == "peers_by_city" } }
            let request = try fixture.request(strategy, ["shop.peers_by_city", "shop.orders_archive"])
            let refused = await #expect(throws: RestoreRefused.self) { try await fixture.restore(request).run() }
            #expect(refused?.description.contains("shop.peers_by_city does not exist here") == true)

            var create = request
            create.schema = .create
            let report = try await fixture.restore(create).run()
            #expect(report.created == [OnlineFixture.peers])
            #expect(fixture.node.schema.table("shop", "peers_by_city")?.id == id)
            #expect(try fixture.node.rows(OnlineFixture.peers) == ["row of shop.peers_by_city"])
        }
    }
}
