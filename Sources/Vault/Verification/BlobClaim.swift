package import TransferEngine

/// What manifests say of one blob, or of one stretch of it, in 96 bytes: there can be millions.
struct BlobClaim: HashedRecord {
    let name: CompactName
    /// The stretch in the blob's content: offset and length, for a claim of the blob as a whole 0 and the furthest end.
    let offset: UInt32
    private(set) var length: UInt32
    /// SHA-256 of the stretch, where it is a whole file; else zeros.
    private let digest: (UInt64, UInt64, UInt64, UInt64)
    /// Bytes as stored; 0: unknown.
    private var stored: UInt32
    private var sum: UInt32
    private var hasSum: Bool
    private let isOfWhole: Bool
    /// Whether manifests contradict each other: then only the content can tell.
    private(set) var isDisputed = false

    init(_ name: CompactName, _ piece: BlobReference, digest: SHA256Digest?, isOfWhole: Bool) {
        self.name = name
        self.isOfWhole = isOfWhole
        offset = isOfWhole ? 0 : UInt32(clamping: piece.offset)
        length = UInt32(clamping: isOfWhole ? piece.offset + piece.length : piece.length)
        self.digest = isOfWhole ? (0, 0, 0, 0) : digest?.words ?? (0, 0, 0, 0)
        stored = UInt32(clamping: piece.frame?.bytes ?? 0)
        sum = piece.frame?.crc32c ?? 0
        hasSum = piece.frame?.crc32c != nil
    }

    var end: Int { Int(offset) + Int(length) }

    /// Nil: the stretch has no hash of its own, but its blob has.
    var fileDigest: SHA256Digest? { digest == (0, 0, 0, 0) ? nil : SHA256Digest(words: digest) }

    var frame: StoredFrame? {
        stored == 0 ? nil : StoredFrame(bytes: Int(stored), crc32c: hasSum ? sum : nil)
    }

    /// Of the same blob; where stretches are told apart, of the same one with the same hash.
    func isSame(as other: Self) -> Bool { isOfWhole ? name == other.name : self == other }

    mutating func absorb(_ other: Self) {
        length = max(length, other.length)
        learn(from: other)
    }

    /// Takes in what `other`, of the same blob, knows of its object.
    mutating func learn(from other: Self) {
        if other.isDisputed { isDisputed = true }
        guard let theirs = other.frame else { return }
        guard let mine = frame else {
            (stored, sum, hasSum) = (other.stored, other.sum, other.hasSum)
            return
        }
        if !mine.agrees(with: theirs) { isDisputed = true }
        if !hasSum { (sum, hasSum) = (other.sum, other.hasSum) }
    }

    static func == (left: Self, right: Self) -> Bool {
        left.name == right.name && left.offset == right.offset && left.length == right.length
            && left.digest == right.digest
    }

    static func < (left: Self, right: Self) -> Bool {
        if left.name != right.name { return left.name < right.name }
        if left.offset != right.offset { return left.offset < right.offset }
        if left.length != right.length { return left.length < right.length }
        return left.digest < right.digest
    }
}

/// One blob as all manifests together tell of it.
package struct ClaimedBlob: Sendable {
    /// A stretch that is a file, or a part of one.
    package struct Piece: Sendable, Hashable {
        package let range: Range<Int>
        /// Of the stretch, where it is a whole file.
        package let digest: SHA256Digest?
    }

    package let name: BlobName
    /// Nil where no manifest tells.
    package let frame: StoredFrame?
    /// Whether manifests tell different objects: then only the content is asked.
    package let isDisputed: Bool
    /// The content must reach at least to here, in bytes.
    package let end: Int
    /// What is to be compared at the level `full`; empty at the others.
    package let pieces: [Piece]

    package init(name: BlobName, frame: StoredFrame?, isDisputed: Bool = false, end: Int, pieces: [Piece] = []) {
        self.name = name
        self.frame = frame
        self.isDisputed = isDisputed
        self.end = end
        self.pieces = pieces
    }
}
