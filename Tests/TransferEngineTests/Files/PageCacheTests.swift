import SystemPackage
import TestSupport
import Testing

@testable import TransferEngine

@Suite(.enabled(if: FileSystems.onDisk != nil, "needs a directory on a disk, whose page cache can be emptied"))
struct `The page cache` {
    static let page = PageResidency.pageSize

    /// Which pages of a file are warm before it is read.
    enum Pattern: CaseIterable {
        case none, all, everyOther, firstHalf, lastHalf, odd

        func isWarm(_ page: Int, of count: Int) -> Bool {
            switch self {
            case .none: false
            case .all: true
            case .everyOther: page % 2 == 0
            case .firstHalf: page < count / 2
            case .lastHalf: page >= count / 2
            case .odd: page % 7 == 3 || page % 5 == 1
            }
        }
    }

    /// Runs `body` with a file on a disk of which no page is in the cache.
    static func withColdFile(_ size: Int, _ body: (FilePath) async throws -> Void) async throws {
        let disk = try #require(FileSystems.onDisk)
        let directory = disk.appending("ringvault-cache-\(UInt64.random(in: 0 ... .max))")
        try FileTree.makeDirectories(directory)
        do {
            let path = directory.appending("f")
            let file = try WritableFile(path, creation: .mustBeNew)
            try file.write(Content.random(size).span, at: 0)
            try file.sync()
            file.dropCache()
            try await body(path)
        } catch {
            try FileTree.removeAll(directory)
            throw error
        }
        try FileTree.removeAll(directory)
    }

    static func warm(_ pattern: Pattern, _ file: ReadableFile) throws {
        let count = (Int(file.status.size) + page - 1) / page
        var lease = BufferLease(unpooledCapacity: 1)
        for index in 0..<count where pattern.isWarm(index, of: count) {
            lease.truncate(to: 0)
            try file.read(1, at: Int64(index * page), into: &lease)
        }
    }

    static func resident(_ file: ReadableFile) throws -> [Bool] {
        try #require(file.residency(of: 0..<file.status.size)).pages.map { $0 & 1 == 1 }
    }

    @Test(.timeLimit(.minutes(5)), arguments: Pattern.allCases, [true, false])
    func `is after a read as it was before`(pattern: Pattern, isPrefetched: Bool) async throws {
        let size = 1_500_000 + 123
        try await Self.withColdFile(size) { path in
            let file = try ReadableFile(path)
            #expect(try !Self.resident(file).contains(true))
            try Self.warm(pattern, file)
            let before = try Self.resident(file)
            let count = before.count
            #expect(before == (0..<count).map { pattern.isWarm($0, of: count) })

            // A limit switches prefetching off; this one is never reached.
            let limit = DataRate(bytesPerSecond: isPrefetched ? nil : 1 << 50)
            var reader = PieceReader(limit: TokenBucket(limit))
            var lease = BufferLease(unpooledCapacity: size)
            var checksum: CRC32?
            let digest = try await reader.read(0..<Int64(size), of: file, into: &lease, checksum: &checksum)
            let bytes = lease.array
            #expect(digest == SHA256.digest(of: bytes.span))
            #expect(areSame(bytes, Content.random(size)))
            #expect(try Self.resident(file) == before)
        }
    }

    @Test(.timeLimit(.minutes(5))) func `is as it was also around pieces that do not end at pages`() async throws {
        let size = 1_000_000
        try await Self.withColdFile(size) { path in
            let file = try ReadableFile(path)
            try Self.warm(.everyOther, file)
            let before = try Self.resident(file)
            var reader = PieceReader(limit: TokenBucket(.unlimited))
            var lease = BufferLease(unpooledCapacity: size)
            var checksum: CRC32?
            for start in stride(from: 0, to: Int64(size), by: 123_457) {
                let end = min(start + 123_457, Int64(size))
                _ = try await reader.read(start..<end, of: file, into: &lease, checksum: &checksum)
            }
            let bytes = lease.array
            #expect(areSame(bytes, Content.random(size)))
            #expect(try Self.resident(file) == before)
        }
    }

    /// Such a file is opened without switching readahead off.
    @Test(.timeLimit(.minutes(5)), arguments: [1, 4096, 10_000, 262_144], [Pattern.none, .all, .firstHalf])
    func `is as it was after a small file was read in one step`(size: Int, pattern: Pattern) async throws {
        try await Self.withColdFile(size) { path in
            let file = try ReadableFile(path)
            try Self.warm(pattern, file)
            // Warming reads ahead, since one page is less than a step.
            let before = try Self.resident(file)
            if pattern == .none { #expect(!before.contains(true)) }
            var reader = PieceReader(limit: TokenBucket(.unlimited))
            var lease = BufferLease(unpooledCapacity: size)
            var checksum: CRC32?
            _ = try await reader.read(0..<Int64(size), of: file, into: &lease, checksum: &checksum)
            #expect(areSame(lease.array, Content.random(size)))
            #expect(try Self.resident(file) == before)
        }
    }

    @Test(.timeLimit(.minutes(5))) func `is as it was after a read that failed halfway`() async throws {
        let size = 600_000
        try await Self.withColdFile(size) { path in
            let file = try ReadableFile(path)
            let writer = try WritableFile(path, creation: .orReopen)
            try writer.resize(400_000)
            try writer.sync()
            writer.dropCache()
            var reader = PieceReader(limit: TokenBucket(.unlimited))
            var lease = BufferLease(unpooledCapacity: size)
            var checksum: CRC32?
            await #expect(throws: FileError.self) {
                _ = try await reader.read(0..<Int64(size), of: file, into: &lease, checksum: &checksum)
            }
            #expect(try !Self.resident(file).contains(true))
        }
    }

    @Test(.timeLimit(.minutes(5))) func `holds what is prefetched, until it is put back`() async throws {
        let size = 300_000
        try await Self.withColdFile(size) { path in
            let file = try ReadableFile(path)
            let before = file.residency(of: 0..<Int64(size))
            #expect(before?.residentCount == 0)
            file.prefetch(before)
            // Prefetched pages are in the cache at once, locked until their bytes are there.
            var lease = BufferLease(unpooledCapacity: size)
            try file.read(size, at: 0, into: &lease)
            #expect(try !Self.resident(file).contains(false))
            file.evict(before)
            #expect(try !Self.resident(file).contains(true))
            #expect(file.residency(of: 0..<0) == nil)
        }
    }
}
