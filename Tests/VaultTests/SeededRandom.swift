import TransferEngine

/// SplitMix64: the same numbers on every run, so that a failure can be repeated.
///
/// https://prng.di.unimi.it/splitmix64.c
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    mutating func int(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }

    mutating func bool() -> Bool { next() & 1 == 0 }

    mutating func bytes(_ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + 8)
        while bytes.count < count { unsafe withUnsafeBytes(of: next()) { unsafe bytes.append(contentsOf: $0) } }
        return Array(bytes.prefix(count))
    }

    mutating func digest() -> SHA256Digest { SHA256.digest(of: bytes(8).span) }

    /// Text of the kind that breaks things: quotes, controls, combining marks, both forms of an accent, emoji, planes.
    mutating func text(_ length: ClosedRange<Int>, without forbidden: Set<Unicode.Scalar> = []) -> String {
        var text = String.UnicodeScalarView()
        for _ in 0..<int(length) {
            let scalar = scalar()
            if !forbidden.contains(scalar) { text.append(scalar) }
        }
        return String(text)
    }

    private mutating func scalar() -> Unicode.Scalar {
        let odd: [Unicode.Scalar] = [
            "\"", "\\", "/", ".", "-", "+", "%", "'", "$", "*", " ", "\n", "\r", "\t", "\u{1}", "\u{1F}", "\u{7F}",
            "\u{80}",
            "\u{301}", "\u{E9}", "\u{2028}", "\u{FEFF}", "\u{FFFD}", "\u{FFFF}", "\u{1F600}", "\u{10FFFF}", "\u{202E}",
        ]
        switch int(0...3) {
        case 0: return odd[int(0...odd.count - 1)]
        case 1: return Unicode.Scalar(UInt32(int(0x20...0x10FFFF))) ?? "\u{E000}"
        default: return Unicode.Scalar(UInt8(int(0x61...0x7A)))
        }
    }
}
