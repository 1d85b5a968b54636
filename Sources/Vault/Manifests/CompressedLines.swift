internal import TransferEngine

/// The lines of compressed text that is in memory: what is decompressed at one time is little.
struct CompressedLines: ~Copyable {
    private let body: [UInt8]
    private var position = 0
    private var decoder: ZstdStreamDecoder
    private var text: [UInt8] = []
    private var start = 0
    private var isAtEnd = false

    init(_ body: [UInt8]) throws(CodecError) {
        self.body = body
        decoder = try ZstdStreamDecoder()
    }

    /// The next line without its newline; nil behind the last.
    ///
    /// Text behind the last newline is no line.
    mutating func next() throws(CodecError) -> [UInt8]? {
        var searched = start
        while true {
            if let end = text.firstIndex(of: 0x0A, from: searched) {
                defer { start = end + 1 }
                return Array(text[start..<end])
            }
            searched = text.count
            guard !isAtEnd else { return nil }
            if start > 0 {
                text.removeFirst(start)
                searched -= start
                start = 0
            }
            let body = body  // a span of `self.body` would hold all of `self`
            isAtEnd = try !decoder.decode(body.span, from: &position, into: &text)
        }
    }
}
