import Cassandra
import Glibc
import Operations
import SystemPackage
import TestSupport
import Testing
import TransferEngine
import Vault

@Suite(.timeLimit(.minutes(5))) struct `A restore in place that was done` {
    @Test func `is not done twice unless that is said, and then each can be undone`() async throws {
        try await withMemoryDirectory { root in
            let node = try InPlaceNode(in: root)
            let vault = try await TestVault()
            try await node.backUp("one", to: vault)
            try node.spoil()
            let first = try node.tree()
            _ = try await node.restore(try node.request(), from: vault).run()
            try node.spoil()
            let second = try node.tree()
            let refused = await #expect(throws: RestoreRefused.self) {
                try await node.restore(try node.request(), from: vault).run()
            }
            #expect(refused?.description.contains("--again") == true)
            #expect(try node.tree() == second)

            var request = try node.request()
            request.isAgain = true
            _ = try await node.restore(request, from: vault).run()
            let leftovers = RestoreLeftovers(in: node.data)
            let folders = try RestoreFolders.all(in: node.data)
            #expect(folders.map(\.execution) == [1, 2])
            let early = await #expect(throws: RestoreRefused.self) { try await node.undo(folders[0]) }
            #expect(early?.description.contains(folders[1].name) == true)
            _ = try await node.undo(folders[1])
            #expect(try node.tree() == second)
            _ = try await node.undo(folders[0])
            #expect(try node.tree() == first)
            #expect(try leftovers.entries().map(\.stage) == [.undone, .undone])
        }
    }

    @Test func `waits when all is staged, while the node may still run`() async throws {
        try await withMemoryDirectory { root in
            let node = try InPlaceNode(in: root)
            let vault = try await TestVault()
            try await node.backUp("one", to: vault)
            let good = try node.live()
            try node.spoil()
            let spoilt = try node.tree()
            let silence = node.control
            silence.change { $0.failure = { _ in nil } }
            var request = try node.request()
            request.stopsWhenStaged = true
            let outcome = try await node.restore(request, from: vault).run()
            #expect(outcome.plan.stage == .staged)
            #expect(outcome.aside == nil)
            #expect(try node.tree() == spoilt)
            await #expect(throws: RestoreRefused.self) { try await node.restore(try node.request(), from: vault).run() }
            #expect(try node.tree() == spoilt)
            silence.change {
                $0.failure = { _ in CassandraError(.unreachable, "ask", "the node", "connection refused") }
            }
            let last = try await node.restore(try node.request(), from: vault).run()
            #expect(last.report?.receivedBytes == 0)
            #expect(try node.live().filter { !$0.key.contains("/posts-") } == good)
        }
    }

    @Test func `with other options is another's, and is not gone on with`() async throws {
        try await withMemoryDirectory { root in
            let node = try InPlaceNode(in: root)
            let vault = try await TestVault()
            try await node.backUp("one", to: vault)
            let fault = FaultAt(.note, 3)
            await #expect(throws: FaultAt.Killed.self) {
                try await node.restore(try node.request(), from: vault, faults: fault.faults).run()
            }
            var other = try node.request()
            other.isNewNode = true
            let error = await #expect(throws: RunError.self) { try await node.restore(other, from: vault).run() }
            #expect(error?.code == .conflict)
            #expect(error?.description.contains("--new-node") == true)
            // And no restore of other tables begins beside it.
            let beside = await #expect(throws: RestoreRefused.self) {
                try await node.restore(try node.request("one", ["shop.orders"]), from: vault).run()
            }
            #expect(beside?.description.contains("no other restore") == true)
        }
    }

    @Test func `is cleaned up after only when that is said, and not while it is half way`() async throws {
        try await withMemoryDirectory { root in
            let node = try InPlaceNode(in: root)
            let vault = try await TestVault()
            try await node.backUp("one", to: vault)
            let good = try node.live()
            try node.spoil()
            let fault = FaultAt(.note, 4)
            await #expect(throws: FaultAt.Killed.self) {
                try await node.restore(try node.request(), from: vault, faults: fault.faults).run()
            }
            let leftovers = RestoreLeftovers(in: node.data)
            let folders = try RestoreFolders.all(in: node.data)[0]
            #expect(throws: RunError.self) { try leftovers.discardAll(folders) }
            #expect(throws: RunError.self) { try leftovers.discardStage(folders) }
            _ = try await node.restore(try node.request(), from: vault).run()
            let entry = try #require(try leftovers.entries().first)
            #expect(entry.stage == .done)
            #expect(entry.asideBytes > 1000)
            #expect(entry.stagedBytes == 0)
            try leftovers.discardAll(folders)
            #expect(try leftovers.entries().isEmpty)
            #expect(try node.live().filter { !$0.key.contains("/posts-") } == good)
            for path in node.data + [root] {
                #expect(try !DirectoryListing(of: path).names.contains(".ringvault"), "\(path)")
            }
        }
    }

    @Test func `is not undone when what was set aside is not all there, or while the node runs`() async throws {
        try await withMemoryDirectory { root in
            let node = try InPlaceNode(in: root)
            let vault = try await TestVault()
            try await node.backUp("one", to: vault)
            try node.spoil()
            _ = try await node.restore(try node.request(), from: vault).run()
            let restored = try node.tree()
            node.control.change { $0.failure = { _ in nil } }
            await #expect(throws: RestoreRefused.self) { try await node.undo() }
            #expect(try node.tree() == restored)
            node.control.change {
                $0.failure = { _ in CassandraError(.unreachable, "ask", "the node", "connection refused") }
            }
            let aside = try RestoreFolders.all(in: node.data)[0].aside(0).appending(InPlaceNode.archive)
            try FileTree.remove(aside.appending("nb-1-big-Data.db"))
            let error = await #expect(throws: RestoreRefused.self) { try await node.undo() }
            #expect(error?.description.contains("what was set aside") == true)
            #expect(try node.tree() == restored)
        }
    }

    @Test func `has a journal whose torn end is cut off, and any other damage told`() async throws {
        try await withMemoryDirectory { root in
            let node = try InPlaceNode(in: root)
            let vault = try await TestVault()
            try await node.backUp("one", to: vault)
            let good = try node.live()
            let fault = FaultAt(.note, 3)
            await #expect(throws: FaultAt.Killed.self) {
                try await node.restore(try node.request(), from: vault, faults: fault.faults).run()
            }
            let journal = try RestoreFolders.all(in: node.data)[0].journal
            let intact = try SmallFile.bytes(of: journal)
            try write(intact + Array(#"{"stage":"plac"#.utf8), to: journal)
            _ = try await node.restore(try node.request(), from: vault).run()
            #expect(try node.live() == good)
            let text = try SmallFile.text(of: journal)
            #expect(text.hasSuffix("}\n"))
            #expect(!text.contains(#""plac""#))
            try write(Array(text.replacing("staged", with: "sta\u{1}ged").utf8), to: journal)
            await #expect(throws: RunError.self) { try await node.undo() }
        }
    }

    @Test func `gives its files to the owner of the data directory`() async throws {
        try await withMemoryDirectory { root in
            let node = try InPlaceNode(in: root)
            let vault = try await TestVault()
            try await node.backUp("one", to: vault)
            let isRoot = geteuid() == 0
            for data in node.data {
                if isRoot { #expect(unsafe chown(data.string, 1234, 5678) == 0) }
                #expect(unsafe chmod(data.string, 0o750) == 0)
                try FileTree.removeAll(data.appending(InPlaceNode.orders))
            }
            _ = try await node.restore(try node.request(), from: vault).run()
            let directory = node.data[1].appending(InPlaceNode.orders)
            let file = try FileStatus(of: directory.appending("nb-3-big-Data.db"))
            let table = try FileStatus(of: directory)
            #expect(table.permissions == 0o750)
            #expect(file.permissions == 0o640)
            if isRoot {
                #expect([table.user, file.user] == [1234, 1234])
                #expect([table.group, file.group] == [5678, 5678])
                let own = try FileStatus(of: node.data[0].appending(".ringvault"))
                #expect(own.user == 1234)
            }
        }
    }
}
