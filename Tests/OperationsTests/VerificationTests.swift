import Cassandra
import ObjectStorage
import Operations
import SystemPackage
import TestSupport
import Testing
import TransferEngine
import Vault

@Suite(.timeLimit(.minutes(5))) struct `A verification` {
    /// Two backups of two nodes that share a table's content, in a vault in memory.
    private struct Fixture {
        let store: MemoryStore
        let nodes: [TestNode]
        let vault: TestVault

        init(in root: FilePath, store: MemoryStore = MemoryStore()) async throws {
            self.store = store
            vault = try await TestVault(store)
            var nodes: [TestNode] = []
            for number in 1...2 {
                let host = "\(number)1111111-2222-3333-4444-555555555555"
                let node = try TestNode(in: root.appending("n\(number)"), host: host)
                try node.addSSTable(1, in: "a", data: noise(TestVault.chunkSize + 300_007, seed: 1))
                for generation in 2..<16 {
                    let seed = UInt64(generation) * UInt64(number)
                    try node.addSSTable(generation, in: "a", data: noise(20_000, seed: seed))
                }
                try node.write([UInt8](repeating: 7, count: 1_100_000), "nb-99-big-Data.db", in: "a")
                nodes.append(node)
            }
            self.nodes = nodes
            for name in ["one", "two"] {
                for node in nodes {
                    var options = try node.options(name, tag: "a")
                    options.expectedNodes = nodes.map(\.host)
                    try await vault.backUp(options)
                }
            }
        }

        func verify(
            _ level: VerificationLevel,
            sample: BlobSample = .all,
            through watched: (any ObjectStore)? = nil
        ) async throws -> VerificationReport {
            try await verify(.backup("one", cluster: nil, host: nil), level, sample: sample, through: watched)
        }

        func verify(
            _ subject: VerifyOptions.Subject,
            _ level: VerificationLevel,
            sample: BlobSample = .all,
            memory: Int = BlobCensus.memory,
            through watched: (any ObjectStore)? = nil
        ) async throws -> VerificationReport {
            var options = VerifyOptions(subject, level: level, sample: sample)
            options.memory = memory
            var vault = vault.vault
            if let watched { vault = try await Vault.open(watched) }
            return try await VerificationRun(vault, options, TestVault.context()).run()
        }

        var blobs: [String] { store.keys.filter { $0.hasPrefix("blobs/") } }
    }

    @Test(arguments: VerificationLevel.allCases)
    func `finds nothing wrong where nothing is, and looks at each blob once`(level: VerificationLevel) async throws {
        try await withTemporaryDirectory { root in
            let fixture = try await Fixture(in: root)
            let watched = FaultyStore(fixture.store) { _ in nil }
            let report = try await fixture.verify(level, through: watched)
            #expect(report.problems == [])
            #expect(report.incomplete == [])
            #expect(report.blobs == fixture.blobs.count)
            #expect(report.manifests == 2)
            #expect(report.files == 2 * (15 * 5 + 1))
            let gets = watched.calls.filter { $0.operation == .get && $0.subject.hasPrefix("blobs/") }.map(\.subject)
            #expect(gets.sorted() == (level == .list ? [] : fixture.blobs))
            try report.check("it")
        }
    }

    /// What can happen to a blob, and the level that notices at the latest.
    enum Harm: CaseIterable {
        case missing, cut, lengthened, emptied, flipped

        func apply(_ bytes: inout [UInt8]?) {
            switch self {
            case .missing: bytes = nil
            case .cut: bytes?.removeLast()
            case .lengthened: bytes?.append(0)
            case .emptied: bytes = []
            case .flipped:
                let middle = (bytes?.count ?? 0) / 2
                bytes?[middle] ^= 1
            }
        }

        var level: VerificationLevel { self == .flipped ? .checksum : .list }
    }

    @Test(arguments: Harm.allCases, VerificationLevel.allCases)
    func `names the object that was harmed and who suffers`(harm: Harm, level: VerificationLevel) async throws {
        try await withTemporaryDirectory { root in
            let fixture = try await Fixture(in: root)
            // A piece of the large file, which both nodes share; a frame; a pack.
            let pieces = fixture.blobs.filter { fixture.store[$0]?.count == TestVault.chunkSize }
            let frame = try #require(fixture.blobs.first { $0.hasSuffix(".zst") && fixture.store[$0]!.count < 10_000 })
            let pack = try #require(
                fixture.blobs.first { (250_000..<300_000).contains(fixture.store[$0]!.count) }
            )
            let harmed = [try #require(pieces.first), frame, pack]
            for key in harmed { harm.apply(&fixture.store[key]) }
            let report = try await fixture.verify(level)
            let isNoticed = level != .list || harm.level == .list
            #expect(report.problems.map(\.object) == (isNoticed ? harmed.sorted() : []))
            #expect(report.damagedObjects == (isNoticed ? 3 : 0))
            guard isNoticed else { return }
            #expect(report.problems.allSatisfy { ($0.kind == "missing") == (harm == .missing) })
            let shared = try #require(report.problems.first { $0.object == harmed[0] })
            #expect((shared.backups, shared.nodes, shared.tables, shared.files) == (1, 2, 2, 2))
            #expect(shared.sufferers.map(\.file) == ["nb-1-big-Data.db", "nb-1-big-Data.db"])
            #expect(try #require(report.problems.first { $0.object == pack }).files > 10)
            #expect(throws: VaultError.self) { try report.check("it") }
            // The other node's part suffers only from what both share.
            let other = try await fixture.verify(.backup("one", cluster: nil, host: fixture.nodes[1].host), level)
            #expect(other.problems.contains { $0.object == harmed[0] })
        }
    }

    @Test func `tells another frame of the same content from damage`() async throws {
        try await withTemporaryDirectory { root in
            let fixture = try await Fixture(in: root)
            let frame = try #require(fixture.blobs.first { $0.hasSuffix(".zst") && fixture.store[$0]!.count < 10_000 })
            var lease = BufferLease(unpooledCapacity: BlobCompressor.frameCapacity(for: TestVault.chunkSize))
            let content = [UInt8](repeating: 7, count: TestVault.chunkSize)
            let digest = SHA256.digest(of: content.span)
            #expect(try BlobCompressor(.zstd(level: 19)).compress(content.span, as: .zstd, into: &lease))
            let key = "blobs/\("\(digest)".prefix(2))/\(digest).zst"
            try #require(fixture.store[key] != nil, "\(frame)")
            fixture.store[key] = lease.array
            for level in VerificationLevel.allCases where level != .full {
                let report = try await fixture.verify(level)
                #expect(report.problems == [], "\(level)")
                #expect(report.reframedBlobs == 1)
            }
        }
    }

    @Test(arguments: VerificationLevel.allCases)
    func `finds the same when the names do not fit into memory`(level: VerificationLevel) async throws {
        try await withTemporaryDirectory { root in
            let fixture = try await Fixture(in: root)
            let harmed = Array(fixture.blobs.prefix(5))
            for key in harmed { fixture.store[key] = nil }
            let whole = try await fixture.verify(.vault, level)
            let parts = try await fixture.verify(.vault, level, memory: 1)
            #expect(whole.problems == parts.problems)
            #expect(whole.problems.map(\.object) == harmed)
            #expect(whole.blobs == parts.blobs)
            #expect(whole.files == parts.files)
            #expect(whole.others == parts.others)
        }
    }

    @Test func `of a vault counts what no backup needs and what is none of a vault's`() async throws {
        try await withTemporaryDirectory { root in
            let fixture = try await Fixture(in: root)
            let hash = String(repeating: "ab", count: 32)
            fixture.store["blobs/ab/\(hash)"] = [1, 2, 3]
            fixture.store["blobs/ab/\(hash).1.zst"] = [1, 2, 3, 4]
            fixture.store["notes.txt"] = [1]
            fixture.store["clusters/test/one/nodes/x.jsonl.zst"] = [1]
            for level in VerificationLevel.allCases {
                let report = try await fixture.verify(.vault, level)
                #expect(report.problems == [])
                #expect(report.backups == 2)
                let others = try #require(report.others)
                #expect(others.unreferencedBlobs == 2)
                #expect(others.unreferencedBytes == 7)
                #expect(others.strayObjects == ["clusters/test/one/nodes/x.jsonl.zst", "notes.txt"])
            }
        }
    }

    @Test func `of a vault looks at the trash and at the lists of condemned blobs as well`() async throws {
        try await withTemporaryDirectory { root in
            let fixture = try await Fixture(in: root)
            for name in ["one", "two"] {
                _ = try await Trash(fixture.vault.vault).delete(try BackupID(cluster: "test", backup: name))
            }
            let good = try await fixture.verify(.vault, .list)
            #expect(good.problems == [])
            #expect(good.blobs == fixture.blobs.count)
            #expect(good.others?.unreferencedBlobs == 0)
            #expect(good.others?.trashedManifests == 4)

            let manifest = "trash/clusters/test/one/nodes/\(fixture.nodes[0].host).jsonl.zst"
            fixture.store[manifest]?.removeLast()
            let list = "condemned/\(String(repeating: "0", count: 64)).jsonl.zst"
            fixture.store[list] = [1, 2, 3]
            let blob = try #require(fixture.blobs.first)
            fixture.store[blob] = nil
            let bad = try await fixture.verify(.vault, .list)
            #expect(bad.problems.map(\.object).sorted() == [blob, list, manifest])
            #expect(try #require(bad.problems.first { $0.object == blob }).backups >= 1)
            // One that may condemn blobs in a way which nobody knows here.
            fixture.store[list] = nil
            fixture.store["condemned/notes"] = [1]
            #expect(try await fixture.verify(.vault, .list).problems.map(\.object).contains("condemned/notes"))
        }
    }

    @Test func `of a sample looks at a share of the blobs, and in the end at all of them`() async throws {
        try await withTemporaryDirectory { root in
            let fixture = try await Fixture(in: root)
            var seen: Set<String> = []
            for seed in 0..<40 {
                let watched = FaultyStore(fixture.store) { _ in nil }
                let sample = BlobSample(share: 0.3, seed: UInt64(seed))
                let report = try await fixture.verify(.full, sample: sample, through: watched)
                #expect(report.blobs < fixture.blobs.count)
                let gets = watched.calls.filter { $0.operation == .get && $0.subject.hasPrefix("blobs/") }
                #expect(gets.count == report.blobs)
                seen.formUnion(gets.map(\.subject))
            }
            #expect(seen == Set(fixture.blobs))
        }
    }

    @Test func `tells what is wrong with documents`() async throws {
        try await withTemporaryDirectory { root in
            let fixture = try await Fixture(in: root)
            let manifest = "clusters/test/one/nodes/\(fixture.nodes[0].host).jsonl.zst"
            let other = "clusters/test/two/nodes/\(fixture.nodes[0].host).jsonl.zst"
            let whole = try #require(fixture.store[manifest])
            let complete = "clusters/test/one/complete.json"
            let harms: [(key: String, bytes: [UInt8]?, object: String)] = [
                (manifest, Array(whole.dropLast()), manifest),
                (manifest, Array(whole.prefix(whole.count / 2)), manifest),
                (manifest, [], manifest), (manifest, fixture.store[other], manifest), (manifest, nil, complete),
                (complete, [0x7B], complete), (complete, fixture.store["clusters/test/two/complete.json"], complete),
                (
                    "clusters/test/one/backup.json", fixture.store["clusters/test/two/backup.json"],
                    "clusters/test/one/backup.json"
                ),
            ]
            for (key, bytes, object) in harms {
                let good = fixture.store[key]
                fixture.store[key] = bytes
                let report = try await fixture.verify(.list)
                let isSame = key == complete && bytes == good
                #expect(report.problems.map(\.object) == (isSame ? [] : [object]), "\(key)")
                #expect(isSame || report.problems.allSatisfy { $0.kind == "document" })
                fixture.store[key] = good
            }
        }
    }

    @Test func `tells a backup that lacks a node from a damaged one`() async throws {
        try await withTemporaryDirectory { root in
            let fixture = try await Fixture(in: root)
            fixture.store["clusters/test/one/complete.json"] = nil
            fixture.store["clusters/test/one/nodes/\(fixture.nodes[0].host).jsonl.zst"] = nil
            let report = try await fixture.verify(.checksum)
            #expect(report.problems == [])
            #expect(report.incomplete.count == 1)
            #expect(report.incomplete.first?.contains("\(fixture.nodes[0].host)") == true)
        }
    }

    @Test func `believes a store that tells the checksum, and reads nothing then`() async throws {
        try await withTemporaryDirectory { root in
            let fixture = try await Fixture(in: root)
            let telling = TellingStore(fixture.store)
            let good = try await fixture.verify(.checksum, through: telling)
            #expect(good.problems == [])
            #expect(good.receivedBytes == 0)
            let key = try #require(fixture.blobs.first)
            fixture.store[key]?[0] ^= 1
            let bad = try await fixture.verify(.checksum, through: telling)
            #expect(bad.problems.map(\.object) == [key])
        }
    }

    @Test func `ends with an error where the store cannot be reached, and calls nothing damaged`() async throws {
        try await withTemporaryDirectory { root in
            let fixture = try await Fixture(in: root)
            let broken = FaultyStore(fixture.store) { call in
                call.operation == .get && call.subject.hasPrefix("blobs/") ? .failBefore(.unavailable) : nil
            }
            let error = await #expect(throws: StoreError.self) { try await fixture.verify(.full, through: broken) }
            #expect(error?.code == .unavailable)
        }
    }
}

