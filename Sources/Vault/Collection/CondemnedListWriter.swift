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
    /// A UUID, so that no two lists are the same bytes.
    var id: String
}

/// Writes a list of blobs that nobody names: kept compressed in memory, about 40 bytes a blob, until it is put.
///
/// Its key is the SHA-256 of the object, so that whoever reads it can tell it from anything else.
struct CondemnedListWriter: ~Copyable {
    private static let batch = 64 << 10

    private(set) var count = 0
    /// As the blobs lie in the store.
    private(set) var bytes: Int64 = 0
    private var encoder: ZstdStreamEncoder
    private var text = JSONText()

    static func begin(_ lists: CondemnedLists) throws -> CondemnedListWriter {
        var writer = CondemnedListWriter(try ZstdStreamEncoder())
        let json = JSONEncoder()
        json.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let header = CondemnedHeader(vault: lists.vault.description.id, id: lists.newID())
        try writer.write(Array(try json.encode(header) + [0x0A]))
        return writer
    }

    private init(_ encoder: consuming ZstdStreamEncoder) { self.encoder = encoder }

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
        let (count, bytes) = (count, bytes)
        text.object {
            $0.member("type", "end")
            $0.member("blobs", count)
            $0.member("bytes", bytes)
        }
        text.endLine()
        try write(text.take())
        let whole = try encoder.finish()
        let digest = SHA256.digest(of: whole.span)
        // What stands there already is this put, whose answer was lost.
        let key = try CondemnedLists.listKey(digest.description)
        _ = try await vault.store.put(document: whole, at: key, .onlyIfAbsent)
    }

    private mutating func write(_ bytes: [UInt8]) throws { try encoder.write(bytes.span) }
}
