/// A SHA-256 digest: 32 bytes, the identity of content in a vault.
///
/// FIPS 180-4.
package struct SHA256Digest: Hashable, Sendable, CustomStringConvertible, Comparable {
    /// Bytes of a digest.
    package static let size = 32

    /// The digest's bytes in order, as four big-endian words.
    package let words: (UInt64, UInt64, UInt64, UInt64)

    package init(words: (UInt64, UInt64, UInt64, UInt64)) { self.words = words }

    /// - Parameter bytes: exactly 32.
    package init?(_ bytes: Span<UInt8>) {
        guard bytes.count == 32 else { return nil }
        func word(_ index: Int) -> UInt64 {
            (0..<8).reduce(0) { $0 << 8 | UInt64(bytes[index * 8 + $1]) }
        }
        words = (word(0), word(1), word(2), word(3))
    }

    /// - Parameter hex: exactly 64 lower-case hex digits; anything else gives nil.
    package init?(hex: some StringProtocol) {
        var values: [UInt64] = []
        var value: UInt64 = 0
        var digits = 0
        for digit in hex.utf8 {
            let nibble: UInt8
            switch digit {
            case 0x30...0x39: nibble = digit - 0x30
            case 0x61...0x66: nibble = digit - 0x61 + 10
            default: return nil
            }
            value = value << 4 | UInt64(nibble)
            digits += 1
            if digits % 16 == 0 { values.append(value) }
            guard digits <= 64 else { return nil }
        }
        guard digits == 64 else { return nil }
        words = (values[0], values[1], values[2], values[3])
    }

    /// 64 lower-case hex digits.
    package var description: String {
        unsafe String(unsafeUninitializedCapacity: 64) { buffer in
            var position = 0
            for word in [words.0, words.1, words.2, words.3] {
                for shift in stride(from: 60, through: 0, by: -4) {
                    let nibble = UInt8(truncatingIfNeeded: word >> UInt64(shift)) & 0xF
                    unsafe buffer[position] = nibble < 10 ? 0x30 + nibble : 0x61 + nibble - 10
                    position += 1
                }
            }
            return 64
        }
    }

    /// The 32 bytes in order.
    package var bytes: [UInt8] {
        [words.0, words.1, words.2, words.3].flatMap { word in
            (0..<8).map { UInt8(truncatingIfNeeded: word >> (56 - 8 * UInt64($0))) }
        }
    }

    package static func == (left: Self, right: Self) -> Bool { left.words == right.words }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)  // uniform already: one word tells digests apart
    }

    package static func < (left: Self, right: Self) -> Bool { left.words < right.words }
}