/// A store that tells the CRC-32C of its objects, as S3 does.
private final class TellingStore: ObjectStore {
    private let base: MemoryStore

    init(_ base: MemoryStore) { self.base = base }

    var location: String { base.location }

    func put(
        _ body: borrowing BufferLease,
        at key: ObjectKey,
        _ condition: PutCondition,
        digest: SHA256Digest?
    ) async throws(StoreError) -> PutResult {
        try await base.put(body, at: key, condition, digest: digest)
    }

    func get(
        _ key: ObjectKey,
        range: Range<Int64>?,
        into buffer: inout BufferLease
    ) async throws(StoreError)
        -> ObjectInfo
    {
        try await base.get(key, range: range, into: &buffer)
    }

    func head(_ key: ObjectKey) async throws(StoreError) -> ObjectInfo? {
        guard let info = try await base.head(key), let bytes = base[key.description] else { return nil }
        var sum = CRC32C()
        sum.update(bytes.span)
        return ObjectInfo(key: key, size: info.size, modified: info.modified, crc32c: sum.value)
    }

    func delete(_ key: ObjectKey) async throws(StoreError) { try await base.delete(key) }

    func list(prefix: String, from cursor: ListCursor?, limit: Int) async throws(StoreError) -> ListPage {
        try await base.list(prefix: prefix, from: cursor, limit: limit)
    }
}
