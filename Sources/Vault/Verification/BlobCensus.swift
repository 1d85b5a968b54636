/// The blobs that manifests name, each once, in a fixed amount of memory: in several passes over the manifests where
/// they do not fit (`HashPasses`).
package struct BlobCensus {
    /// Bytes for claims: some 350,000 blobs at a time, with the room that sorting takes.
    package static let memory = 64 << 20

    private let sample: BlobSample
    private let level: VerificationLevel
    private var passes: HashPasses<BlobClaim>
    /// Pieces whose blob has a name that none can have.
    package private(set) var strangeNames = 0

    package init(level: VerificationLevel, sample: BlobSample = .all, memory: Int = memory) {
        self.level = level
        self.sample = sample
        passes = HashPasses(memory: memory)
    }

    /// Whether this pass is the first.
    package var isFirstPass: Bool { passes.isFirst }

    package mutating func add(_ group: ManifestGroup) {
        for file in group.files {
            for piece in file.pieces {
                guard let name = CompactName(piece.blob) else {
                    if isFirstPass { strangeNames += 1 }
                    continue
                }
                guard sample.includes(name.words.0) else { continue }
                let digest = file.pieces.count == 1 ? file.digest : nil
                passes.add(BlobClaim(name, piece, digest: digest, isOfWhole: level != .full))
            }
        }
    }

    /// The blobs of this pass; call it when all manifests have been gone through.
    package mutating func finishPass() -> BlobRoll {
        let claims = passes.finish()
        var starts: [Int] = []
        for index in claims.indices where index == 0 || claims[index - 1].name != claims[index].name {
            starts.append(index)
        }
        return BlobRoll(claims: claims, starts: starts, words: passes.words)
    }

    /// Makes ready for another pass.
    ///
    /// - Returns: false if there is nothing left to go through the manifests for.
    package mutating func beginNextPass() -> Bool { passes.beginNext() }
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
