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

    /// Nil for anything that `text(of:)` would not have written.
    package static func bytes(of text: some StringProtocol) -> [UInt8]? {
        var bytes: [UInt8] = []
        var high: UInt8?
        for digit in text.utf8 {
            let nibble: UInt8
            switch digit {
            case 0x30...0x39: nibble = digit - 0x30
            case 0x61...0x66: nibble = digit - 0x61 + 10
            default: return nil
            }
            if let first = high {
                bytes.append(first << 4 | nibble)
                high = nil
            } else {
                high = nibble
            }
        }
        return high == nil ? bytes : nil
    }

    /// 8 digits.
    package static func text(of number: UInt32) -> String {
        unsafe String(unsafeUninitializedCapacity: 8) { buffer in
            let digits = digits(of: number)
            for index in 0..<8 { unsafe buffer[index] = UInt8(truncatingIfNeeded: digits >> UInt64(56 - 8 * index)) }
            return 8
        }
    }

    /// 8 digits in order, the first in the highest byte.
    package static func digits(of number: UInt32) -> UInt64 {
        // Parts the digits into bytes of their own, all at once.
        var parts = UInt64(number)
        parts = (parts | parts << 16) & 0x0000_FFFF_0000_FFFF
        parts = (parts | parts << 8) & 0x00FF_00FF_00FF_00FF
        parts = (parts | parts << 4) & 0x0F0F_0F0F_0F0F_0F0F
        let letters = ((parts + 0x0606_0606_0606_0606) >> 4) & 0x0101_0101_0101_0101
        return parts + 0x3030_3030_3030_3030 + letters * 0x27
    }

    /// Nil for anything that `text(of:)` would not have written.
    package static func number(_ text: String) -> UInt32? {
        guard text.utf8.count == 8 else { return nil }
        var number: UInt32 = 0
        for digit in text.utf8 {
            switch digit {
            case 0x30...0x39: number = number << 4 | UInt32(digit - 0x30)
            case 0x61...0x66: number = number << 4 | UInt32(digit - 0x61 + 10)
            default: return nil
            }
        }
        return number
    }

    private static func digit(_ nibble: UInt8) -> UInt8 { nibble < 10 ? 0x30 + nibble : 0x61 + nibble - 10 }
}
