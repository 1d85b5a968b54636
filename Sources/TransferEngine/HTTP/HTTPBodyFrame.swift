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

    /// Copies what lies at `offset` until `buffer` is full or a part of the message ends.
    ///
    /// - Returns: how many bytes; 0 only at the end, or if `buffer` is empty.
    func copy(from offset: Int, into buffer: UnsafeMutableRawBufferPointer) -> Int {
        var offset = offset
        let copied = unsafe frame.before.withUnsafeBytes { unsafe Self.copy($0, &offset, buffer) }
        if copied > 0 { return copied }
        let copiedBody = unsafe Self.copy(bytes, &offset, buffer)
        if copiedBody > 0 { return copiedBody }
        return unsafe frame.behind.withUnsafeBytes { unsafe Self.copy($0, &offset, buffer) }
    }

    /// - Parameter offset: into the message from where `part` begins; behind `part`, it is moved to where the next begins.
    private static func copy(
        _ part: UnsafeRawBufferPointer,
        _ offset: inout Int,
        _ buffer: UnsafeMutableRawBufferPointer
    ) -> Int {
        guard offset < part.count, let from = part.baseAddress, let to = buffer.baseAddress else {
            offset -= part.count
            return 0
        }
        let count = min(buffer.count, part.count - offset)
        unsafe to.copyMemory(from: from + offset, byteCount: count)
        return count
    }
}
