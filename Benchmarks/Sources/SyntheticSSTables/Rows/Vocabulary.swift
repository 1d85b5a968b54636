/// Words of a language nobody speaks, with letters as frequent as in English.
struct Vocabulary: Sendable {
    static let shared = Vocabulary()

    private static let words = 6000

    /// All words, end to end, each with a space behind it.
    private let letters: [UInt8]
    /// Where each begins in `letters`, and where the last one ends.
    private let starts: [Int]

    private init() {
        var random = Random(seed: 1)
        let alphabet = Array("eeeeeeeeeeeetttttttttaaaaaaaaooooooooiiiiiiinnnnnnnssssssrrrrrrhhhhhhldcumfpgwybvk".utf8)
        var letters: [UInt8] = []
        var starts = [0]
        for _ in 0..<Self.words {
            for _ in 0..<3 + random.below(7) { letters.append(alphabet[random.below(alphabet.count)]) }
            letters.append(UInt8(ascii: " "))
            starts.append(letters.count)
        }
        self.letters = letters
        self.starts = starts
    }

    /// Appends a word or its beginning, at most `most` bytes.
    func appendWord(to text: inout [UInt8], atMost most: Int, random: inout Random) {
        let number = random.below(Self.words)
        text.append(contentsOf: letters[starts[number]..<min(starts[number + 1], starts[number] + most)])
    }
}
