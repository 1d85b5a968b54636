/// Words of which few are frequent and many are rare, as in people's texts.
struct Vocabulary: Sendable {
    static let shared = Vocabulary()

    /// All words, end to end, each with a space behind it.
    private let letters: [UInt8]
    /// Where words begin in `letters`, and where the last one ends.
    private let starts: [Int]
    /// Ranks, each in as many places as Zipf's law gives it, so that one random number picks a word.
    private let slots: [UInt16]

    private init() {
        var random = Random(seed: 1)
        let alphabet = Array("eeeeeeeeeeeetttttttttaaaaaaaaooooooooiiiiiiinnnnnnnssssssrrrrrrhhhhhhldcumfpgwybvk".utf8)
        var letters: [UInt8] = []
        var starts = [0]
        var slots: [UInt16] = []
        for rank in 0..<6000 {
            for _ in 0..<3 + random.below(7) { letters.append(alphabet[random.below(alphabet.count)]) }
            letters.append(UInt8(ascii: " "))
            starts.append(letters.count)
            slots += Array(repeating: UInt16(rank), count: max(1, 3000 / (rank + 12)))
        }
        self.letters = letters
        self.starts = starts
        self.slots = slots
    }

    /// Appends words until there are `count` bytes more, the last one cut.
    func append(_ count: Int, to text: inout [UInt8], random: inout Random) {
        let end = text.count + count
        while text.count < end {
            let rank = Int(slots[random.below(slots.count)])
            let word = starts[rank]..<min(starts[rank + 1], starts[rank] + end - text.count)
            text.append(contentsOf: letters[word])
        }
    }
}
