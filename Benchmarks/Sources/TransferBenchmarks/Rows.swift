/// Rows as a shop's tables hold them: a random key, a time, and words of which few are frequent and many are rare.
struct Rows {
    /// Words by rank, each in as many slots as Zipf's law gives it, so that one random number picks one.
    private static let slots: [[UInt8]] = {
        var random = Random(seed: 1)
        let letters = Array("eeeeeeeeeeeetttttttttaaaaaaaaooooooooiiiiiiinnnnnnnssssssrrrrrrhhhhhhldcumfpgwybvk".utf8)
        let words = (0..<6000).map { _ in
            (0..<Int.random(in: 3...9, using: &random)).map { _ in letters.randomElement(using: &random) ?? 0x65 }
        }
        var slots: [[UInt8]] = []
        for (rank, word) in words.enumerated() {
            slots += Array(repeating: word + [0x20], count: max(1, 3000 / (rank + 12)))
        }
        return slots
    }()

    private var random: Random
    private var time: UInt64

    init(seed: UInt64) {
        random = Random(seed: seed)
        time = 1_760_000_000_000_000 + seed & 0xFFFF_FFFF
    }

    /// Appends whole rows to `text` until it has at least `count` bytes.
    mutating func append(to text: inout [UInt8], upTo count: Int) {
        let slots = Self.slots
        while text.count < count {
            appendInteger(random.next(), to: &text)
            appendInteger(random.next(), to: &text)
            time += random.next() & 0xF_FFFF
            appendInteger(time, to: &text)
            text.append(contentsOf: [0x00, 0x04, 0x00, 0x00])
            for _ in 0..<Int(6 + random.next() & 15) {
                text.append(contentsOf: slots[Int(truncatingIfNeeded: random.next() % UInt64(slots.count))])
            }
            text.append(contentsOf: [0x08, 0x01])
        }
    }

    private func appendInteger(_ value: UInt64, to text: inout [UInt8]) {
        for shift in stride(from: UInt64(56), through: 0, by: -8) {
            text.append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }
}
