import ObjectStorage
import Testing
import TransferEngine

@testable import Vault

@Suite(.timeLimit(.minutes(5))) struct `Blobs` {
    private static let chunk = 1 << 20

    /// A vault, and a pool that has just enough for one blob at a time.
    private struct Fixture {
        let store = VaultMemoryStore()
        let vault: Vault
        let pool = BufferPool(limit: chunk + BlobCompressor.frameCapacity(for: chunk))

        init() async throws { vault = try await Vault.create(in: store, chunkSize: chunk) }

        func store(_ content: [UInt8], _ compression: Compression) async throws -> BlobWriter.Outcome {
            let writer = BlobWriter(vault, compression: compression)
            var lease = try await pool.lease(writer.leaseSize(for: content.count))
            lease.fill { output in for byte in content { output.append(byte) } }
            return try await writer.store(lease, digest: SHA256.digest(of: content.span))
        }

        func fetch(_ name: BlobName) async throws -> [UInt8] {
            let lease = try await BlobReader(vault, pool: pool).fetch(name) { _ in }
            return Array(copying: lease.bytes)
        }

        func put(_ bytes: [UInt8]?, as name: BlobName) throws { store[try name.key.description] = bytes }
    }

    private static let text = Array(String(repeating: "all work and no play makes a dull blob\n", count: 2000).utf8)
    private static func noise(_ count: Int) -> [UInt8] {
        var random = SeededRandom(50)
        return random.bytes(count)
    }

    @Test(arguments: ["none", "lz4", "zstd", "zstd:19", "auto"])
    func `come back whatever their size and compression`(compression: String) async throws {
        let fixture = try await Fixture()
        let compression = try #require(Compression(compression))
        for count in [1, 2, 64, 65, 65_535, 65_536, 65_537, 78_000] {
            for content in [Array(Self.text.prefix(count)), Self.noise(count)] {
                let outcome = try await fixture.store(content, compression)
                #expect(outcome.name.content == ContentName(plain: SHA256.digest(of: content.span)))
                #expect(outcome.storedBytes == fixture.store[try outcome.name.key.description]?.count)
                #expect(try await fixture.fetch(outcome.name) == content)
            }
        }
        #expect(fixture.pool.mostLeased <= fixture.pool.limit)
    }

    @Test(arguments: [Compression.none, .lz4, .zstd(level: 1), .auto])
    func `of a whole chunk fit into the smallest pool`(compression: Compression) async throws {
        let fixture = try await Fixture()
        for content in [[UInt8](repeating: 7, count: Self.chunk), Self.noise(Self.chunk)] {
            let outcome = try await fixture.store(content, compression)
            #expect(try await fixture.fetch(outcome.name) == content)
        }
        #expect(fixture.pool.mostLeased <= fixture.pool.limit)
    }

    @Test(arguments: [Compression.none, .lz4, .zstd(level: 3)])
    func `are told of as they lie in the store, new or known`(compression: Compression) async throws {
        let fixture = try await Fixture()
        let new = try await fixture.store(Self.text, compression)
        let stored = try #require(fixture.store[try new.name.key.description])
        #expect(new.frame == StoredFrame(of: stored.span))
        #expect(new.frame?.bytes == stored.count)
        #expect(new.frame?.crc32c != nil)
        // This store tells no checksum; what is not known is not made up.
        let known = try await fixture.store(Self.text, compression)
        #expect(known.frame == StoredFrame(bytes: stored.count, crc32c: nil))
        #expect(try #require(known.frame).agrees(with: try #require(new.frame)))
    }

    @Test func `agree with a look at them unless size or checksum differ`() {
        let frame = StoredFrame(bytes: 5, crc32c: 7)
        #expect(frame.agrees(with: StoredFrame(bytes: 5, crc32c: 7)))
        #expect(frame.agrees(with: StoredFrame(bytes: 5, crc32c: nil)))
        #expect(!frame.agrees(with: StoredFrame(bytes: 5, crc32c: 8)))
        #expect(!frame.agrees(with: StoredFrame(bytes: 6, crc32c: 7)))
        #expect(!frame.agrees(with: StoredFrame(bytes: 6, crc32c: nil)))
    }

    @Test(arguments: [
        (Compression.none, FrameFormat.plain, FrameFormat.plain), (.lz4, .lz4, .plain),
        (.zstd(level: 3), .zstd, .plain),
        (.auto, .zstd, .plain),
    ])
    func `are compressed only where it pays`(
        compression: Compression,
        text: FrameFormat,
        noise: FrameFormat
    ) async throws {
        let fixture = try await Fixture()
        #expect(try await fixture.store(Self.text, compression).name.format == text)
        #expect(try await fixture.store(Self.noise(100_000), compression).name.format == noise)
    }

    @Test(arguments: [Compression.none, .lz4, .zstd(level: 3), .auto])
    func `are stored once`(compression: Compression) async throws {
        let fixture = try await Fixture()
        for content in [Self.text, Self.noise(100_000)] {
            let first = try await fixture.store(content, compression)
            let puts = fixture.store.puts.count
            let second = try await fixture.store(content, compression)
            #expect(first.name == second.name)
            #expect(first.storedBytes != nil)
            #expect(second.storedBytes == nil)
            #expect(fixture.store.puts.count == puts)
        }
    }

    /// Stores blobs of ten bytes with one writer; those of `known` are in the store already.
    private static func heads(storing count: Int, known: Range<Int>) async throws -> (heads: Int, puts: Int) {
        let store = VaultMemoryStore()
        let description = try await Vault.create(in: VaultMemoryStore()).description
        let writer = BlobWriter(Vault(store: store, description: description), compression: .none)
        let contents = (0..<count).map { index in Array("blob \(100_000 + index)".utf8) }
        for index in known {
            let content = contents[index]
            let name = BlobName(plain: SHA256.digest(of: content.span), format: .plain)
            store[try name.key.description] = content
        }
        for (index, content) in contents.enumerated() {
            let outcome = try await writer.store(
                BufferLease(copying: content),
                digest: SHA256.digest(of: content.span)
            )
            #expect((outcome.storedBytes == nil) == known.contains(index))
        }
        return (store.heads, store.puts.count)
    }

    @Test func `are looked for until that has been in vain for long enough`() async throws {
        let new = try await Self.heads(storing: 1000, known: 0..<0)
        #expect(new == (LookFirst.patience, 1000))
        // One is sent in vain and then looked at; from there on all are looked for.
        let patience = LookFirst.patience
        let met = try await Self.heads(storing: 1000, known: 500..<600)
        #expect(met == (patience + 100 + patience, 500 + 1 + 400))
        // As after a run that was killed: nothing that is there is sent.
        let resumed = try await Self.heads(storing: 1000, known: 0..<600)
        #expect(resumed == (600 + patience, 400))
    }

    @Test func `that were sent without a look and have the wrong size in the store are not reused`() async throws {
        let store = VaultMemoryStore()
        let description = try await Vault.create(in: VaultMemoryStore()).description
        let writer = BlobWriter(Vault(store: store, description: description), compression: .none)
        for index in 0..<LookFirst.patience {
            let content = Array("\(index)".utf8)
            _ = try await writer.store(BufferLease(copying: content), digest: SHA256.digest(of: content.span))
        }
        let text = Self.text
        let digest = SHA256.digest(of: text.span)
        store[try BlobName(plain: digest, format: .plain).key.description] = Array(Self.text.dropLast())
        let error = await #expect(throws: VaultError.self) {
            try await writer.store(BufferLease(copying: Self.text), digest: digest)
        }
        #expect(error?.code == .damaged)
    }

    @Test func `that another node stored meanwhile count as reused`() async throws {
        let fixture = try await Fixture()
        let name = BlobName(plain: SHA256.digest(of: Self.text.span), format: .plain)
        let key = try name.key.description
        fixture.store.beforeNextPut { $0[key] = Self.text }
        let outcome = try await fixture.store(Self.text, .none)
        #expect(outcome.storedBytes == nil)
    }

    @Test func `with the wrong size in the store are not reused`() async throws {
        let fixture = try await Fixture()
        let plain = BlobName(plain: SHA256.digest(of: Self.text.span), format: .plain)
        for count in [0, 1, Self.text.count - 1] {
            try fixture.put(Array(Self.text.prefix(count)), as: plain)
            let error = await #expect(throws: VaultError.self) { try await fixture.store(Self.text, .none) }
            #expect(error?.code == .damaged)
        }
        let frame = BlobName(plain: SHA256.digest(of: Self.text.span), format: .zstd)
        try fixture.put([], as: frame)
        let error = await #expect(throws: VaultError.self) { try await fixture.store(Self.text, .zstd(level: 3)) }
        #expect(error?.code == .damaged)
    }

    @Test(arguments: FrameFormat.allCases)
    func `that are damaged are told of`(format: FrameFormat) async throws {
        let fixture = try await Fixture()
        let compression: Compression = format == .plain ? .none : format == .lz4 ? .lz4 : .zstd(level: 3)
        let name = try await fixture.store(Self.text, compression).name
        let good = try #require(fixture.store[try name.key.description])
        var bad: [[UInt8]?] = [
            nil, [], [0], Array(good.dropLast()), Array(good.dropFirst()), Array(good.prefix(good.count / 2)),
        ]
        bad.append([UInt8](repeating: 0x41, count: good.count))
        bad.append(Self.noise(3 * Self.chunk))
        bad.append(Array(good.reversed()))
        for place in [0, 4, 5, 6, 10, good.count / 2, good.count - 1] {
            var bytes = good
            bytes[place] ^= 0x10
            bad.append(bytes)
        }
        for bytes in bad {
            try fixture.put(bytes, as: name)
            do {
                // A bit of a frame that carries nothing may turn; then the content is right all the same.
                #expect(try await fixture.fetch(name) == Self.text)
                #expect(format != .plain)
            } catch let error as VaultError {
                #expect(error.code == .damaged)
                #expect(error.description.contains(name.description))
            }
        }
    }

    @Test(arguments: [Compression.lz4, .zstd(level: 3)])
    func `that hold another content than their name says are told of`(compression: Compression) async throws {
        let fixture = try await Fixture()
        let name = try await fixture.store(Self.text, compression).name
        let other = try await fixture.store(Array(Self.text.reversed()), compression).name
        try fixture.put(fixture.store[try other.key.description], as: name)
        let error = await #expect(throws: VaultError.self) { try await fixture.fetch(name) }
        #expect(error?.code == .damaged)
    }

    @Test(arguments: [FrameFormat.zstd, .lz4])
    func `that unpack to more than a chunk are stopped there`(format: FrameFormat) async throws {
        let fixture = try await Fixture()
        let zeros = [UInt8](repeating: 0, count: 64 << 20)
        let compressor = BlobCompressor(format == .lz4 ? .lz4 : .zstd(level: 1))
        var frame = BufferLease(unpooledCapacity: BlobCompressor.frameCapacity(for: zeros.count))
        #expect(try compressor.compress(zeros.span, as: format, into: &frame))
        let name = BlobName(plain: SHA256.digest(of: zeros.span), format: format)
        try fixture.put(Array(copying: frame.bytes), as: name)
        let error = await #expect(throws: VaultError.self) { _ = try await fixture.fetch(name) }
        #expect(error?.code == .damaged)
        #expect(fixture.pool.mostLeased <= fixture.pool.limit)
    }

    @Test func `by the dozen at a time stay within the pool`() async throws {
        let fixture = try await Fixture()
        try await withThrowingDiscardingTaskGroup { group in
            for index in 0..<24 {
                group.addTask {
                    let content = Array(Self.text.dropFirst(index))
                    let name = try await fixture.store(content, index % 2 == 0 ? .zstd(level: 1) : .lz4).name
                    #expect(try await fixture.fetch(name) == content)
                }
            }
        }
        #expect(fixture.pool.mostLeased <= fixture.pool.limit)
        #expect(fixture.pool.mostLeased > 0)
    }
}
