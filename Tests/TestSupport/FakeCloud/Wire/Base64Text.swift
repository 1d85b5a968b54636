/// Base64 of RFC 4648, padded, and its variant for URLs, which is not.
enum Base64Text {
    private static let standard = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let forURLs = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        var start = 0
        while start < bytes.count {
            let piece = bytes[start..<min(start + 3, bytes.count)]
            let bits = piece.enumerated().reduce(UInt32(0)) { $0 | UInt32($1.element) << UInt32(16 - 8 * $1.offset) }
            for index in 0..<4 {
                let digit = standard[Int(bits >> UInt32(18 - 6 * index)) & 0x3F]
                text.append(index <= piece.count ? digit : UInt8(ascii: "="))
            }
            start += 3
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Nil unless it is exactly what `encode` gives.
    static func decode(_ text: some StringProtocol) -> [UInt8]? {
        guard text.utf8.count % 4 == 0 else { return nil }
        let bytes = decode(text.utf8.prefix { $0 != UInt8(ascii: "=") }, by: standard)
        return bytes.flatMap { encode($0) == text ? $0 : nil }
    }

    /// The variant for URLs, without padding, of which JSON Web Tokens are made.
    static func decodeForURLs(_ text: some StringProtocol) -> [UInt8]? { decode(text.utf8, by: forURLs) }

    private static func decode(_ digits: some Sequence<UInt8>, by alphabet: [UInt8]) -> [UInt8]? {
        var bytes: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        for digit in digits {
            guard let value = alphabet.firstIndex(of: digit) else { return nil }
            bits = bits << 6 | UInt32(value)
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
            }
        }
        return bytes
    }
}
