import Cassandra
import SystemPackage
import TestSupport
import Testing
import TransferEngine

@testable import Operations

/// What ends a run, as a kill does.
private struct Killed: Error {}

@Suite(.timeLimit(.minutes(10))) struct `A restore into a running node that ends halfway` {
    private static let shop = ["shop.orders", "shop.orders_by_status", "shop.peers_by_city"]

    /// A fixture with a backup, and rows that have come since.
    private func made(in root: FilePath) async throws -> (OnlineFixture, backup: [TableName: [String]]) {
        let fixture = try await OnlineFixture(in: root, directories: 2)
        try fixture.fill()
        let backup = try fixture.content()
        try await fixture.backUp()
        try fixture.node.flush(OnlineFixture.orders, "a later order")
        try fixture.node.flush(OnlineFixture.view, "status of a later order")
        try fixture.node.flush(OnlineFixture.peers, "a later row", 1)
        return (fixture, backup)
    }

    private func check(_ fixture: OnlineFixture, _ wanted: [TableName: [String]], _ step: Int) throws {
        for (table, rows) in try fixture.content() {
            #expect(rows == wanted[table], "\(table) after step \(step)")
        }
        #expect(try fixture.leftovers().isEmpty, "after step \(step)")
    }

    /// Runs a restore that is killed before the line `step` of its journal; false if it came to its end.
    private func runs(_ fixture: OnlineFixture, _ strategy: RestoreStrategy, killedAt step: Int) async throws -> Bool {
        let counter = Counter()
        do {
            _ = try await fixture.restore(fixture.request(strategy, Self.shop, truncates: true)) { _ in
                if counter.next() == step { throw Killed() }
            }.run()
            return true
        } catch is Killed {
            return false
        }
    }

    @Test(arguments: `A restore into a running node`.strategies)
    func `goes on from every step, and brings each row once`(strategy: RestoreStrategy) async throws {
        var step = 0
        while true {
            let isWhole = try await withTemporaryDirectory { [step] root in
                let (fixture, backup) = try await made(in: root)
                let isWhole = try await runs(fixture, strategy, killedAt: step)
                if !isWhole {
                    _ = try await fixture.restore(fixture.request(strategy, Self.shop, truncates: true)).run()
                }
                var wanted = backup
                wanted[OnlineFixture.archive] = try fixture.node.rows(OnlineFixture.archive)
                try check(fixture, wanted, step)
                return isWhole
            }
            if isWhole { break }
            step += 1
        }
        #expect(step > 10)
    }

    @Test(arguments: `A restore into a running node`.strategies)
    func `goes on though the answer to any call was lost`(strategy: RestoreStrategy) async throws {
        for call in ["snapshot ringvault-undo", "TRUNCATE shop.orders", "TRUNCATE shop.peers", "import", "refresh"] {
            try await withTemporaryDirectory { root in
                let (fixture, backup) = try await made(in: root)
                let counter = Counter()
                fixture.node.change { state in
                    state.lost = { made in
                        guard made.hasPrefix(call), counter.next() == 0 else { return nil }
                        return CassandraError(.timedOut, "wait for", made, "no answer")
                    }
                }
                let request = try fixture.request(strategy, Self.shop, truncates: true)
                if strategy == .refreshing ? call != "import" : call != "refresh" {
                    await #expect(throws: (any Error).self, "\(call)") { try await fixture.restore(request).run() }
                }
                _ = try await fixture.restore(request).run()
                try check(fixture, backup, 0)
            }
        }
    }

    @Test(arguments: `A restore into a running node`.strategies)
    func `goes on after the node was started anew in between`(strategy: RestoreStrategy) async throws {
        var step = 0
        while true {
            let isWhole = try await withTemporaryDirectory { [step] root in
                let (fixture, backup) = try await made(in: root)
                if try await runs(fixture, strategy, killedAt: step) { return true }
                try fixture.node.restart()
                _ = try await fixture.restore(fixture.request(strategy, Self.shop, truncates: true)).run()
                try check(fixture, backup, step)
                return false
            }
            if isWhole { break }
            step += 1
        }
    }

    @Test(arguments: `A restore into a running node`.strategies, [true, false])
    func `is undone from every step`(strategy: RestoreStrategy, truncates: Bool) async throws {
        var step = 1
        while true {
            let isWhole = try await withTemporaryDirectory { [step] root in
                let (fixture, _) = try await made(in: root)
                let before = try fixture.content()
                let (counter, last) = (Counter(), step)
                var isWhole = true
                do {
                    _ = try await fixture.restore(fixture.request(strategy, Self.shop, truncates: truncates)) { _ in
                        if counter.next() == last { throw Killed() }
                    }.run()
                } catch is Killed {
                    isWhole = false
                }
                let plan = try await fixture.undo().run()
                #expect(plan.stage == .undone)
                try check(fixture, before, step)
                return isWhole
            }
            if isWhole { break }
            step += 1
        }
        #expect(step > 8)
    }

    @Test func `whose undo ends halfway is undone by the next`() async throws {
        var step = 0
        while true {
            let isWhole = try await withTemporaryDirectory { [step] root in
                let (fixture, _) = try await made(in: root)
                let before = try fixture.content()
                _ = try await fixture.restore(fixture.request(.importing, Self.shop, truncates: true)).run()
                let (counter, last) = (Counter(), step)
                do {
                    _ = try await fixture.undo { _ in if counter.next() == last { throw Killed() } }.run()
                    try check(fixture, before, step)
                    return true
                } catch is Killed {
                    _ = try await fixture.undo().run()
                    try check(fixture, before, step)
                    return false
                }
            }
            if isWhole { break }
            step += 1
        }
        #expect(step > 5)
    }

    @Test func `of a table that another node's restore has emptied is undone to what was there before that`()
        async throws
    {
        try await withTemporaryDirectory { root in
            let (fixture, backup) = try await made(in: root)
            let before = try fixture.content()
            var request = try fixture.request(.refreshing, Self.shop) { $0.restore.stopsWhenStaged = true }
            _ = try await fixture.restore(request).run()
            // TRUNCATE on the other node reaches this one too.
            try await fixture.node.execute(["TRUNCATE shop.orders", "TRUNCATE shop.peers_by_city"])
            request.restore.stopsWhenStaged = false
            _ = try await fixture.restore(request).run()
            #expect(try fixture.node.rows(OnlineFixture.orders) == backup[OnlineFixture.orders])
            _ = try await fixture.undo().run()
            #expect(try fixture.node.rows(OnlineFixture.orders) == before[OnlineFixture.orders])
            #expect(try fixture.node.rows(OnlineFixture.peers) == before[OnlineFixture.peers])
        }
    }

    @Test func `cannot be undone once the snapshots are gone, and says what to do`() async throws {
        try await withTemporaryDirectory { root in
            let (fixture, backup) = try await made(in: root)
            _ = try await fixture.restore(fixture.request(.importing, Self.shop, truncates: true)).run()
            for tag in Set(try await fixture.node.snapshots().map(\.tag)) {
                try await fixture.node.clearSnapshot(SnapshotTag(tag), keyspaces: [])
            }
            let refused = await #expect(throws: RestoreRefused.self) { try await fixture.undo().run() }
            #expect(refused?.description.contains("is gone") == true)
            #expect(refused?.description.contains("earlier backup") == true)
            try check(fixture, backup, 0)
        }
    }

    @Test func `with a torn SSTable in its stage loads nothing of that table, and the others`() async throws {
        try await withTemporaryDirectory { root in
            let (fixture, backup) = try await made(in: root)
            var request = try fixture.request(.refreshing, Self.shop, truncates: true)
            request.restore.stopsWhenStaged = true
            _ = try await fixture.restore(request).run()
            let folders = try #require(try RestoreFolders.all(in: fixture.node.data).first)
            let staged = folders.stage(0).appending("shop")
            let name = try #require(try DirectoryListing(of: staged).names.first { $0.hasPrefix("peers") })
            let torn = try DirectoryListing(of: staged.appending(name)).names.first { $0.hasSuffix("Statistics.db") }
            try FileTree.remove(staged.appending(name).appending(try #require(torn)))
            request.restore.stopsWhenStaged = false
            let error = await #expect(throws: RunError.self) { try await fixture.restore(request).run() }
            #expect(error?.description.contains("shop.peers_by_city") == true)
            #expect(error?.description.contains("Statistics.db is missing") == true)
            #expect(try fixture.node.rows(OnlineFixture.orders) == backup[OnlineFixture.orders])
            #expect(try fixture.node.rows(OnlineFixture.peers).isEmpty)
            _ = try await fixture.undo().run()
            #expect(try fixture.node.rows(OnlineFixture.peers) == ["a later row", "row of shop.peers_by_city"])
        }
    }

    @Test func `because the node refuses a directory names the table, loads the others and goes on`() async throws {
        try await withTemporaryDirectory { root in
            let (fixture, backup) = try await made(in: root)
            fixture.node.change { $0.refused = { $0.string.contains("peers_by_city") } }
            let request = try fixture.request(.importing, Self.shop, truncates: true)
            let error = await #expect(throws: RunError.self) { try await fixture.restore(request).run() }
            #expect(error?.description.contains("import into shop.peers_by_city") == true)
            #expect(try fixture.node.rows(OnlineFixture.orders) == backup[OnlineFixture.orders])
            fixture.node.change { $0.refused = { _ in false } }
            _ = try await fixture.restore(request).run()
            try check(fixture, backup, 0)
        }
    }

    @Test func `because the node does not open what lies in its directory is an error, not a success`() async throws {
        try await withTemporaryDirectory { root in
            let (fixture, backup) = try await made(in: root)
            fixture.node.change { $0.isBlind = true }
            let request = try fixture.request(.refreshing, Self.shop, truncates: true)
            let error = await #expect(throws: RunError.self) { try await fixture.restore(request).run() }
            #expect(error?.description.contains("the node does not have") == true)
            fixture.node.change { $0.isBlind = false }
            _ = try await fixture.restore(request).run()
            try check(fixture, backup, 0)
        }
    }

    @Test func `is not gone on with under other options`() async throws {
        try await withTemporaryDirectory { root in
            let (fixture, _) = try await made(in: root)
            #expect(try await !runs(fixture, .refreshing, killedAt: 6))
            let request = try fixture.request(.refreshing, Self.shop, truncates: false)
            let refused = await #expect(throws: RestoreRefused.self) { try await fixture.restore(request).run() }
            #expect(refused?.description.contains("begun with --truncate") == true)
        }
    }
}
