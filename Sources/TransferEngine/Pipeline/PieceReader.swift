/// Reads pieces of files once: while a step is warm in the processor's cache it goes through the hash and the checksum.
///
/// One value serves one task at a time; it keeps the hash's context.
package struct PieceReader: ~Copyable {
    /// A step fits into a core's second-level cache.
    private static let step = 256 * 1024

    private var hash = SHA256()
    private let limit: TokenBucket

    /// - Parameter limit: disk reads of the whole process.
    package init(limit: TokenBucket) {
        self.limit = limit
    }

    /// Reads `range` of `file` behind what `lease` holds, and puts the page cache back as it was.
    ///
    /// - Parameter checksum: goes on with the piece's bytes, if given.
    /// - Returns: the SHA-256 of the piece.
    /// - Throws: `FileError`; `CancellationError`.
    package mutating func read(
        _ range: Range<Int64>,
        of file: ReadableFile,
        into lease: inout BufferLease,
        checksum: inout CRC32?
    ) async throws -> SHA256Digest {
        let hasTurn = try await limit.beginTurn()
        defer { if hasTurn { limit.endTurn() } }
        hash.reset()  // an earlier read may have failed halfway
        let residency = file.residency(of: range)
        defer { file.evict(residency) }
        if limit.rate == .unlimited { file.prefetch(residency) }
        var offset = range.lowerBound
        while offset < range.upperBound {
            let count = Int(min(Int64(limit.step(upTo: Self.step)), range.upperBound - offset))
            try await limit.take(count)
            try Task.checkCancellation()
            let start = lease.count
            try file.read(count, at: offset, into: &lease)
            let bytes = lease.bytes.extracting(start..<start + count)
            hash.update(bytes)
            checksum?.update(bytes)
            offset += Int64(count)
        }
        return hash.finish()
    }

    /// The SHA-256 of bytes that are in memory already.
    package mutating func digest(of bytes: Span<UInt8>) -> SHA256Digest {
        hash.update(bytes)
        return hash.finish()
    }
}
