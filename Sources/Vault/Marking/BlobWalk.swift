internal import ObjectStorage

/// Goes through all blobs of the store beside sorted names: constant memory, whatever the vault holds.
struct BlobWalk {
    /// A blob as it lies in the store.
    struct Blob {
        let name: CompactName
        /// Bytes as stored.
        let size: Int64
        /// By the store's clock, in seconds since 1970.
        let stored: Int64
    }

    /// Objects below `blobs/` that are no blobs: nothing is ever done to them.
    private(set) var strays = 0
    private(set) var firstStray: ObjectKey?

    private var cursors: [NameCursor]
    /// Blobs of one content, whose names the store lists in another order than `CompactName` has.
    private var pending: [Blob] = []

    init(beside names: [SortedNames]) { cursors = names.map(\.cursor) }

    /// Calls `body` for every blob, ascending, with whether each of the names' collections has it.
    mutating func run(_ vault: Vault, _ body: (Blob, [Bool]) async throws -> Void) async throws {
        // Moved out and in: a closure cannot take `self` as inout past a suspension.
        var walk = self
        try await vault.store.forEachObject(prefix: BlobName.root) { object in
            guard let name = BlobName(key: object.key), let compact = CompactName(name) else {
                walk.strays += 1
                walk.firstStray = walk.firstStray ?? object.key
                return
            }
            if let first = walk.pending.first, !first.name.hasSameContent(as: compact) { try await walk.flush(body) }
            walk.pending.append(Blob(name: compact, size: object.size, stored: object.modified))
        }
        try await walk.flush(body)
        self = walk
    }

    private mutating func flush(_ body: (Blob, [Bool]) async throws -> Void) async throws {
        if pending.count > 1 { pending.sort { $0.name < $1.name } }
        for blob in pending {
            var found: [Bool] = []
            for index in cursors.indices { found.append(try cursors[index].has(blob.name)) }
            try await body(blob, found)
        }
        pending.removeAll(keepingCapacity: true)
    }
}

extension BlobName {
    /// What every blob's key begins with.
    static let root = "blobs/"

    /// Nil if a blob's key is never written so.
    init?(key: ObjectKey) {
        guard let last = key.description.utf8.lastIndex(of: UInt8(ascii: "/")) else { return nil }
        let text = String(key.description[key.description.utf8.index(after: last)...])
        guard let name = BlobName(text), (try? name.key) == key else { return nil }
        self = name
    }
}
