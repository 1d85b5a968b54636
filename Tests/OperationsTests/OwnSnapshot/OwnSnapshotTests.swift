import Cassandra
import ObjectStorage
import SystemPackage
import TestSupport
import Testing
import TransferEngine
import Vault

@testable import Operations

@Suite(.timeLimit(.minutes(5))) struct `A backup by its own snapshot` {
    private func fill(_ node: SnapshotNode, _ tables: [String] = SnapshotNode.all) throws {
        for (number, table) in tables.enumerated() {
            for index in 1...3 {
                let seed = UInt64(100 * number + index)
                try node.node.addSSTable(index, in: nil, data: noise(90_000, seed: seed), table: table)
            }
        }
    }

    @Test(arguments: ["3.11.17", "4.0.14", "4.1.7", "5.0.1"])
    func `takes it through the node, keeps what the node says, and leaves nothing`(release: String) async throws {
        try await withTemporaryDirectory { root in
            let node = try await SnapshotNode(in: root.appending("node"), directories: 2, release: release)
            try fill(node)
            try node.node.addSSTable(9, in: nil, data: noise(50_000, seed: 9), table: SnapshotNode.parts, dir: 1)
            try node.node.addSSTable(1, in: "mine", data: noise(10_000, seed: 8))
            try node.node.addSSTable(1, in: "ringvault-undo-0123456789abcdef", data: noise(10_000, seed: 7))
            let options = try node.options("one")
            let live = try node.live()
            let report = try await node.run(options) { facts in
                [ManifestDocument(name: "node.json", text: "{\"release\":\"\(facts.releaseVersion)\"}")]
            }
            #expect(report.snapshot == node.tag(options))
            #expect(report.header.source == "snapshot \(node.tag(options))")
            #expect(report.header.releaseVersion == release)
            #expect(report.header.partitioner == "org.apache.cassandra.dht.Murmur3Partitioner")
            #expect(report.header.filter == nil)
            #expect(report.clearedTables == 4)
            let takes = node.fake.calls.compactMap { call -> Duration?? in
                if case .takeSnapshot(_, .everything, let ttl, false) = call { .some(ttl) } else { nil }
            }
            let hasTTL = release >= "4.1"
            #expect(takes == [hasTTL ? .seconds(14 * 86400) : nil])
            #expect(
                try await node.lines("one").first
                    == .document(
                        ManifestDocument(name: "node.json", text: "{\"release\":\"\(release)\"}")
                    )
            )
            #expect(try await node.restored("one", to: root.appending("out")) == live)
            #expect(try node.standing(node.tag(options)) == [])
            #expect(try node.standing("mine") == [SnapshotNode.orders])
            #expect(try node.standing("ringvault-undo-0123456789abcdef") == [SnapshotNode.orders])
            #expect(try node.remains() == [])
        }
    }

    @Test func `stores first what compaction has removed already, and clears each table when it is stored`()
        async throws
    {
        try await withTemporaryDirectory { root in
            let node = try await SnapshotNode(in: root.appending("node"))
            try fill(node)
            let options = try node.options("one")
            // Compaction between the snapshot and the first look: of the last table and of one in the middle.
            node.fake.change { answers in
                answers.effect = { [data = node.node.data] call in
                    SnapshotNode.act(call, in: data)
                    guard case .takeSnapshot = call else { return }
                    do {
                        try node.removeLive(SnapshotNode.events)
                        try node.removeLive(SnapshotNode.archive)
                    } catch { Issue.record("\(error)") }
                }
            }
            let live = try node.live()
            let seen = Recorder<[String]>()
            let store = FaultyStore(node.base) { call in
                guard call.operation == .put, call.subject.hasPrefix("blobs/") else { return nil }
                return .hook { seen.add((try? node.standing(node.tag(options))) ?? []) }
            }
            let report = try await node.run(options, store)
            #expect(report.clearedTables == 4)
            let orders = Set(seen.all)
            // Archive, then events: both while the live ones stand; then those.
            #expect(orders.contains(SnapshotNode.all))
            #expect(orders.contains([SnapshotNode.orders, SnapshotNode.parts]))
            for standing in seen.all where standing.count < 4 && standing.contains(SnapshotNode.events) {
                #expect(standing.contains(SnapshotNode.orders) && standing.contains(SnapshotNode.parts))
            }
            #expect(try await node.restored("one", to: root.appending("out")) == live)
        }
    }

    @Test func `has the manifest that a snapshot of the user's own has`() async throws {
        try await withTemporaryDirectory { root in
            let node = try await SnapshotNode(in: root.appending("node"))
            try fill(node)
            node.fake.change { answers in
                answers.effect = { [data = node.node.data] call in
                    SnapshotNode.act(call, in: data)
                    guard case .takeSnapshot = call else { return }
                    SnapshotNode.act(
                        .takeSnapshot(SnapshotTag.made("same"), of: .everything, ttl: nil, skipsFlush: false),
                        in: data
                    )
                    do { try node.removeLive(SnapshotNode.events) } catch { Issue.record("\(error)") }
                }
            }
            let own = try await node.run(try node.options("own"))
            let user = try await node.run(try node.node.options("user", tag: "same"))
            // manifest.json and schema.cql are files of their own in each.
            func sstables(_ name: String) async throws -> [ManifestLine] {
                try await node.lines(name).filter { if case .group(let group) = $0 { group.isSSTable } else { true } }
            }
            #expect(try await sstables("own") == sstables("user"))
            #expect(own.header.history?.map(\.table) == SnapshotNode.all)
            #expect(own.header.totals.bytes == user.header.totals.bytes)
            #expect(user.readBytes < 4000)
        }
    }

    @Test(
        arguments: [
            (["shop"], [], .keyspaces(["shop"])), (["sh*", "zoo"], [], .keyspaces(["shop", "zoo"])),
            (["shop.orders"], [], .tables([TableName(keyspace: "shop", name: "orders")])),
            (
                [], ["shop.orders_*", "zoo"],
                .tables([
                    TableName(keyspace: "shop", name: "orders"), TableName(keyspace: "stock", name: "parts"),
                ])
            ),
            ([], ["zoo"], .keyspaces(["shop", "stock"])), ([], [], .everything),
        ] as [([String], [String], SnapshotScope)]
    )
    func `asks for no more than is wanted, and backs up no more`(
        wanted: [String],
        excluded: [String],
        scope: SnapshotScope
    ) async throws {
        try await withTemporaryDirectory { root in
            let node = try await SnapshotNode(in: root.appending("node"))
            try fill(node)
            var options = try node.options("one")
            options.filter = try TableFilter(wanted, excluding: excluded).leavingOut()
            let report = try await node.run(options)
            let scopes = node.fake.calls.compactMap { call -> SnapshotScope? in
                if case .takeSnapshot(_, let scope, _, _) = call { scope } else { nil }
            }
            #expect(scopes == [scope])
            let found = Set(
                try await node.restored("one", to: root.appending("out")).keys.map { $0.prefix { $0 != "-" } }
            )
            let all = SnapshotNode.all.map { $0.prefix { $0 != "-" } }
            let expected = all.filter {
                let names = $0.split(separator: "/")
                return options.filter.matches(keyspace: String(names[0]), table: String(names[1]))
            }
            #expect(found == Set(expected))
            #expect((report.header.filter == nil) == (scope == .everything))
        }
    }

    @Test func `asks for more where the node does not know a name that old directories have`() async throws {
        try await withTemporaryDirectory { root in
            let node = try await SnapshotNode(in: root.appending("node"))
            try fill(node)
            node.fake.change { answers in
                answers.failure = { call in
                    guard case .takeSnapshot(_, .tables, _, _) = call else { return nil }
                    return CassandraError(.notFound, "take the snapshot", "one", "there is no table shop.dropped")
                }
            }
            var options = try node.options("one")
            options.filter = try TableFilter(["shop.orders"])
            let report = try await node.run(options)
            #expect(report.header.totals.tables == 1)
            #expect(try node.standing(node.tag(options)) == [])
        }
    }

    @Test func `is taken again when the schema changed meanwhile`() async throws {
        try await withTemporaryDirectory { root in
            let node = try await SnapshotNode(in: root.appending("node"))
            try fill(node)
            let takes = Counter()
            node.fake.change { answers in
                answers.effect = { [data = node.node.data] call in
                    SnapshotNode.act(call, in: data)
                    guard case .takeSnapshot = call, takes.next() == 0 else { return }
                    node.fake.change { $0.facts.schemaVersion = "11111111-60a8-3bab-8067-2acf2c5ad874" }
                }
            }
            let captured = Recorder<String>()
            let report = try await node.run(try node.options("one")) { facts in
                captured.add(facts.schemaVersion ?? "")
                return []
            }
            #expect(captured.count == 2)
            #expect(report.header.schemaVersion == captured.all.last)
            #expect(report.header.schemaVersion == "11111111-60a8-3bab-8067-2acf2c5ad874")
        }
    }

    @Test(arguments: [1, 2])
    func `is refused where the node's files are not in the data directories`(directories: Int) async throws {
        try await withTemporaryDirectory { root in
            let node = try await SnapshotNode(in: root.appending("node"), directories: 2)
            try fill(node)
            try node.node.addSSTable(9, in: nil, data: noise(50_000, seed: 9), table: SnapshotNode.parts, dir: 1)
            var options = try node.options("one")
            if directories == 1 {
                // One of two is not given: some files are there, and not all.
                options.dataDirectories = [node.node.data[0]]
            } else {
                // The snapshot is taken on another machine.
                node.fake.change { $0.effect = { _ in } }
            }
            let error = await #expect(throws: RunError.self) { try await node.run(options) }
            #expect(error?.code == .refused)
            #expect("\(try #require(error))".contains("--data-dir"))
            #expect(try node.standing(node.tag(options)) == [])
            #expect(node.base.keys.contains { $0.hasSuffix(".jsonl.zst") } == false)
        }
    }

    @Test func `is refused where a table that the node has taken is not there`() async throws {
        try await withTemporaryDirectory { root in
            let node = try await SnapshotNode(in: root.appending("node"))
            try fill(node)
            let options = try node.options("one")
            node.fake.change { answers in
                answers.effect = { [data = node.node.data] call in
                    SnapshotNode.act(call, in: data)
                    guard case .takeSnapshot(let tag, _, _, _) = call else { return }
                    let ghost = NodeSnapshot(tag: tag.name, keyspace: "shop", table: "ghost")
                    node.fake.change { $0.snapshots.append(ghost) }
                }
            }
            let error = await #expect(throws: RunError.self) { try await node.run(options) }
            #expect(error?.code == .refused)
            #expect("\(try #require(error))".contains("shop.ghost"))
            #expect(try node.standing(node.tag(options)) == [])
        }
    }

    @Test func `stays when it is to be kept, also for the next backup`() async throws {
        try await withTemporaryDirectory { root in
            let node = try await SnapshotNode(in: root.appending("node"))
            try fill(node)
            var options = try node.options("one")
            options.ownSnapshot.isKept = true
            let report = try await node.run(options)
            let tag = try #require(report.snapshot)
            #expect(report.isSnapshotKept)
            #expect(report.clearedTables == 0)
            _ = try await node.run(try node.options("two"))
            #expect(try node.standing(tag) == SnapshotNode.all)
        }
    }

    @Test func `is gone after a failure, and what was stored is not read again`() async throws {
        try await withTemporaryDirectory { root in
            let node = try await SnapshotNode(in: root.appending("node"))
            try fill(node)
            let options = try node.options("one")
            let seen = Counter()
            let store = FaultyStore(node.base) { call in
                guard call.operation == .put, call.subject.hasPrefix("blobs/"), seen.next() > 6 else { return nil }
                return .failBefore(.accessDenied)
            }
            await #expect(throws: (any Error).self) { try await node.run(options, store) }
            #expect(try node.standing(node.tag(options)) == [])
            try node.node.addSSTable(50, in: nil, data: noise(50_000, seed: 50))
            let live = try node.live()
            let report = try await node.run(options)
            #expect(report.resumedBytes > 300_000)
            #expect(try await node.restored("one", to: root.appending("out")) == live)
            #expect(try node.standing(node.tag(options)) == [])
            #expect(try node.remains() == [])
        }
    }
}

extension SnapshotNode {
    static let all = [orders, archive, parts, events]
}

extension SnapshotTag {
    /// For names that are right.
    static func made(_ name: String) -> SnapshotTag {
        guard let tag = try? SnapshotTag(name) else { preconditionFailure("\(name) is a tag") }
        return tag
    }
}
