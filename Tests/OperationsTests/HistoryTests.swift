import Cassandra
import ObjectStorage
import Operations
import SystemPackage
import TestSupport
import Testing
import TransferEngine
import Vault

/// What can be told of backups afterwards: why something was stored, what differs, how much it takes.
@Suite(.timeLimit(.minutes(5))) struct `The history of a vault` {
    /// Snapshots `a` and `b` of a node with two tables, between which everything happens that can.
    private struct Fixture {
        static let orders = TestNode.orders
        static let items = "shop/items-4e2816e0e53811f1916b25b74eacdfa4"

        let store = MemoryStore()
        let node: TestNode
        let vault: TestVault

        init(in root: FilePath) async throws {
            node = try TestNode(in: root)
            vault = try await TestVault(store)
            for generation in 1...4 {
                try node.addSSTable(generation, in: "a", data: noise(10_000, seed: UInt64(generation)))
            }
            try node.addSSTable(1, in: "a", data: noise(5000, seed: 9), table: Self.items)
            try node.link("a", as: "b")
            let items = node.directory("b", table: Self.items)
            try FileTree.makeDirectories(items)
            for name in try DirectoryListing(of: node.directory("a", table: Self.items)).names {
                try FileTree.link(
                    node.directory("a", table: Self.items).appending(name),
                    to: items.appending(name)
                )
            }
            // Rewritten, touched, compacted away, new; and the same content under another name.
            try node.write(Array("STATISTICS 1".utf8), "nb-1-big-Statistics.db", in: "b")
            try node.write(noise(10_000, seed: 2), "nb-2-big-Data.db", in: "b", modified: 1_700_000_001_000_000_000)
            for name in try DirectoryListing(of: node.directory("b")).names where name.hasPrefix("nb-3-big-") {
                try FileTree.remove(node.directory("b").appending(name))
            }
            try node.addSSTable(5, in: "b", data: noise(20_000, seed: 5))
            try await vault.backUp(try node.options("one", tag: "a"))
        }

        func backUp(_ name: String, _ tag: String) async throws -> ManifestHeader {
            try await vault.backUp(try node.options(name, tag: tag)).header
        }

        func reasons(_ name: String) async throws -> BackupReasons {
            try await BackupReasons.of(node.host, in: try BackupID(cluster: "test", backup: name), vault.vault)
        }

        func listing(_ name: String) async throws -> Catalogue.Listing {
            try await Catalogue(vault.vault).find(name, cluster: nil)
        }

        func difference(_ first: String, _ second: String) async throws -> BackupDifference {
            try await BackupDifference.between(
                try await listing(first),
                try await listing(second),
                vault.vault,
                listsFiles: true
            )
        }
    }

    @Test func `says of every file why it was stored or not`() async throws {
        try await withTemporaryDirectory { root in
            let fixture = try await Fixture(in: root)
            #expect(try await fixture.backUp("two", "b").previous == "one")
            let reasons = try await fixture.reasons("two")
            #expect(reasons.basis == .compared)
            #expect(reasons.previous == "one")
            #expect(reasons.tables.map(\.table) == [Fixture.items, Fixture.orders])
            #expect(reasons.tables[0].unchanged == reasons.tables[0].all)
            let orders = reasons.tables[1]
            #expect((orders.sstables, orders.newSSTables) == (4, 1))
            #expect(orders.all.files == 20)
            #expect(orders.rewritten.files == 1)
            #expect(orders.rewritten.bytes == 12)
            #expect(orders.touched.files == 1)
            #expect(orders.touched.bytes == 10_000)
            #expect(orders.new.files == 5)
            #expect(orders.unchanged.files == 13)
            #expect(orders.repaired.files == 0)
            // The touched Data.db, and the new SSTable's TOC.txt, which is in its pack once.
            #expect(orders.readInVain ?? 0 >= 10_000)
            #expect(try #require(orders.reused).files >= 14)
        }
    }

    @Test func `says that a first backup is one, and that one before is gone`() async throws {
        try await withTemporaryDirectory { root in
            let fixture = try await Fixture(in: root)
            #expect(try await fixture.reasons("one").basis == .first)
            _ = try await fixture.backUp("two", "b")
            fixture.store["clusters/test/one/nodes/\(fixture.node.host).jsonl.zst"] = nil
            let gone = try await fixture.reasons("two")
            #expect(gone.basis == .gone)
            #expect(gone.previous == "one")
            #expect(gone.tables.map(\.unchanged.files) == [0, 0])
            #expect(gone.tables.map(\.all.files) == [5, 20])
            #expect(gone.tables[0].reused == gone.tables[0].all)
            fixture.store["clusters/test/one/nodes/\(fixture.node.host).jsonl.zst"] = [1, 2, 3]
            #expect(try await fixture.reasons("two") == gone)
        }
    }

    @Test func `says what was stored anew because the vault had lost it`() async throws {
        try await withTemporaryDirectory { root in
            let fixture = try await Fixture(in: root)
            for key in fixture.store.keys where key.hasPrefix("blobs/") { fixture.store[key]?.removeLast() }
            var options = try fixture.node.options("two", tag: "a")
            options.recheckSlices = 1
            try await fixture.vault.backUp(options)
            let reasons = try await fixture.reasons("two")
            #expect(reasons.tables.allSatisfy { $0.repaired == $0.all })
            #expect(try await fixture.difference("one", "two").tables.allSatisfy(\.isSame))
        }
    }

    @Test func `tells what differs between two backups, both ways`() async throws {
        try await withTemporaryDirectory { root in
            let fixture = try await Fixture(in: root)
            _ = try await fixture.backUp("two", "b")
            let there = try await fixture.difference("one", "two")
            #expect(there.tables.map(\.isSame) == [true, false])
            let orders = there.tables[1]
            #expect(
                (orders.added.groups, orders.removed.groups, orders.changed.groups, orders.same.groups) == (1, 1, 1, 2)
            )
            let changes = Dictionary(grouping: there.files, by: \.change)
            #expect(changes[.added]?.count == 5)
            #expect(changes[.removed]?.count == 5)
            #expect(changes[.changed]?.map(\.path) == ["nb-1-big-Statistics.db"])
            let back = try await fixture.difference("two", "one")
            #expect(back.tables[1].added == orders.removed)
            #expect(back.tables[1].removed == orders.added)
            #expect(try await fixture.difference("one", "one").files == [])
        }
    }

    @Test func `tells nodes that only one of two backups has`() async throws {
        try await withTemporaryDirectory { root in
            let fixture = try await Fixture(in: root)
            let other = try TestNode(in: root.appending("n2"), host: "22222222-2222-3333-4444-555555555555")
            try other.addSSTable(1, in: "a", data: noise(100, seed: 1))
            try await fixture.vault.backUp(try other.options("two", tag: "a"))
            let difference = try await fixture.difference("one", "two")
            #expect(difference.onlyInFirst == [fixture.node.host])
            #expect(difference.onlyInSecond == [other.host])
            #expect(difference.tables.last?.added.groups == 1)
        }
    }

    @Test(arguments: VaultStatistics.Grouping.allCases, [VaultStatistics.memory, 1])
    func `sums up what lies in the store, each blob once`(by: VaultStatistics.Grouping, memory: Int) async throws {
        try await withTemporaryDirectory { root in
            let fixture = try await Fixture(in: root)
            for round in 0..<10 { _ = try await fixture.backUp("more \(round)", round % 2 == 0 ? "b" : "a") }
            let blobs = fixture.store.keys.filter { $0.hasPrefix("blobs/") }
            let stored = blobs.reduce(0) { $0 + (fixture.store[$1]?.count ?? 0) }
            let found = try await VaultStatistics.of(fixture.vault.vault, by: by, memory: memory)
            #expect(found.backups == 11)
            #expect(found.all.blobs == blobs.count)
            #expect(found.all.storedBytes == Int64(stored))
            #expect(found.all.files == 11 * 25)
            #expect(found.parts.reduce(0) { $0 + $1.files } == found.all.files)
            #expect(found.parts.reduce(0) { $0 + $1.logicalBytes } == found.all.logicalBytes)
            let names: [String] =
                switch by {
                case .cluster: ["test"]
                case .keyspace: ["test shop"]
                case .table: ["test shop.items", "test shop.orders"]
                case .backup: ["test one"] + (0..<10).map { "test more \($0)" }
                }
            #expect(found.parts.map(\.name) == names.sorted())
            // Packs never hold files of two tables.
            if by == .table { #expect(found.parts.reduce(0) { $0 + $1.storedBytes } == found.all.storedBytes) }
            #expect(try #require(found.all.dedupRatio) > 8)
        }
    }

    @Test func `learns sizes that no manifest tells from the store, and counts what is missing`() async throws {
        try await withTemporaryDirectory { root in
            let fixture = try await Fixture(in: root)
            let before = try await VaultStatistics.of(fixture.vault.vault, by: .cluster)
            // As a manifest has them whose run found every blob in the store already, where that tells nothing.
            let key = "clusters/test/one/nodes/\(fixture.node.host).jsonl.zst"
            var decoder = try ZstdStreamDecoder()
            var text: [UInt8] = []
            var position = 0
            let bytes = try #require(fixture.store[key])
            while position < bytes.count || text.isEmpty {
                if try !decoder.decode(bytes.span, from: &position, into: &text), position == bytes.count { break }
            }
            let lines = String(decoding: text, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
            var body = lines.dropFirst().joined(separator: "\n")
            body = body.replacing(#/,"stored":\d+(,"crc32c":"[0-9a-f]{8}")?/#, with: "")
            var object: [UInt8] = []
            for part in [String(lines[0]) + "\n", body] {
                var encoder = try ZstdStreamEncoder()
                try encoder.write(Array(part.utf8).span)
                object += try encoder.finish()
            }
            fixture.store[key] = object
            #expect(try await VaultStatistics.of(fixture.vault.vault, by: .cluster) == before)
            let blob = try #require(fixture.store.keys.first { $0.hasPrefix("blobs/") })
            fixture.store[blob] = nil
            #expect(try await VaultStatistics.of(fixture.vault.vault, by: .cluster).all.missingBlobs == 1)
        }
    }
}
