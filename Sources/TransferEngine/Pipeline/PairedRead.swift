/// A piece of a file on its way into memory and through the hash, step by step beside another one.
///
/// A class, so that both can be gone through at a time; it stays with the task that made it.
@safe
final class PairedRead {
    private let file: ReadableFile
    private let start: Int64
    private let memory: UnsafeMutableRawBufferPointer
    private var loaded = 0
    private var hashed = 0
    private var lane = SHA256Lane()
    private(set) var checksum: CRC32?
    private(set) var sum: CRC32C?

    /// - Parameters:
    ///   - memory: as large as the piece; valid as long as this is used.
    ///   - sums: whether to make a CRC-32C on the way.
    init(_ part: PieceReader.Part, into memory: UnsafeMutableRawBufferPointer, sums: Bool) {
        file = part.file
        start = part.range.lowerBound
        unsafe self.memory = memory
        checksum = part.checksum
        sum = sums ? CRC32C() : nil
    }

    /// Whether all was read; all but the last part of a block is hashed by then.
    var isDone: Bool { unsafe loaded == memory.count }

    /// The digest of the whole piece, which is done.
    var digest: SHA256Digest { lane.finish(unhashed) }

    /// How many bytes `load` is going to read.
    func nextCount(_ step: Int) -> Int { unsafe min(step, memory.count - loaded) }

    /// Reads the next bytes.
    func load(_ step: Int) throws(FileError) {
        let count = nextCount(step)
        guard count > 0 else { return }
        let place = unsafe UnsafeMutableRawBufferPointer(rebasing: memory[loaded..<loaded + count])
        try unsafe file.read(into: place, at: start + Int64(loaded))
        let bytes = part(loaded..<loaded + count)
        checksum?.update(bytes)
        sum?.update(bytes)
        loaded += count
    }

    private func hash() {
        let count = unhashed.count / SHA256Lane.blockSize * SHA256Lane.blockSize
        guard count > 0 else { return }
        lane.update(part(hashed..<hashed + count))
        hashed += count
    }

    /// Hashes what was loaded of both: side by side as far as that goes.
    func hash(beside other: PairedRead) {
        let count = min(unhashed.count, other.unhashed.count) / SHA256Lane.blockSize * SHA256Lane.blockSize
        if count > 0 {
            lane.update(
                part(hashed..<hashed + count),
                beside: &other.lane,
                other.part(other.hashed..<other.hashed + count)
            )
            hashed += count
            other.hashed += count
        }
        hash()
        other.hash()
    }

    private var unhashed: Span<UInt8> {
        @_lifetime(borrow self)
        get { part(hashed..<loaded) }
    }

    @_lifetime(borrow self)
    private func part(_ range: Range<Int>) -> Span<UInt8> {
        let bytes = unsafe UnsafeRawBufferPointer(rebasing: memory[range]).assumingMemoryBound(to: UInt8.self)
        let span = unsafe Span(_unsafeElements: bytes)
        return unsafe _overrideLifetime(span, borrowing: self)
    }
}
