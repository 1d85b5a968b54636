/// Reads pieces of files once: while a step is warm in the processor's cache it goes through the hash and the checksum.
///
/// One value serves one task at a time; it keeps the hash's context.
package struct PieceReader: ~Copyable {
    /// A step fits into a core's second-level cache.
    private static let step = 256 * 1024

    private var hash = SHA256()
    private let limit: TokenBucket
    private let sumsPieces: Bool

    /// - Parameters:
    ///   - limit: disk reads of the whole process.
    ///   - sumsPieces: whether a lease that a piece fills is told its CRC-32C, for those that are stored as they are.
    package init(limit: TokenBucket, sumsPieces: Bool = false) {
        self.limit = limit
        self.sumsPieces = sumsPieces
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
        if limit.isUnlimited { file.prefetch(residency) }
        let first = lease.count
        var sum = sumsPieces && first == 0 ? CRC32C() : nil
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
            sum?.update(bytes)
            offset += Int64(count)
        }
        if let sum { lease.note(sum) }
        return hash.finish()
    }

    /// The SHA-256 of all that a lease holds, which is told its CRC-32C on the way where pieces are.
    package mutating func digest(of lease: inout BufferLease) -> SHA256Digest {
        guard sumsPieces else { return digest(of: lease.bytes) }
        var sum = CRC32C()
        for start in stride(from: 0, to: lease.count, by: Self.step) {
            let bytes = lease.bytes.extracting(start..<min(start + Self.step, lease.count))
            hash.update(bytes)
            sum.update(bytes)
        }
        lease.note(sum)
        return hash.finish()
    }

    /// A piece that is read beside another one.
    package struct Part {
        package let range: Range<Int64>
        package let file: ReadableFile
        /// Goes on with the piece's bytes, if given.
        package var checksum: CRC32?

        package init(_ range: Range<Int64>, of file: ReadableFile, checksum: CRC32?) {
            self.range = range
            self.file = file
            self.checksum = checksum
        }
    }

    /// Reads two pieces at a time into an empty lease each, which costs less than one after the other: `SHA256Lane`.
    ///
    /// - Returns: the SHA-256 of each.
    /// - Throws: as `read`; then neither lease holds anything.
    package mutating func read(
        _ one: inout Part,
        into lease: inout BufferLease,
        beside other: inout Part,
        into otherLease: inout BufferLease
    ) async throws -> (SHA256Digest, SHA256Digest) {
        precondition(lease.count == 0 && otherLease.count == 0, "each piece has a lease to itself")
        guard SHA256Lane.isSupported, limit.isUnlimited else {
            // Under a limit what is read is to come evenly, and costs nothing that matters.
            let digest = try await read(one.range, of: one.file, into: &lease, checksum: &one.checksum)
            return (digest, try await read(other.range, of: other.file, into: &otherLease, checksum: &other.checksum))
        }
        let residency = one.file.residency(of: one.range)
        defer { one.file.evict(residency) }
        let otherResidency = other.file.residency(of: other.range)
        defer { other.file.evict(otherResidency) }
        one.file.prefetch(residency)
        other.file.prefetch(otherResidency)
        let first = unsafe PairedRead(one, into: lease.rawMemory(one.range.count), sums: sumsPieces)
        let second = unsafe PairedRead(other, into: otherLease.rawMemory(other.range.count), sums: sumsPieces)
        // Both steps are warm together.
        let step = Self.step / 2
        while !first.isDone || !second.isDone {
            try await limit.take(first.nextCount(step) + second.nextCount(step))
            try Task.checkCancellation()
            try first.load(step)
            try second.load(step)
            first.hash(beside: second)
        }
        lease.unsafeSetCount(one.range.count)
        otherLease.unsafeSetCount(other.range.count)
        if let sum = first.sum { lease.note(sum) }
        if let sum = second.sum { otherLease.note(sum) }
        (one.checksum, other.checksum) = (first.checksum, second.checksum)
        return (first.digest, second.digest)
    }

    /// The SHA-256 of bytes that are in memory already.
    package mutating func digest(of bytes: Span<UInt8>) -> SHA256Digest {
        hash.update(bytes)
        return hash.finish()
    }
}

extension BufferLease {
    /// The first `count` bytes of the buffer.
    ///
    /// Valid while the lease is not touched otherwise.
    fileprivate func rawMemory(_ count: Int) -> UnsafeMutableRawBufferPointer {
        precondition(capacity >= count, "the lease is too small")
        return unsafe UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: unsafeMemory[..<count]))
    }
}
