internal import TransferEngine

/// A read of some bytes of an object over HTTP: what is asked, and what the answer really holds.
///
/// RFC 9110, section 14. A server may leave the range out of account and send everything; then the bytes are not the
/// ones asked for, unless the range begins at 0.
struct RangedRead {
    /// Nil: the whole object.
    let range: Range<Int64>?

    /// The header of the request; none for a range of no bytes, which HTTP cannot ask for: it is a look at the object then.
    var headers: [HTTPHeaders.Field] {
        guard let range, !range.isEmpty else { return [] }
        return [("Range", "bytes=\(range.lowerBound)-\(range.upperBound - 1)")]
    }

    /// The whole size of the object, after a success with `received` bytes of body.
    ///
    /// - Throws: `.corrupt`, in words, if they are not the bytes that were asked for.
    func size(_ response: HTTPResponse, received: Int) throws(RangedReadError) -> Int64 {
        guard let range else { return Int64(received) }
        guard response.status == 206 else {
            guard range.lowerBound == 0, Int64(received) <= range.upperBound else {
                throw RangedReadError("the store left out of account that bytes \(range) were asked for")
            }
            return Int64(received)
        }
        guard let (sent, size) = Self.contentRange(response.headers["Content-Range"]), let sent else {
            throw RangedReadError("the answer does not say which bytes it holds")
        }
        guard sent.lowerBound == range.lowerBound, sent.upperBound == min(range.upperBound, size),
            sent.count == received
        else { throw RangedReadError("asked for bytes \(range), got \(received) said to be bytes \(sent) of \(size)") }
        return size
    }

    /// `bytes 0-9/1000`, or `bytes */1000` of a 416.
    static func contentRange(_ text: String?) -> (sent: Range<Int64>?, size: Int64)? {
        guard let text, text.hasPrefix("bytes ") else { return nil }
        let parts = text.dropFirst("bytes ".count).split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let size = Int64(parts[1]), size >= 0 else { return nil }
        if parts[0] == "*" { return (nil, size) }
        let ends = parts[0].split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2, let first = Int64(ends[0]), let last = Int64(ends[1]), first >= 0, first <= last,
            last < size
        else { return nil }
        return (first..<last + 1, size)
    }
}

/// The bytes of an answer are not those that were asked for.
struct RangedReadError: Error, CustomStringConvertible {
    let description: String

    init(_ reason: String) {
        description = reason
    }
}

extension ObjectStore {
    /// What is known of an object of which a read begins at its very end, or asks for no bytes at all.
    ///
    /// HTTP cannot ask for no bytes, and answers a range from the end on with an error that mostly tells no size.
    ///
    /// - Throws: `.notFound`; `.badRange` if the object ends before `offset`.
    func nothing(of key: ObjectKey, at offset: Int64) async throws(StoreError) -> ObjectInfo {
        guard let info = try await head(key) else { throw StoreError(.notFound, "get", key) }
        guard offset <= info.size else { throw StoreError(.badRange, "get", key) }
        return info
    }
}
