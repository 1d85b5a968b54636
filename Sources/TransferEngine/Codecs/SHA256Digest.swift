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
    package init?(hex: Substring) {
        guard let digest = unsafe hex.utf8.withContiguousStorageIfAvailable({ unsafe Self(hexDigits: $0.span) }) else {
            self.init(hex: String(hex))
            return
        }
        guard let digest else { return nil }
        self = digest
    }

    /// - Parameter hex: exactly 64 lower-case hex digits; anything else gives nil.
    package init?(hex: String) {
        var hex = hex
        guard let digest = hex.withUTF8({ unsafe Self(hexDigits: $0.span) }) else { return nil }
        self = digest
    }

    private init?(hexDigits digits: Span<UInt8>) {
        guard digits.count == 64 else { return nil }
        // Every manifest line has several: no array, no closure, and the wrong digit is looked for once a word.
        func word(_ start: Int) -> UInt64? {
            var (value, wrong): (UInt64, UInt8) = (0, 0)
            for index in start..<(start + 16) {
                let digit = digits[index]
                let (decimal, letter) = (digit &- 0x30, digit &- 0x61)
                wrong |= decimal < 10 || letter < 6 ? 0 : 1
                value = value << 4 | UInt64(decimal < 10 ? decimal : letter &+ 10) & 0xF
            }
            return wrong == 0 ? value : nil
        }
        guard let first = word(0), let second = word(16), let third = word(32), let fourth = word(48) else {
            return nil
        }
        words = (first, second, third, fourth)
    }

    /// 64 lower-case hex digits.
    package var description: String {
        let digits = hexDigits
        return unsafe String(unsafeUninitializedCapacity: 64) { buffer in
            unsafe withUnsafeBytes(of: digits) { unsafe UnsafeMutableRawBufferPointer(buffer).copyMemory(from: $0) }
            return 64
        }
    }

    /// Appends the 64 digits.
    package func append(to text: inout [UInt8]) {
        unsafe withUnsafeBytes(of: hexDigits) { unsafe text.append(contentsOf: $0) }
    }

    /// In memory the 64 digits in order.
    private var hexDigits: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) {
        func high(_ word: UInt64) -> UInt64 { Base16.digits(of: UInt32(truncatingIfNeeded: word >> 32)).bigEndian }
        func low(_ word: UInt64) -> UInt64 { Base16.digits(of: UInt32(truncatingIfNeeded: word)).bigEndian }
        return (
            high(words.0), low(words.0), high(words.1), low(words.1), high(words.2), low(words.2), high(words.3),
            low(words.3)
        )
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
