import Cassandra
import ObjectStorage
import SystemPackage
import TestSupport
import Testing
import TransferEngine
import Vault

@testable import Operations

@Suite(.timeLimit(.minutes(10))) struct `A backup that clears its snapshot and goes on` {
    private func fill(_ node: SnapshotNode) throws {
        for (number, table) in SnapshotNode.all.enumerated() {
            for index in 1...2 {
                let seed = UInt64(100 * number + index)
                let size = index == 1 ? 150_000 : 30_000
                try node.node.addSSTable(index, in: nil, data: noise(size, seed: seed), table: table)
            }
        }
    }

    /// Compaction right after the snapshot, so that there are two passes.
    private func compactAfterSnapshot(_ node: SnapshotNode) {
        node.fake.change { answers in
            answers.effect = { [data = node.node.data] call in
                SnapshotNode.act(call, in: data)
                guard case .takeSnapshot = call else { return }
                do { try node.removeLive(SnapshotNode.events) } catch { Issue.record("\(error)") }
            }
        }
    }

    @Test func `ends with what the snapshot held, wherever it was killed, with nothing live any more`() async throws {
        var call = 2
        var killed = 0
        var resumed: Set<Int> = []
        while true {
            let isKilled = try await withTemporaryDirectory { root in
                let node = try await SnapshotNode(in: root.appending("node"))
                try fill(node)
                compactAfterSnapshot(node)
                let live = try node.live()
                let options = try node.options("one")
                guard try await node.runKilled(options, atCall: call) else { return false }
                let stood = try node.standing(node.tag(options)).count
                // From here on the snapshot alone has the files, and the journal what is cleared of it.
                let isPublished = node.base.keys.contains { $0.hasSuffix(".jsonl.zst") }
                if stood > 0 || isPublished { try node.removeLive() } else { resumed.insert(-1) }
                let report = try await node.run(options)
                resumed.insert(stood)
                #expect(try await node.restored("one", to: root.appending("out")) == live, "killed at call \(call)")
                #expect(report.header.totals.tables == 4)
                #expect(try node.standing(node.tag(options)) == [])
                #expect(try node.remains() == [])
                return true
            }
            guard isKilled else { break }
            killed += 1
            call += 1
        }
        #expect(killed > 15)
        // Some were killed before anything was cleared, some after one, two and three tables were.
        #expect(resumed.isSuperset(of: [1, 2, 3, 4]), "\(resumed.sorted())")
    }

    @Test func `takes a table that is cleared and dropped from its journal`() async throws {
        try await withTemporaryDirectory { root in
            let node = try await SnapshotNode(in: root.appending("node"))
            try fill(node)
            compactAfterSnapshot(node)
            let live = try node.live()
            let options = try node.options("one")
            try await node.runStopped(options, atBlob: 4)
            let standing = try node.standing(node.tag(options))
            let gone = SnapshotNode.all.filter { !standing.contains($0) }
            #expect(gone.contains(SnapshotNode.events))
            for table in gone { try FileTree.removeAll(node.node.data[0].appending(table)) }
            let takes = node.fake.calls.count { if case .takeSnapshot = $0 { true } else { false } }
            let report = try await node.run(options)
            #expect(takes == node.fake.calls.count { if case .takeSnapshot = $0 { true } else { false } })
            #expect(try await node.restored("one", to: root.appending("out")) == live)
            #expect(report.header.history?.map(\.table) == SnapshotNode.all)
            #expect(report.readBytes <= report.header.totals.bytes)
            #expect(try node.remains() == [])
        }
    }

    @Test(arguments: ["journal", "record", "file", "table", "life", "tables"])
    func `takes a new snapshot when the old one does not stand whole, and says so`(what: String) async throws {
        try await withTemporaryDirectory { root in
            let node = try await SnapshotNode(in: root.appending("node"))
            try fill(node)
            compactAfterSnapshot(node)
            let options = try node.options("one")
            try await node.runStopped(options, atBlob: 4)
            let journal = try node.directory(options).journal
            let standing = try node.standing(node.tag(options))
            #expect(!standing.isEmpty && standing.count < 4)
            let place = node.node.data[0].appending(try #require(standing.last)).appending("snapshots")
                .appending(node.tag(options))
            switch what {
            case "journal": try FileTree.removeAll(journal)
            case "record": try FileTree.remove(journal.appending("snapshot.json"))
            case "file": try FileTree.remove(place.appending("nb-2-big-Data.db"))
            case "table": try FileTree.removeAll(place)
            case "tables":
                // What the journal says of a cleared table is torn off.
                for pass in 1...2 {
                    let path = journal.appending("pass-\(pass)").appending("groups.log")
                    guard (try? FileStatus(of: path)) != nil else { continue }
                    let lines = try SmallFile.text(of: path, limit: .max).split(separator: "\n")
                    let kept = lines.prefix { !$0.dropFirst(9).hasPrefix("E ") }.map { "\($0)\n" }.joined()
                    try FileTree.remove(path)
                    try WritableFile(path, creation: .mustBeNew).write(Array(kept.utf8).span, at: 0)
                }
            default:
                let path = journal.appending("snapshot.json")
                let text = try SmallFile.text(of: path, limit: .max)
                let parts = text.split(separator: "\"expires\":\"")
                try FileTree.remove(path)
                let changed = "\(parts[0])\"expires\":\"\(Timestamp.now)\(parts[1].dropFirst("\(Timestamp.now)".count))"
                try WritableFile(path, creation: .mustBeNew).write(Array(changed.utf8).span, at: 0)
            }
            try node.node.addSSTable(77, in: nil, data: noise(20_000, seed: 77))
            let live = try node.live()
            _ = try await node.run(options)
            // Events are live no more, so the new snapshot does not have them: nothing of the old one is mixed in.
            #expect(try await node.restored("one", to: root.appending("out")) == live)
            #expect(
                node.log.all.contains { $0.contains("cannot be gone on with") }
                    == (what != "journal" && what != "record")
            )
            #expect(try node.standing(node.tag(options)) == [])
            #expect(try node.remains() == [])
        }
    }

    @Test(arguments: [StopRequest.pause, .cancel])
    func `keeps the snapshot when it is paused, and clears it when it is cancelled`(request: StopRequest) async throws {
        try await withTemporaryDirectory { root in
            let node = try await SnapshotNode(in: root.appending("node"))
            try fill(node)
            let options = try node.options("one")
            try await node.runStopped(options, atBlob: 3, request)
            #expect(try node.standing(node.tag(options)).isEmpty == (request == .cancel))
            let live = try node.live()
            let report = try await node.run(options)
            #expect(report.resumedBytes > 0)
            #expect(try await node.restored("one", to: root.appending("out")) == live)
            #expect(try node.remains() == [])
        }
    }

    @Test func `mixes nothing of an earlier snapshot into a table that it clears`() async throws {
        try await withTemporaryDirectory { root in
            let node = try await SnapshotNode(in: root.appending("node"))
            try fill(node)
            let options = try node.options("one")
            // Fails, so that the journal stays and the snapshot does not.
            let seen = Counter()
            let failing = FaultyStore(node.base) { call in
                guard call.operation == .put, call.subject.hasPrefix("blobs/"), seen.next() > 5 else { return nil }
                return .failBefore(.accessDenied)
            }
            await #expect(throws: (any Error).self) { try await node.run(options, failing) }
            // Compaction replaces an SSTable of the first table, which is stored and in the journal.
            try node.removeLive(SnapshotNode.orders)
            try node.node.addSSTable(3, in: nil, data: noise(60_000, seed: 3))
            let live = try node.live()
            // The second snapshot: killed late, so that the third run takes what it can from the journal.
            try await node.runStopped(options, atBlob: 3)
            try node.removeLive()
            _ = try await node.run(options)
            #expect(try await node.restored("one", to: root.appending("out")) == live)
        }
    }

    @Test(arguments: [false, true])
    func `fails when the snapshot is cleared under its hands, and publishes nothing`(ofOne: Bool) async throws {
        try await withTemporaryDirectory { root in
            let node = try await SnapshotNode(in: root.appending("node"))
            try fill(node)
            let options = try node.options("one")
            let seen = Counter()
            let store = FaultyStore(node.base) { [data = node.node.data] call in
                guard call.operation == .put, call.subject.hasPrefix("blobs/"), seen.next() == 1 else { return nil }
                return .hook {
                    let tag = SnapshotTag.made(node.tag(options))
                    if ofOne {
                        let place = data[0].appending(SnapshotNode.events).appending("snapshots").appending(tag.name)
                        do { try FileTree.removeAll(place) } catch { Issue.record("\(error)") }
                    } else {
                        SnapshotNode.act(.clearSnapshot(tag, keyspaces: []), in: data)
                    }
                }
            }
            await #expect(throws: (any Error).self) { try await node.run(options, store) }
            #expect(node.base.keys.contains { $0.hasPrefix("clusters/") && $0.hasSuffix(".jsonl.zst") } == false)
            let live = try node.live()
            _ = try await node.run(options)
            #expect(try await node.restored("one", to: root.appending("out")) == live)
            #expect(try node.remains() == [])
        }
    }

    @Test func `that was killed after it had published clears what it left`() async throws {
        try await withTemporaryDirectory { root in
            let node = try await SnapshotNode(in: root.appending("node"))
            try fill(node)
            let options = try node.options("one")
            let isKilled = try await node.runKilled(options) {
                $0.operation == .head && node.base.keys.contains { $0.hasSuffix(".jsonl.zst") }
                    || $0.operation == .put && $0.subject.hasSuffix(".jsonl.zst")
            }
            #expect(isKilled)
            // What stands now is what was left: the manifest was on its way, and is there.
            #expect(node.base.keys.contains { $0.hasSuffix(".jsonl.zst") })
            #expect(try node.standing(node.tag(options)) == [])
            try node.node.addSSTable(1, in: node.tag(options), data: noise(1000, seed: 1))
            let report = try await node.run(options)
            #expect(report.header.backup == "one")
            #expect(try node.standing(node.tag(options)) == [])
            #expect(try node.remains() == [])
        }
    }
}
