/// The head of a request to a `DiscardingStore`.
struct DiscardingRequest {
    let method: String
    let path: String
    /// Names and values behind the question mark.
    let query: String
    /// Bytes of the head itself.
    let headCount: Int
    let bodyCount: Int
    /// Whether it has If-None-Match.
    let isCreateOnly: Bool
    let range: Range<Int>?
    /// Whether the client waits for a word before it sends the body.
    let wantsWord: Bool

    /// Whether its body is thrown away: all but the documents of a vault.
    var isContent: Bool {
        method == "PUT" && (path.contains("/blobs/") || !path.hasPrefix("/\(Sink.bucket)/ringvault/"))
    }
    /// Of a multipart upload.
    var isPart: Bool { query.contains("partNumber=") }
    /// Whether it is of the bucket itself, such as a listing.
    var isOfBucket: Bool { !path.dropFirst().contains("/") }

    /// - Returns: nil while the head is not whole.
    init?(_ bytes: [UInt8]) {
        let ending = Array("\r\n\r\n".utf8)
        guard let end = bytes.indices.first(where: { bytes[$0...].starts(with: ending) }) else { return nil }
        headCount = end + ending.count
        let lines = String(decoding: bytes[..<end], as: UTF8.self).split(separator: "\r\n")
        guard !lines.isEmpty else { return nil }
        let words = lines[0].split(separator: " ")
        guard words.count == 3 else { return nil }
        method = String(words[0])
        path = String(words[1].prefix { $0 != "?" })
        query = String(words[1].dropFirst(path.count + 1))
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let name = line.prefix { $0 != ":" }
            headers[name.lowercased()] = String(line.dropFirst(name.count + 1).drop { $0 == " " })
        }
        bodyCount = headers["content-length"].flatMap { Int($0) } ?? 0
        wantsWord = headers["expect"]?.lowercased() == "100-continue"
        isCreateOnly = headers["if-none-match"] != nil
        // bytes=0-65535
        let ends = headers["range"]?.dropFirst("bytes=".count).split(separator: "-").compactMap { Int($0) }
        range = ends.flatMap { $0.count == 2 && $0[0] <= $0[1] ? $0[0]..<$0[1] + 1 : nil }
    }
}
