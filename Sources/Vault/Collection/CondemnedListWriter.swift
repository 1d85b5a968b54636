internal import FoundationEssentials
internal import ObjectStorage
internal import TransferEngine

/// The first line of a list of condemned blobs.
struct CondemnedHeader: Sendable, Codable {
    static let currentVersion = 1

    var type = "condemned"
    var version = CondemnedHeader.currentVersion
    /// `Vault.Description.id`.
    var vault: String
    var id: String
    var created: Timestamp
}

/// Writes a list of blobs that nobody names: kept compressed in memory, about 40 bytes a blob, until it is put.
struct CondemnedListWriter: ~Copyable {
    private static let batch = 64 << 10

    let id: String
    private(set) var count = 0
    /// As the blobs lie in the store.
    private(set) var bytes: Int64 = 0
    private var encoder: ZstdStreamEncoder
    private var hash = SHA256()
    private var text = JSONText()

    static func begin(_ lists: CondemnedLists) throws -> CondemnedListWriter {
        let (vault, id) = (lists.vault, lists.newID())
        var writer = CondemnedListWriter(id, try ZstdStreamEncoder())
        let json = JSONEncoder()
        json.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let line = try json.encode(CondemnedHeader(vault: vault.description.id, id: id, created: .now)) + [0x0A]
        try writer.write(Array(line))
        return writer
    }

    private init(_ id: String, _ encoder: consuming ZstdStreamEncoder) {
        self.id = id
        self.encoder = encoder
    }

    /// Adds a blob; they come in ascending order.
    mutating func append(_ name: BlobName, size: Int64) throws {
        count += 1
        bytes += size
        text.object {
            $0.member("blob", name.description)
            $0.member("size", size)
        }
        text.endLine()
        if text.bytes.count >= Self.batch { try write(text.take()) }
    }

    /// Puts the list into the store: from then on it stands.
    consuming func publish(in vault: Vault) async throws {
        try write(text.take())
        let digest = hash.finish()
        var end = JSONText()
        end.object {
            $0.member("type", "end")
            $0.member("blobs", count)
            $0.member("bytes", bytes)
            $0.member("sha256", digest.description)
        }
        end.endLine()
        try write(end.take())
        let whole = try encoder.finish()
        // The id is new: what stands there already is this put, whose answer was lost.
        _ = try await vault.store.put(document: whole, at: try CondemnedLists.listKey(id), .onlyIfAbsent)
    }

    private mutating func write(_ bytes: [UInt8]) throws {
        hash.update(bytes.span)
        try encoder.write(bytes.span)
    }
}
