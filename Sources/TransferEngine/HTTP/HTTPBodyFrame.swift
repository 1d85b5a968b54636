/// Bytes that go out before and behind the body of a request.
///
/// So a body that lies in a lease becomes a part of a larger message without being copied: RFC 2046, section 5.1.
package struct HTTPBodyFrame: Sendable {
    package let before: [UInt8]
    package let behind: [UInt8]

    package init(before: [UInt8], behind: [UInt8]) {
        self.before = before
        self.behind = behind
    }
}

/// What a request sends: the memory of a lease, and what frames it.
@safe
struct OutgoingBody {
    private let frame: HTTPBodyFrame
    private let bytes: UnsafeRawBufferPointer

    /// - Parameter bytes: valid until the transfer has ended.
    init(_ bytes: UnsafeRawBufferPointer, _ frame: HTTPBodyFrame?) {
        unsafe self.bytes = bytes
        self.frame = frame ?? HTTPBodyFrame(before: [], behind: [])
    }

    /// Nothing, and no memory.
    static var nothing: OutgoingBody { unsafe OutgoingBody(UnsafeRawBufferPointer(start: nil, count: 0), nil) }

    var count: Int { unsafe frame.before.count + bytes.count + frame.behind.count }

    /// How many bytes lie together at `offset`: to the end of the part that it is in.
    func available(at offset: Int) -> Int {
        var end = 0
        for size in unsafe [frame.before.count, bytes.count, frame.behind.count] {
            end += size
            if offset < end { return end - offset }
        }
        return 0
    }

    /// Fills `buffer` with what lies at `offset`.
    ///
    /// - Parameter buffer: no larger than what is available there.
    func copy(from offset: Int, into buffer: UnsafeMutableRawBufferPointer) {
        let start = offset - frame.before.count
        if start < 0 {
            unsafe frame.before.withUnsafeBytes { unsafe buffer.copyMemory(from: Self.part($0, offset, buffer.count)) }
        } else if unsafe start < bytes.count {
            unsafe buffer.copyMemory(from: Self.part(bytes, start, buffer.count))
        } else {
            let start = unsafe start - bytes.count
            unsafe frame.behind.withUnsafeBytes { unsafe buffer.copyMemory(from: Self.part($0, start, buffer.count)) }
        }
    }

    private static func part(_ bytes: UnsafeRawBufferPointer, _ start: Int, _ count: Int) -> UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(rebasing: bytes[start..<start + count])
    }
}
