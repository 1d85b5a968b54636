/// Bytes as lower-case hex digits, two a byte.
///
/// RFC 4648, section 8.
package enum Base16 {
    package static func text(of bytes: some Sequence<UInt8>) -> String {
        var digits: [UInt8] = []
        digits.reserveCapacity(bytes.underestimatedCount * 2)
        for byte in bytes {
            digits.append(digit(byte >> 4))
            digits.append(digit(byte & 0xF))
        }
        return String(decoding: digits, as: UTF8.self)
    }

    /// 8 digits.
    package static func text(of number: UInt32) -> String {
        text(of: (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * $0)) })
    }

    /// Nil for anything that `text(of:)` would not have written.
    package static func number(_ text: String) -> UInt32? {
        guard text.utf8.count == 8, let number = UInt32(text, radix: 16), self.text(of: number) == text else {
            return nil
        }
        return number
    }

    private static func digit(_ nibble: UInt8) -> UInt8 { nibble < 10 ? 0x30 + nibble : 0x61 + nibble - 10 }
}
