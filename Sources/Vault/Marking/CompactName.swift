internal import TransferEngine

/// A blob's name in 40 bytes: what is sorted and compared where there are millions.
///
/// It ascends by the hash, as the store lists blobs; names of one hash ascend by generation and format, which is not
/// the order of their texts.
struct CompactName: Sendable, Hashable, Comparable, BitwiseCopyable {
    /// The hash.
    let words: (UInt64, UInt64, UInt64, UInt64)
    /// Generation, and in the lowest eight bits the format, and whether it is sealed.
    let rest: UInt64

    /// Generations beyond are not ours.
    static let mostGenerations = 1 << 48
    private static let sealed: UInt64 = 0x80

    /// Nil for a generation that no vault can have reached.
    init?(_ name: BlobName) {
        guard name.generation < Self.mostGenerations else { return nil }
        words = name.content.words
        rest = UInt64(name.generation) << 8 | (name.isSealed ? Self.sealed : 0) | Self.code(of: name.format)
    }

    var name: BlobName {
        BlobName(content, generation: generation, format: format, isSealed: rest & Self.sealed != 0)
    }

    var content: ContentName { ContentName(words: words) }

    var generation: Int { Int(rest >> 8) }

    private var format: FrameFormat {
        switch rest & 0x7F {
        case 1: .zstd
        case 2: .lz4
        default: .plain
        }
    }

    private static func code(of format: FrameFormat) -> UInt64 {
        switch format {
        case .plain: 0
        case .zstd: 1
        case .lz4: 2
        }
    }

    static func == (left: Self, right: Self) -> Bool { left.words == right.words && left.rest == right.rest }

    static func < (left: Self, right: Self) -> Bool {
        if left.words.0 != right.words.0 { return left.words.0 < right.words.0 }
        return (left.words.1, left.words.2, left.words.3, left.rest)
            < (right.words.1, right.words.2, right.words.3, right.rest)
    }

    func hasSameContent(as other: Self) -> Bool { words == other.words }

    func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
        hasher.combine(rest)
    }
}
