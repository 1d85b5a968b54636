/// A document's bytes without values that were computed over them.
///
/// So a code inside a JSON document covers every byte of it, white space and unknown members too, and nobody needs to agree
/// on how JSON is written.
enum MaskedText {
    /// `bytes` with a `0` for each byte of the values.
    ///
    /// - Parameter values: of hex digits.
    /// - Returns: nil unless each stands there exactly once, between quotes.
    static func masking(_ values: [String], in bytes: [UInt8]) -> [UInt8]? {
        var text = bytes
        for value in values {
            let quoted = Array("\"\(value)\"".utf8)
            guard value.utf8.count >= 32, let place = place(of: quoted, in: bytes) else { return nil }
            for index in place + 1..<place + quoted.count - 1 { text[index] = UInt8(ascii: "0") }
        }
        return text
    }

    /// What a value is before it is known.
    static func blank(_ digits: Int) -> String { String(repeating: "0", count: digits) }

    private static func place(of sought: [UInt8], in bytes: [UInt8]) -> Int? {
        var found: Int?
        var start = 0
        while bytes.count - start >= sought.count, let next = bytes[start...].firstIndex(of: sought[0]) {
            guard bytes.count - next >= sought.count else { break }
            if bytes[next..<next + sought.count].elementsEqual(sought) {
                guard found == nil else { return nil }
                found = next
            }
            start = next + 1
        }
        return found
    }
}
