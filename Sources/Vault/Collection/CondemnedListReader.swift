internal import ObjectStorage
internal import TransferEngine

/// Reads a list of condemned blobs; a list that is not what was put is an error before the first name is given out, since
/// what it condemns is deleted or must not be trusted.
struct CondemnedListReader: ~Copyable {
    /// Bytes of a list as stored: several times what a collection makes.
    private static let mostBytes: Int64 = 64 << 20

    private let key: ObjectKey
    private var lines: CompressedLines
    private var count = 0
    private var bytes: Int64 = 0
    private var last: CompactName?
    private var isEnded = false

    /// Fetches the list, proves it by its name and reads its header.
    ///
    /// - Throws: `StoreError` with code `.notFound` if it has been removed; `VaultError`: `.damaged`, `.unsupported`.
    static func open(_ vault: Vault, _ list: ObjectInfo, id: String) async throws -> CondemnedListReader {
        func damaged(_ reason: String) -> VaultError { Self.damaged(list.key, reason) }
        guard list.size <= mostBytes else { throw damaged("it is larger than a list can be") }
        let whole: [UInt8]
        do {
            whole = try await vault.store.document(list.key, limit: Int(list.size))
        } catch {
            guard error.code == .badRange else { throw error }
            throw damaged("it is not as long as the store's listing says")
        }
        guard SHA256.digest(of: whole.span).description == id else {
            throw damaged("it does not have the hash of its name")
        }
        var lines = try CompressedLines(whole)
        guard let line = try lines.next() else { throw damaged("it is empty") }
        let header = try Document.decode(CondemnedHeader.self, from: line, key: list.key)
        try Document.check(
            (header.type, header.version),
            against: ("condemned", CondemnedHeader.currentVersion),
            key: list.key
        )
        guard header.vault == vault.description.id else { throw damaged("it belongs to another vault") }
        return CondemnedListReader(list.key, lines)
    }

    private init(_ key: ObjectKey, _ lines: consuming CompressedLines) {
        self.key = key
        self.lines = lines
    }

    /// The next blob and its size as stored; nil at the end.
    mutating func next() throws -> (name: CompactName, size: Int64)? {
        guard !isEnded else { return nil }
        guard let line = try lines.next() else { throw Self.damaged(key, "it ends before its closing line") }
        let found: Line
        do throws(JSONError) {
            found = try Line(line.span)
        } catch {
            throw Self.damaged(key, "a line cannot be read: \(error)")
        }
        if found.type == nil, let text = found.blob, let size = found.size {
            guard let name = BlobName(text).flatMap({ CompactName($0) }) else {
                throw Self.damaged(key, "\(text.prefix(200).debugDescription) is no blob's name")
            }
            guard last.map({ $0 < name }) ?? true else { throw Self.damaged(key, "it is out of order") }
            last = name
            count += 1
            bytes &+= size
            return (name, size)
        }
        guard found.type == "end", found.blobs == Int64(count), found.bytes == bytes, try lines.next() == nil else {
            throw Self.damaged(key, "its closing line does not fit what stands before it")
        }
        isEnded = true
        return nil
    }

    private static func damaged(_ key: ObjectKey, _ reason: String) -> VaultError {
        VaultError(
            .damaged,
            "read the list of condemned blobs",
            key.description,
            "\(reason). Nothing is published or deleted while it stands so; see 'a damaged list' in the operations guide"
        )
    }

    /// The members of a line in whatever order they come.
    private struct Line {
        var type: String?
        var blob: String?
        var size: Int64?
        var blobs: Int64?
        var bytes: Int64?

        init(_ json: Span<UInt8>) throws(JSONError) {
            var scanner = JSONScanner(json)
            var line = Self.empty
            try scanner.object { (key, scanner) throws(JSONError) in
                switch key {
                case "type": line.type = try scanner.string()
                case "blob": line.blob = try scanner.string()
                case "size": line.size = try scanner.integer()
                case "blobs": line.blobs = try scanner.integer()
                case "bytes": line.bytes = try scanner.integer()
                default: try scanner.skip()
                }
            }
            try scanner.end()
            self = line
        }

        private init() {}
        private static var empty: Line { Line() }
    }
}
