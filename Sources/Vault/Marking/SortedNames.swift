internal import TransferEngine

/// Names of blobs, ascending, each once: in memory where they are few, else in a file without a name.
struct SortedNames: Sendable {
    enum Storage: Sendable {
        case memory([CompactName])
        case file(ScratchFile, count: Int)
    }

    let storage: Storage

    var count: Int {
        switch storage {
        case .memory(let names): names.count
        case .file(_, let count): count
        }
    }

    /// From the first name on.
    var cursor: NameCursor { NameCursor(storage) }
}

/// Goes through sorted names, a few thousand of them in memory.
struct NameCursor {
    /// Names that one read of a file fetches.
    private static let step = 8192

    private let storage: SortedNames.Storage
    private var loaded: [CompactName] = []
    private var index = 0
    /// Names read from the file so far.
    private var position = 0

    init(_ storage: SortedNames.Storage) {
        self.storage = storage
        if case .memory(let names) = storage { loaded = names }
    }

    /// The next name, which stays; nil at the end.
    mutating func peek() throws -> CompactName? {
        if index == loaded.count { try load() }
        return index < loaded.count ? loaded[index] : nil
    }

    mutating func next() throws -> CompactName? {
        let name = try peek()
        if name != nil { index += 1 }
        return name
    }

    /// Whether `name` is among them; must be asked in ascending order.
    mutating func has(_ name: CompactName) throws -> Bool {
        while let next = try peek(), next < name { index += 1 }
        return try peek() == name
    }

    private mutating func load() throws {
        guard case .file(let file, let count) = storage, position < count else { return }
        let wanted = min(Self.step, count - position)
        let offset = Int64(position) * Int64(MemoryLayout<CompactName>.stride)
        loaded = try unsafe [CompactName](unsafeUninitializedCapacity: wanted) { names, filled in
            let target = unsafe UnsafeMutableBufferPointer(rebasing: names[..<wanted])
            unsafe try file.read(into: UnsafeMutableRawBufferPointer(target), at: offset)
            filled = wanted
        }
        position += wanted
        index = 0
    }
}
