/// Sole use of one buffer; its memory goes back to where it came from when the lease ends.
///
/// The first `count` bytes are filled; the rest, up to `capacity`, is free. A lease of a `BufferPool` counts against
/// its limit. One made with `init(copying:)` owns heap memory instead: for documents of a few kilobytes, so that a
/// store has one kind of body.
@safe
package struct BufferLease: ~Copyable, @unchecked Sendable {
    // Sendable because the memory belongs to this value alone, and the value has one owner.
    private enum Origin {
        case pool(BufferPool, Range<Int>)
        /// A pool's as well, and perhaps back in it.
        case early(EarlyReturn)
        case heap
        case nothing
    }

    private var origin: Origin
    private var memory: UnsafeMutableBufferPointer<UInt8>
    /// Bytes filled so far, from the buffer's start.
    package private(set) var count = 0
    /// CRC-32C of the filled bytes, where it is known; whatever changes them forgets it.
    package private(set) var knownCRC32C: CRC32C?

    init(pool: BufferPool, units: Range<Int>, memory: UnsafeMutableBufferPointer<UInt8>) {
        origin = .pool(pool, units)
        unsafe self.memory = memory
    }

    /// A buffer outside any pool that holds a copy of `bytes`.
    package init(copying bytes: some Collection<UInt8>) {
        origin = .heap
        unsafe memory = .allocate(capacity: max(1, bytes.count))
        count = unsafe memory.initialize(fromContentsOf: bytes)
    }

    /// An empty buffer outside any pool.
    package init(unpooledCapacity: Int) {
        origin = .heap
        unsafe memory = .allocate(capacity: max(1, unpooledCapacity))
    }

    deinit {
        switch origin {
        case .pool(let pool, let units): pool.giveBack(units)
        case .early(let early): early.giveBack()
        case .heap: unsafe memory.deallocate()
        case .nothing: break
        }
    }

    /// Bytes that fit.
    package var capacity: Int { unsafe memory.count }

    /// The bytes filled so far.
    package var bytes: Span<UInt8> {
        @_lifetime(borrow self)
        get {
            precondition(!hasLeft, "the bytes have left")
            let span = unsafe Span(_unsafeStart: memory.baseAddress.unsafelyUnwrapped, count: count)
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }

    /// Fills the buffer from its start; what it held before is gone, also when `body` throws.
    package mutating func fill<E: Error>(_ body: (inout OutputSpan<UInt8>) throws(E) -> Void) throws(E) {
        count = 0
        knownCRC32C = nil
        try append(body)
    }

    /// Fills on from where the last filling ended.
    ///
    /// If `body` throws, what it wrote does not count.
    package mutating func append<E: Error>(_ body: (inout OutputSpan<UInt8>) throws(E) -> Void) throws(E) {
        precondition(!hasLeft, "the bytes have left")
        let rest = unsafe UnsafeMutableBufferPointer(rebasing: memory[count...])
        var output = unsafe OutputSpan<UInt8>(buffer: rest, initializedCount: 0)
        knownCRC32C = nil
        try body(&output)
        count += unsafe output.finalize(for: rest)
    }

    /// Works on the whole buffer, filled or not.
    ///
    /// - Parameter body: gives the bytes that are filled from now on, from the buffer's start.
    mutating func rewrite(_ body: (BufferMemory) -> Int) {
        precondition(!hasLeft, "the bytes have left")
        knownCRC32C = nil
        let count = unsafe body(BufferMemory(memory))
        precondition(count >= 0 && count <= capacity, "more than the buffer holds")
        self.count = count
    }

    /// Forgets all but the first `count` bytes.
    package mutating func truncate(to count: Int) {
        precondition(count >= 0 && count <= self.count, "cannot grow by truncating")
        if count < self.count { knownCRC32C = nil }
        self.count = count
    }

    /// Keeps the sum of the filled bytes, so that nobody has to go through them for it again.
    package mutating func note(_ sum: CRC32C) { knownCRC32C = sum }

    /// Cuts the free tail from `offset` on into a lease of its own.
    ///
    /// - Parameter offset: bytes from the start, at least `count`; rounded up to the pool's unit.
    /// - Returns: an empty lease, with no capacity if nothing was left to cut.
    package mutating func split(at offset: Int) -> BufferLease {
        precondition(offset >= count, "cannot cut through filled bytes")
        guard case .pool(let pool, let units) = origin else { preconditionFailure("only a pool's lease can be cut") }
        let kept = min(units.count, (offset + BufferPool.unit - 1) / BufferPool.unit)
        let bytes = kept * BufferPool.unit
        let tail = unsafe UnsafeMutableBufferPointer(rebasing: memory[bytes...])
        origin = .pool(pool, units.lowerBound..<units.lowerBound + kept)
        unsafe memory = UnsafeMutableBufferPointer(rebasing: memory[..<bytes])
        return unsafe BufferLease(pool: pool, units: units.lowerBound + kept..<units.upperBound, memory: tail)
    }

    /// Gives back what lies beyond the filled bytes.
    package mutating func giveBackRest() {
        guard case .pool = origin else { return }
        _ = split(at: max(count, 1))
    }

    /// Lets the network give the memory back as soon as it has taken all of it; what is small or of no pool stays.
    package mutating func allow(_ early: EarlyReturn) {
        guard case .pool(let pool, let units) = origin, units.count > 1 else { return }
        early.hold(pool, units)
        origin = .early(early)
    }

    /// What tells the network that it may.
    var early: EarlyReturn? { if case .early(let early) = origin { early } else { nil } }

    /// Whether the network has given the memory back: the bytes are gone, their count is not.
    package var hasLeft: Bool { early?.hasLeft ?? false }

    /// The address of the buffer, for C calls that keep it across a suspension.
    ///
    /// Valid until the lease ends: a borrow of the lease must cover the whole use.
    var unsafeMemory: UnsafeMutableBufferPointer<UInt8> { unsafe memory }

    /// Says how many bytes C has written through `unsafeMemory`.
    mutating func unsafeSetCount(_ count: Int) {
        unsafe precondition(count >= 0 && count <= memory.count, "more than the buffer holds")
        knownCRC32C = nil
        self.count = count
    }
}

/// The memory of a lease while it is rewritten: checked access to what is filled and what is not.
@safe
struct BufferMemory: ~Escapable {
    private let memory: UnsafeMutableBufferPointer<UInt8>

    @_lifetime(immortal)
    fileprivate init(_ memory: UnsafeMutableBufferPointer<UInt8>) {
        unsafe self.memory = memory
    }

    var count: Int { unsafe memory.count }

    subscript(index: Int) -> UInt8 {
        get {
            precondition(index >= 0 && index < count)
            return unsafe memory[index]
        }
        nonmutating set {
            precondition(index >= 0 && index < count)
            unsafe memory[index] = newValue
        }
    }

    /// The bytes at `range`, to be changed; of two parts that overlap only one may be used.
    @_lifetime(borrow self)
    func part(_ range: Range<Int>) -> MutableSpan<UInt8> {
        precondition(range.lowerBound >= 0 && range.upperBound <= count)
        let start = unsafe memory.baseAddress.unsafelyUnwrapped + range.lowerBound
        let span = unsafe MutableSpan(_unsafeStart: start, count: range.count)
        return unsafe _overrideLifetime(span, borrowing: self)
    }

    /// Copies bytes to another place, also to one that overlaps theirs.
    func move(_ range: Range<Int>, to place: Int) {
        precondition(range.lowerBound >= 0 && range.upperBound <= count && place >= 0 && place + range.count <= count)
        let start = unsafe memory.baseAddress.unsafelyUnwrapped
        unsafe (start + place).update(from: start + range.lowerBound, count: range.count)
    }
}
