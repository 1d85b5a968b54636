import SystemPackage
import TestSupport
import Testing

@testable import TransferEngine

@Suite struct `Pieces read side by side` {
    private static let size = 1_000_000 + 123

    /// Calls `body` with a reader and a file of `content`.
    private static func withFile(
        _ content: [UInt8],
        limit: Int64? = nil,
        _ body: (inout PieceReader, ReadableFile) async throws -> Void
    ) async throws {
        try await withTemporaryDirectory { directory in
            let path = directory.appending("f")
            let file = try WritableFile(path, creation: .mustBeNew)
            try file.write(content.span, at: 0)
            var reader = PieceReader(limit: TokenBucket(DataRate(bytesPerSecond: limit)), sumsPieces: true)
            try await body(&reader, try ReadableFile(path))
        }
    }

    private static func sum(_ bytes: some Collection<UInt8>) -> CRC32C {
        var sum = CRC32C()
        sum.update(Array(bytes).span)
        return sum
    }

    /// Both as long; one longer; a single byte; nothing; and under a limit that is never reached, where each is read alone.
    @Test(
        .timeLimit(.minutes(5)),
        arguments: [
            (0..<500_000, 500_000..<1_000_000, nil), (0..<800_000, 800_000..<1_000_123, nil),
            (700_000..<700_001, 0..<700_000, nil), (0..<0, 5..<300_000, nil), (64..<128, 1..<2, nil),
            (0..<500_000, 500_000..<1_000_000, 1 << 50),
        ] as [(Range<Int64>, Range<Int64>, Int64?)]
    )
    func `have the bytes and the sums of each`(one: Range<Int64>, other: Range<Int64>, limit: Int64?) async throws {
        let content = Content.random(Self.size)
        try await Self.withFile(content, limit: limit) { reader, file in
            var (first, second) = (
                PieceReader.Part(one, of: file, checksum: CRC32()), PieceReader.Part(other, of: file, checksum: nil)
            )
            var lease = BufferLease(unpooledCapacity: one.count)
            var otherLease = BufferLease(unpooledCapacity: other.count)
            let digests = try await reader.read(&first, into: &lease, beside: &second, into: &otherLease)
            let expected = (
                content[Int(one.lowerBound)..<Int(one.upperBound)],
                content[Int(other.lowerBound)..<Int(other.upperBound)]
            )
            let bytes = (lease.array, otherLease.array)
            #expect(areSame(bytes.0, Array(expected.0)))
            #expect(areSame(bytes.1, Array(expected.1)))
            #expect(digests.0 == SHA256.digest(of: bytes.0.span))
            #expect(digests.1 == SHA256.digest(of: bytes.1.span))
            var checksum = CRC32()
            checksum.update(bytes.0.span)
            #expect(first.checksum == checksum)
            #expect(second.checksum == nil)
            let sums = (lease.knownCRC32C, otherLease.knownCRC32C)
            #expect(sums.0 == Self.sum(expected.0))
            #expect(sums.1 == Self.sum(expected.1))
        }
    }

    @Test(.timeLimit(.minutes(5))) func `fail together where the file has become shorter, and leave nothing`()
        async throws
    {
        try await Self.withFile(Content.random(Self.size)) { reader, file in
            try WritableFile(file.path, creation: .orReopen).resize(700_000)
            var (first, second) = (
                PieceReader.Part(0..<500_000, of: file, checksum: nil),
                PieceReader.Part(500_000..<1_000_000, of: file, checksum: nil)
            )
            var lease = BufferLease(unpooledCapacity: 500_000)
            var otherLease = BufferLease(unpooledCapacity: 500_000)
            await #expect(throws: FileError.self) {
                _ = try await reader.read(&first, into: &lease, beside: &second, into: &otherLease)
            }
            let counts = [lease.count, otherLease.count]
            #expect(counts == [0, 0])
        }
    }

    @Test func `of what fills a lease, the digest and the sum are those of all its bytes`() async throws {
        try await Self.withFile(Content.random(Self.size)) { reader, file in
            var lease = BufferLease(unpooledCapacity: Self.size)
            var checksum: CRC32?
            let first = try await reader.read(0..<600_000, of: file, into: &lease, checksum: &checksum)
            let sum = lease.knownCRC32C
            let bytes = lease.array
            #expect(first == SHA256.digest(of: bytes.span))
            #expect(sum == Self.sum(bytes))
            // The sum of the first alone is not that of both.
            _ = try await reader.read(600_000..<Int64(Self.size), of: file, into: &lease, checksum: &checksum)
            let forgotten = lease.knownCRC32C
            #expect(forgotten == nil)
            let digest = reader.digest(of: &lease)
            let whole = lease.array
            let sumOfAll = lease.knownCRC32C
            #expect(digest == SHA256.digest(of: whole.span))
            #expect(sumOfAll == Self.sum(whole))
        }
    }
}
