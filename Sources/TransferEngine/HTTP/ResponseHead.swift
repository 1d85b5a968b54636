/// Status and headers of a response, taken line by line as libcurl hands them over.
struct ResponseHead {
    /// Bytes of one head, after which a server is not believed to be one.
    static let limit = 256 * 1024

    /// 0 before the first status line.
    private(set) var status = 0
    private(set) var headers = HTTPHeaders()
    /// Whether the final head, not an interim one, has ended.
    private(set) var isComplete = false
    private var byteCount = 0

    /// The stated length of the body, in bytes.
    var contentLength: Int? { headers["Content-Length"].flatMap { Int($0) } }

    /// Takes the next line, its line end included.
    ///
    /// Returns whether the head is still of a credible size.
    mutating func append(_ line: String) -> Bool {
        byteCount += line.utf8.count
        guard byteCount <= Self.limit else { return false }
        if line.hasPrefix("HTTP/") {
            // Another head: the one before was interim, or the request was sent again on another connection.
            status = Self.status(of: line)
            headers = HTTPHeaders()
            isComplete = false
            byteCount = line.utf8.count
            return true
        }
        // What follows a complete head are the trailers of a chunked body, which nobody asked for.
        guard !isComplete else { return true }
        let isFolded = line.utf8.first.map(Self.isBlank) ?? false
        let text = Self.trimmed(line[...])
        if text.isEmpty {
            isComplete = status >= 200
        } else if isFolded {
            headers.fold(text)
        } else if let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")) {
            headers.append(Self.trimmed(text[..<colon]), Self.trimmed(text[text.utf8.index(after: colon)...]))
        }
        return true
    }

    /// The three digits of "HTTP/1.1 200 OK"; 0 if they are not there.
    private static func status(of line: String) -> Int {
        let parts = line.utf8.split(whereSeparator: isBlank)
        guard parts.count > 1, parts[1].count == 3, let status = Int(String(parts[1]) ?? "") else { return 0 }
        return status
    }

    private static func trimmed(_ text: Substring) -> String {
        let bytes = text.utf8
        guard let first = bytes.firstIndex(where: { !isBlank($0) }),
            let last = bytes.lastIndex(where: { !isBlank($0) })
        else { return "" }
        return String(text[first...last])
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
    }
}
