import Cassandra
import ObjectStorage
import Operations
import SystemPackage
import TestSupport
import Testing
import TransferEngine
import Vault

@Suite(.timeLimit(.minutes(5))) struct `A restore in place` {
    @Test func `makes all of a node as it was, and its undo all as it was before`() async throws {
        try await withMemoryDirectory { root in
            let node = try InPlaceNode(in: root)
            let vault = try await TestVault()
            try await node.backUp("one", to: vault)
            let good = try node.live()
            try node.spoil()
            let spoilt = try node.tree()

            let outcome = try await node.restore(try node.request(), from: vault).run()
            #expect(outcome.plan.stage == .done)
            // The keyspace that the backup does not have is left alone; the table that it does not have is not.
            let posts = try node.live().filter { $0.key.contains("/posts-") }
            #expect(posts.count == 5)
            #expect(try node.live().filter { !$0.key.contains("/posts-") } == good)
            // Snapshots and backups stay; commit log, hints, caches and change log are set aside.
            let now = try node.tree()
            #expect(now["data1/\(InPlaceNode.orders)/snapshots/own/nb-1-big-Data.db"] == [3])
            #expect(now["data1/\(InPlaceNode.orders)/backups/nb-7-big-Data.db"] == [4])
            #expect(now.keys.filter { !$0.hasPrefix("data") } == [])

            _ = try await node.undo()
            #expect(try node.tree() == spoilt)
        }
    }

    @Test func `fetches nothing of a node that has all, and shares no file that Cassandra writes again`() async throws {
        try await withMemoryDirectory { root in
            let node = try InPlaceNode(in: root)
            let vault = try await TestVault()
            try await node.backUp("one", to: vault)
            let good = try node.live()
            let restore = node.restore(try node.request(), from: vault)
            let plan = try await restore.plan()
            #expect(plan.newBytes == 0)
            #expect(plan.bytes == good.values.reduce(0) { $0 + Int64($1.count) })
            let outcome = try await restore.run()
            #expect(outcome.report?.receivedBytes == 0)
            #expect(try node.live() == good)
            for (path, _) in good {
                let count = try FileStatus(of: root.appending(path)).linkCount
                let isRewritten = ["TOC.txt", "Statistics.db"].contains { path.hasSuffix($0) }
                #expect(count == (isRewritten ? 1 : 2), "\(path)")
            }
        }
    }

    /// A node that a sweep of kills begins with again and again.
    private static func small(in root: FilePath) throws -> InPlaceNode {
        try InPlaceNode(
            in: root,
            tables: [InPlaceNode.orders, InPlaceNode.archive, InPlaceNode.local, InPlaceNode.schema]
        )
    }

    @Test(arguments: [FaultAt.Kind.note, .move])
    func `that is killed at any step goes on to the same end, and can be undone from there`(
        kind: FaultAt.Kind
    ) async throws {
        try await withMemoryDirectory { root in
            let template = try Self.small(in: root.appending("template"))
            let vault = try await TestVault()
            try await template.backUp("one", to: vault)
            // Another node of the ring: whose files are meant must be known half way, too.
            let other = try InPlaceNode(
                in: root.appending("other"),
                host: InPlaceNode.other,
                tables: [InPlaceNode.cities]
            )
            try await other.backUp("one", to: vault)
            let good = try template.live()
            var step = 0
            var stages: Set<RestoreStage> = []
            while true {
                let place = root.appending("node-\(step)")
                let node = try Self.small(in: place)
                try node.spoil()
                let spoilt = try node.tree()
                let fault = FaultAt(kind, step)
                do {
                    _ = try await node.restore(try node.request(), from: vault, faults: fault.faults).run()
                    #expect(!fault.hasStruck)
                    break
                } catch is FaultAt.Killed {}
                let folders = try RestoreFolders.all(in: node.data)[0]
                if let stage = try RestoreJournal.Content(of: folders.journal)?.stage { stages.insert(stage) }
                if kind == .note || step.isMultiple(of: 2) {
                    _ = try await node.restore(try node.request(), from: vault).run()
                    #expect(try node.live().filter { !Self.isNew($0.key) } == good, "killed at step \(step)")
                }
                _ = try await node.undo()
                #expect(try node.tree() == spoilt, "killed at step \(step)")
                try FileTree.removeAll(place)
                // Moves are many and alike: an odd stride comes by all kinds of them.
                step += kind == .note ? 1 : 13
            }
            #expect(stages == (kind == .note ? [.planned, .staged, .moving, .aside, .placed] : [.moving, .aside]))
        }
    }

    @Test(arguments: [FaultAt.Kind.note, .move])
    func `can be undone by an undo that is killed at any step`(kind: FaultAt.Kind) async throws {
        try await withMemoryDirectory { root in
            let template = try Self.small(in: root.appending("template"))
            let vault = try await TestVault()
            try await template.backUp("one", to: vault)
            var step = 0
            while true {
                let place = root.appending("node-\(step)")
                let node = try Self.small(in: place)
                try node.spoil()
                let spoilt = try node.tree()
                _ = try await node.restore(try node.request(), from: vault).run()
                let fault = FaultAt(kind, step)
                do {
                    _ = try await node.undo(faults: fault.faults)
                    #expect(!fault.hasStruck)
                    break
                } catch is FaultAt.Killed {}
                _ = try await node.undo()
                #expect(try node.tree() == spoilt, "killed at step \(step)")
                try FileTree.removeAll(place)
                step += kind == .note ? 1 : 17
            }
            #expect(step >= 3)
        }
    }

    /// What `InPlaceNode.spoil` brings that no backup has, in keyspaces that a backup may leave alone.
    private static func isNew(_ path: String) -> Bool { path.contains("/posts-") }

    @Test func `moves nothing before everything is fetched and verified`() async throws {
        try await withMemoryDirectory { root in
            let node = try InPlaceNode(in: root)
            let base = MemoryStore()
            let intact = try await TestVault(base)
            try await node.backUp("one", to: intact)
            let good = try node.live()
            try node.spoil()
            for dir in node.data.indices {
                for table in [InPlaceNode.archive, InPlaceNode.local] {
                    try FileTree.removeAll(node.data[dir].appending(table))
                }
            }
            let spoilt = try node.tree()
            var failures = 0
            for fault in [FaultyStore.Fault.flip, .cut, .failBefore(.unavailable)] {
                for victim in try await intact.keys("blobs/") {
                    for data in node.data { try FileTree.removeAll(data.appending(".ringvault")) }
                    let gets = Counter()
                    let lying = FaultyStore(base) { call in
                        guard call.operation == .get, call.subject == victim else { return nil }
                        _ = gets.next()
                        return fault
                    }
                    let vault = try await TestVault(intact.vault, through: lying)
                    // What stands on the node need not be fetched: then nothing goes wrong.
                    let plan = try await node.restore(try node.request(), from: vault).plan()
                    #expect(plan.failures.isEmpty)
                    var staging = try node.request()
                    staging.stopsWhenStaged = true
                    _ = try? await node.restore(staging, from: vault).run()
                    guard gets.next() > 0 else { continue }
                    failures += 1
                    await #expect(throws: (any Error).self) {
                        try await node.restore(try node.request(), from: vault).run()
                    }
                    #expect(try node.tree() == spoilt)
                }
            }
            #expect(failures >= 3)
            // What the failed ones have left is taken up, torn files included.
            _ = try await node.restore(try node.request(), from: intact).run()
            #expect(try node.live().filter { !$0.key.contains("/posts-") } == good)
        }
    }

    @Test func `of one table touches no other, whatever their names begin with`() async throws {
        try await withMemoryDirectory { root in
            let node = try InPlaceNode(in: root)
            try FileTree.remove(root.appending("commitlog/CommitLog-7-1.log"))
            let vault = try await TestVault()
            try await node.backUp("one", to: vault)
            let good = try node.live()
            try node.spoil()
            try FileTree.remove(root.appending("commitlog/CommitLog-7-2.log"))
            let before = try node.tree()
            let outcome = try await node.restore(try node.request("one", ["shop.orders"]), from: vault).run()
            #expect(outcome.plan.tables.map(\.name) == ["shop.orders"])
            let now = try node.tree()
            let isOwn = { (path: String) in path.contains("/\(InPlaceNode.orders)/") || path.hasPrefix("saved_caches/")
            }
            #expect(now.filter { !isOwn($0.key) } == before.filter { !isOwn($0.key) })
            #expect(try node.live().filter { isOwn($0.key) } == good.filter { isOwn($0.key) })
            // What had the same name and other bytes is aside.
            let folders = try RestoreFolders.all(in: node.data)[0]
            let old = folders.aside(0).appending(InPlaceNode.orders).appending("nb-1-big-Data.db")
            #expect(try SmallFile.bytes(of: old) == before["data1/\(InPlaceNode.orders)/nb-1-big-Data.db"])
            #expect(now["hints/h.hints"] != nil)
            #expect(now["saved_caches/c.db"] == nil)
        }
    }

    @Test func `for a new machine leaves out what only the old one may be, by exact names`() async throws {
        try await withMemoryDirectory { root in
            let node = try InPlaceNode(in: root.appending("old"))
            let vault = try await TestVault()
            try await node.backUp("one", to: vault)
            let good = try node.live()
            let machine = try InPlaceNode(
                in: root.appending("new"),
                host: InPlaceNode.other,
                tables: [InPlaceNode.local]
            )
            var request = try machine.request()
            request.isNewNode = true
            let outcome = try await machine.restore(request, from: vault).run()
            let identity = [InPlaceNode.local, InPlaceNode.peers, InPlaceNode.peers2]
            let expected = good.filter { file in !identity.contains { file.key.contains("/\($0)/") } }
            #expect(try machine.live() == expected)
            #expect(expected.keys.contains { $0.contains("peers_by_city") })
            #expect(outcome.plan.settings["auto_bootstrap"] == "false")
        }
    }

    @Test func `maps tables to the ids that the node has, and asks where that is not clear`() async throws {
        try await withMemoryDirectory { root in
            let node = try InPlaceNode(in: root)
            try FileTree.remove(root.appending("commitlog/CommitLog-7-1.log"))
            let vault = try await TestVault()
            try await node.backUp("one", to: vault)
            let anew = "shop/orders-9e2816e0e53811f1916b25b74eacdfa4"
            let stranger = "shop/orders-8e2816e0e53811f1916b25b74eacdfa4"
            for dir in node.data.indices {
                // Dropped: only its snapshot is left. And made again, under another id.
                let old = node.node.directory(nil, dir: dir)
                let dropped = old.appending("snapshots/dropped-1795216558163-orders")
                try FileTree.makeDirectories(dropped)
                for name in try DirectoryListing(of: old).names where !["snapshots", "backups"].contains(name) {
                    try FileTree.rename(old.appending(name), to: dropped.appending(name))
                }
                try FileTree.makeDirectories(node.data[dir].appending(anew))
            }
            let request = try node.request("one", ["shop.orders"])
            let plan = try await node.restore(request, from: vault).plan()
            #expect(plan.tables.map(\.target) == [anew])

            try FileTree.makeDirectories(node.data[0].appending(stranger))
            let refused = try await node.restore(request, from: vault).plan()
            #expect(refused.failures.map(\.name) == ["table shop.orders"])
            #expect(refused.failures[0].words.contains("--table-id shop.orders="))
            await #expect(throws: RestoreRefused.self) { try await node.restore(request, from: vault).run() }

            var chosen = request
            chosen.tableIDs = ["shop.orders": "8e2816e0e53811f1916b25b74eacdfa4"]
            _ = try await node.restore(chosen, from: vault).run()
            #expect(try node.live().keys.contains("data2/\(stranger)/nb-3-big-Data.db"))
            #expect(try node.live()["data1/\(stranger)/.orders_idx/nb-1-big-Data.db"] == [1, 2])
        }
    }

    @Test func `of a table that the node does not have is refused unless the schema comes with it`() async throws {
        try await withMemoryDirectory { root in
            let node = try InPlaceNode(in: root)
            let vault = try await TestVault()
            try await node.backUp("one", to: vault)
            for data in node.data { try FileTree.removeAll(data.appending(InPlaceNode.orders)) }
            let before = try node.tree()
            let plan = try await node.restore(try node.request("one", ["shop.orders"]), from: vault).plan()
            #expect(plan.failures.contains { $0.name == "table shop.orders" && $0.words.contains("system_schema") })
            #expect(try node.tree() == before)
            _ = try await node.restore(try node.request(), from: vault).run()
            #expect(try node.live()["data1/\(InPlaceNode.orders)/nb-1-big-Data.db"] != nil)
        }
    }

    @Test func `gives a table of more files than a listing has pages for`() async throws {
        try await withMemoryDirectory { root in
            let node = try InPlaceNode(in: root, directories: 1)
            for generation in 10..<220 {
                try node.node.addSSTable(generation, in: nil, data: [UInt8(generation % 256)])
            }
            let vault = try await TestVault()
            try await node.backUp("one", to: vault)
            let good = try node.live()
            #expect(good.count > 1000)
            try FileTree.removeAll(node.data[0].appending(InPlaceNode.orders))
            _ = try await node.restore(try node.request(), from: vault).run()
            #expect(try node.live() == good)
        }
    }
}
