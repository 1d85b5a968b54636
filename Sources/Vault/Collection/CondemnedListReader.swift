internal import ObjectStorage
internal import TransferEngine

/// Reads a list of condemned blobs as a stream; a list that is not whole and unchanged is an error, since what it
/// condemns is deleted or must not be trusted.
struct CondemnedListReader: ~Copyable {
    private static let fetchSize: Int64 = 1 << 20
    /// Bytes of a line: the longest is the header.
    private static let longestLine = 4096

    private let vault: Vault
    private let key: ObjectKey
    private let size: Int64
    private var offset: Int64 = 0
    private var decoder: ZstdStreamDecoder
    private var fetched: [UInt8] = []
    private var position = 0
    private var mayHoldMore = false
    /// Decompressed bytes not given out yet start at `start`.
    private var text: [UInt8] = []
    private var start = 0
    private var hash = SHA256()
    private var count = 0
    private var bytes: Int64 = 0
    private var last: CompactName?
    private var isEnded = false

    /// Opens the list and reads its header.
    ///
    /// - Throws: `StoreError` with code `.notFound` if it has been removed; `VaultError`: `.damaged`, `.unsupported`.
    static func open(_ vault: Vault, _ list: ObjectInfo, id: String) async throws -> CondemnedListReader {
        var reader = try CondemnedListReader(vault, list)
        try await reader.readHeader(id)
        return reader
    }

    private init(_ vault: Vault, _ list: ObjectInfo) throws {
        self.vault = vault
        key = list.key
        size = list.size
        decoder = try ZstdStreamDecoder()
    }

    private mutating func readHeader(_ id: String) async throws {
        guard let line = try await line() else { throw damaged("it is empty") }
        add(line)
        let header = try Document.decode(CondemnedHeader.self, from: line, key: key)
        try Document.check(
            (header.type, header.version),
            against: ("condemned", CondemnedHeader.currentVersion),
            key: key
        )
        guard header.vault == vault.description.id else { throw damaged("it belongs to another vault") }
        guard header.id == id else { throw damaged("it is another list, copied here") }
    }

    /// The next blob and its size as stored; nil at the end, which has been checked.
    mutating func next() async throws -> (name: CompactName, size: Int64)? {
        guard !isEnded else { return nil }
        guard let line = try await line() else { throw damaged("it ends before its closing line") }
        let found: Line
        do throws(JSONError) { found = try Line(line.span) } catch { throw damaged("a line cannot be read: \(error)") }
        if found.type == nil, let text = found.blob, let size = found.size {
            guard let name = BlobName(text).flatMap({ CompactName($0) }) else {
                throw damaged("\(text.prefix(200).debugDescription) is no blob's name")
            }
            guard last.map({ $0 < name }) ?? true else { throw damaged("it is out of order") }
            add(line)
            last = name
            count += 1
            bytes &+= size
            return (name, size)
        }
        guard found.type == "end", found.blobs == Int64(count), found.bytes == bytes,
            found.sha256 == hash.finish().description, try await self.line() == nil
        else { throw damaged("its closing line does not fit what stands before it") }
        isEnded = true
        return nil
    }

    /// To the hash of all lines but the last.
    private mutating func add(_ line: [UInt8]) {
        hash.update(line.span)
        hash.update([0x0A].span)
    }

    private func damaged(_ reason: String) -> VaultError {
        VaultError(
            .damaged,
            "read the list of condemned blobs",
            key.description,
            "\(reason). Nothing is published or deleted while it stands so; see 'a damaged list' in the operations guide"
        )
    }

    /// The next line without its newline; nil at the end of the object.
    private mutating func line() async throws -> [UInt8]? {
        var searched = start
        while true {
            if let end = text[searched...].firstIndex(of: 0x0A) {
                defer { start = end + 1 }
                return Array(text[start..<end])
            }
            searched = text.count
            guard searched - start <= Self.longestLine else { throw damaged("a line is endless") }
            if start > 0 {
                text.removeFirst(start)
                searched -= start
                start = 0
            }
            guard try await more() else { break }
        }
        guard start == text.count, decoder.isAtFrameEnd else { throw damaged("it was cut") }
        return nil
    }

    /// Decompresses on, fetching where needed; false if the object is used up.
    private mutating func more() async throws -> Bool {
        if !mayHoldMore {
            guard offset < size else { return false }
            var piece = BufferLease(unpooledCapacity: Int(min(Self.fetchSize, size - offset)))
            _ = try await vault.store.get(key, range: offset..<min(size, offset + Self.fetchSize), into: &piece)
            let got = piece.bytes
            fetched = unsafe got.withUnsafeBufferPointer { unsafe Array($0) }
            guard !fetched.isEmpty else { throw damaged("the store gave no bytes") }
            offset += Int64(fetched.count)
            position = 0
        }
        let fetched = fetched  // a span of `self.fetched` would hold all of `self`
        do throws(CodecError) {
            mayHoldMore = try decoder.decode(fetched.span, from: &position, into: &text)
        } catch {
            throw damaged("\(error)")
        }
        return true
    }

    /// The members of a line in whatever order they come.
    private struct Line {
        var type: String?
        var blob: String?
        var size: Int64?
        var blobs: Int64?
        var bytes: Int64?
        var sha256: String?

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
                case "sha256": line.sha256 = try scanner.string()
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
