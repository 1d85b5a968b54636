import Cassandra
import ObjectStorage
import SystemPackage
import TestSupport
import Testing
import TransferEngine
import Vault

@testable import Operations

@Suite(.timeLimit(.minutes(5))) struct `A backup sweeps what earlier ones left` {
    private func filled(in root: FilePath) async throws -> SnapshotNode {
        let node = try await SnapshotNode(in: root.appending("node"))
        for (number, table) in SnapshotNode.all.enumerated() {
            try node.node.addSSTable(1, in: nil, data: noise(150_000, seed: UInt64(number)), table: table)
        }
        return node
    }

    @Test func `after one of another name that was killed`() async throws {
        try await withTemporaryDirectory { root in
            let node = try await filled(in: root)
            let dead = try node.options("monday")
            #expect(try await node.runKilled(dead, atCall: 8))
            #expect(try !node.standing(node.tag(dead)).isEmpty)
            let report = try await node.run(try node.options("tuesday"))
            #expect(report.sweptSnapshots == [node.tag(dead)])
            #expect(try node.standing(node.tag(dead)) == [])
            #expect(node.log.all.contains { $0.contains("that an earlier backup had left") })
            // The one that was killed can be run again all the same.
            let live = try node.live()
            _ = try await node.run(dead)
            #expect(try await node.restored("monday", to: root.appending("out")) == live)
        }
    }

    @Test func `but not after one that is paused, or at work`() async throws {
        try await withTemporaryDirectory { root in
            let node = try await filled(in: root)
            let (paused, working) = (try node.options("paused"), try node.options("working"))
            try await node.runStopped(paused, atBlob: 2)
            #expect(try await node.runKilled(working, atCall: 8))
            let held = try node.directory(working)
            let report = try await node.run(try node.options("other"))
            #expect(report.sweptSnapshots == [])
            #expect(try !node.standing(node.tag(paused)).isEmpty)
            #expect(try !node.standing(node.tag(working)).isEmpty)
            withExtendedLifetime(held) {}
            let live = try node.live()
            _ = try await node.run(paused)
            #expect(try await node.restored("paused", to: root.appending("out")) == live)
        }
    }

    @Test func `also after those of which nobody knows, and never what is not a backup's`() async throws {
        try await withTemporaryDirectory { root in
            let node = try await filled(in: root)
            let unknown = "ringvault-backup-0123456789abcdef"
            let others = [
                "daily-1", "ringvault-undo-0123456789abcdef", "ringvault-backup-mine",
                "ringvault-kept-0123456789abcdef",
                "ringvault-11111111-2222-3333-4444-555555555555", "xringvault-backup-0123456789abcdef",
                "truncated-1795216600000-orders",
            ]
            for tag in others + [unknown] { try node.node.addSSTable(1, in: tag, data: noise(1000, seed: 1)) }
            let report = try await node.run(try node.options("one"))
            #expect(report.sweptSnapshots == [unknown])
            #expect(try node.standing(unknown) == [])
            for tag in others { #expect(try node.standing(tag) == [SnapshotNode.orders], "\(tag)") }
        }
    }

    @Test func `but not what may be a backup's with another state directory`() async throws {
        try await withTemporaryDirectory { root in
            let node = try await filled(in: root)
            let unknown = "ringvault-backup-0123456789abcdef"
            try node.node.addSSTable(1, in: unknown, data: noise(1000, seed: 1))
            let other = try DirectoryLock(node.node.data[0], "back up", isShared: true)
            let report = try await node.run(try node.options("one"))
            #expect(report.sweptSnapshots == [])
            #expect(try node.standing(unknown) == [SnapshotNode.orders])
            withExtendedLifetime(other) {}
        }
    }

    @Test func `and goes on when the node cannot clear: it removes them itself`() async throws {
        try await withTemporaryDirectory { root in
            let node = try await filled(in: root)
            let unknown = "ringvault-backup-0123456789abcdef"
            try node.node.addSSTable(1, in: unknown, data: noise(1000, seed: 1))
            node.fake.change { answers in
                answers.failure = { call in
                    guard case .clearSnapshot = call else { return nil }
                    return CassandraError(.unreachable, "clear", "the snapshot", "the node is down")
                }
            }
            let options = try node.options("one")
            _ = try await node.run(options)
            #expect(try node.standing(unknown) == [])
            #expect(try node.standing(node.tag(options)) == [])
        }
    }
}
