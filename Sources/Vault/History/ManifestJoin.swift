/// Two manifests read side by side: both ascend, so one look ahead in each is enough.
struct ManifestJoin: ~Copyable {
    /// A manifest that is not there has no groups.
    private struct Side: ~Copyable {
        private var reader: ManifestReader?
        private(set) var ahead: ManifestGroup?

        init(_ reader: consuming ManifestReader?) { self.reader = reader }

        mutating func look() async throws -> ManifestPosition? {
            while ahead == nil, reader != nil {
                switch try await reader?.next() {
                case .group(let group): ahead = group
                case .document, .table, .end: continue
                case nil: reader = nil
                }
            }
            return ahead?.position
        }

        mutating func take() -> ManifestGroup? { ahead.take() }
    }

    private var left: Side
    private var right: Side

    init(_ left: consuming ManifestReader?, _ right: consuming ManifestReader?) {
        self.left = Side(left)
        self.right = Side(right)
    }

    /// The next group of either, or of both where they have it at the same position; nil at the end.
    mutating func next() async throws -> (left: ManifestGroup?, right: ManifestGroup?)? {
        switch (try await left.look(), try await right.look()) {
        case (nil, nil): return nil
        case (let first?, let second?) where first == second: return (left.take(), right.take())
        case (let first?, let second?): return first < second ? (left.take(), nil) : (nil, right.take())
        case (_?, nil): return (left.take(), nil)
        case (nil, _?): return (nil, right.take())
        }
    }
}

extension ManifestFile {
    /// Whether both are the same bytes; where they lie does not matter.
    ///
    /// Files of one vault are cut alike, so the hashes of their pieces can be compared.
    func hasSameContent(as other: ManifestFile) -> Bool {
        guard size == other.size, pieces.count == other.pieces.count else { return false }
        guard pieces.count > 1 else { return digest == other.digest }
        return zip(pieces, other.pieces).allSatisfy { $0.blob.content == $1.blob.content && $0.length == $1.length }
    }

    /// Whether the node had no reason to think that the file changed.
    func hasSameIdentity(as other: ManifestFile) -> Bool {
        size == other.size && modified == other.modified && inode == other.inode
    }
}
