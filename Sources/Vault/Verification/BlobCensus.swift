/// The blobs that manifests name, each once, in a fixed amount of memory.
///
/// The manifests are gone through in *passes*. A pass takes the names from where the last one ended, in ascending order
/// of their hashes, and gives up the upper half of what it has whenever there is too much: so it ends with as many as
/// fit, and with the hash that the next pass begins at. Most vaults need one.
package struct BlobCensus {
    /// Bytes for claims: some 350,000 blobs at a time, with the room that sorting takes.
    package static let memory = 64 << 20

    private let capacity: Int
    private let sample: BlobSample
    private let level: VerificationLevel
    private var claims: [BlobClaim] = []
    /// How many may gather before something is done about it.
    private var limit: Int
    /// The first word of the hashes of this pass.
    private var words: ClosedRange<UInt64> = 0 ... .max
    /// Pieces whose blob has a name that none can have.
    package private(set) var strangeNames = 0

    package init(level: VerificationLevel, sample: BlobSample = .all, memory: Int = memory) {
        self.level = level
        self.sample = sample
        capacity = max(64, memory / MemoryLayout<BlobClaim>.stride / 2)
        limit = capacity
    }

    /// Whether this pass is the first.
    package var isFirstPass: Bool { words.lowerBound == 0 }

    package mutating func add(_ group: ManifestGroup) {
        for file in group.files {
            for piece in file.pieces { add(piece, of: file) }
        }
    }

    private mutating func add(_ piece: BlobReference, of file: ManifestFile) {
        guard let name = CompactName(piece.blob) else {
            if isFirstPass { strangeNames += 1 }
            return
        }
        guard words.contains(name.words.0), sample.includes(name.words.0) else { return }
        let isOfWhole = level != .full
        let digest = file.pieces.count == 1 ? file.digest : nil
        let claim = BlobClaim(name, piece, digest: digest, isOfWhole: isOfWhole)
        if isOfWhole, claims.last?.name == name {  // files of one pack stand side by side
            claims[claims.count - 1].reach(to: claim.end)
            claims[claims.count - 1].learn(from: claim)
            return
        }
        claims.append(claim)
        guard claims.count >= limit else { return }
        condense()
        // A single blob of which more is said than fits stays as a whole.
        limit = max(capacity, claims.count * 2)
    }

    private mutating func condense() {
        merge()
        while claims.count > capacity / 2 {
            let middle = claims[claims.count / 2].name.words.0
            // What has the same hash stays together.
            guard middle > words.lowerBound else { return }
            words = words.lowerBound...(middle - 1)
            claims.removeAll { !words.contains($0.name.words.0) }
        }
    }

    /// Each claim once, ascending.
    private mutating func merge() {
        claims.sort()
        var kept = 0
        for index in claims.indices {
            let isSame =
                kept > 0
                && (level == .full
                    ? claims[kept - 1].isSame(as: claims[index]) : claims[kept - 1].name == claims[index].name)
            if isSame {
                claims[kept - 1].reach(to: level == .full ? 0 : claims[index].end)
                claims[kept - 1].learn(from: claims[index])
            } else {
                claims[kept] = claims[index]
                kept += 1
            }
        }
        claims.removeLast(claims.count - kept)
    }

    /// The blobs of this pass; call it when all manifests have been gone through.
    package mutating func finishPass() -> BlobRoll {
        merge()
        var starts: [Int] = []
        for index in claims.indices where index == 0 || claims[index - 1].name != claims[index].name {
            starts.append(index)
        }
        return BlobRoll(claims: claims, starts: starts, words: words)
    }

    /// Makes ready for another pass.
    ///
    /// - Returns: false if there is nothing left to go through the manifests for.
    package mutating func beginNextPass() -> Bool {
        claims.removeAll(keepingCapacity: true)
        guard words.upperBound < .max else { return false }
        words = (words.upperBound + 1) ... .max
        return true
    }
}

/// The blobs of one pass, ascending.
package struct BlobRoll: Sendable {
    fileprivate let claims: [BlobClaim]
    /// Where the claims of each blob begin.
    fileprivate let starts: [Int]
    private let words: ClosedRange<UInt64>

    fileprivate init(claims: [BlobClaim], starts: [Int], words: ClosedRange<UInt64>) {
        self.claims = claims
        self.starts = starts
        self.words = words
    }

    package var count: Int { starts.count }

    package subscript(index: Int) -> ClaimedBlob {
        let range = starts[index]..<(index + 1 < starts.count ? starts[index + 1] : claims.count)
        var whole = claims[range.lowerBound]
        var end = 0
        var pieces: [ClaimedBlob.Piece] = []
        for claim in claims[range] {
            whole.learn(from: claim)
            end = max(end, claim.end)
            pieces.append(ClaimedBlob.Piece(range: Int(claim.offset)..<claim.end, digest: claim.fileDigest))
        }
        return ClaimedBlob(
            name: whole.name.name,
            frame: whole.frame,
            isDisputed: whole.isDisputed,
            end: end,
            pieces: pieces
        )
    }

    /// The place of a blob; nil if no manifest names it, or this pass is not about it.
    package func index(of name: BlobName) -> Int? {
        guard let name = CompactName(name) else { return nil }
        var (low, high) = (0, starts.count)
        while low < high {
            let middle = (low + high) / 2
            if claims[starts[middle]].name < name { low = middle + 1 } else { high = middle }
        }
        return low < starts.count && claims[starts[low]].name == name ? low : nil
    }

    /// Whether a blob of that name would have been in this pass.
    package func covers(_ name: BlobName) -> Bool { words.contains(name.leadingWord) }

    /// The folders below `blobs/` that its blobs lie in, and which of its blobs each has.
    package var folders: [(prefix: String, blobs: Range<Int>)] {
        let bytes = Int(words.lowerBound >> 56)...Int(words.upperBound >> 56)
        var next = 0
        return bytes.map { byte in
            let start = next
            while next < starts.count, Int(claims[starts[next]].name.words.0 >> 56) == byte { next += 1 }
            return ("blobs/\(byte < 16 ? "0" : "")\(String(byte, radix: 16))/", start..<next)
        }
    }
}
