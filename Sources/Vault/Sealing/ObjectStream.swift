internal import ObjectStorage
internal import TransferEngine

/// An object's plain bytes, fetched from the store step by step and opened where the vault is encrypted.
///
/// Of a sealed object only whole segments are fetched, and no byte is given out before its segment is proved.
struct ObjectStream: ~Copyable {
    private let vault: Vault
    private let key: ObjectKey
    /// Bytes as stored.
    private let size: Int64
    private var offset: Int64 = 0
    private var segment = 0
    private var cipher: AESGCM?
    /// What the last `fetch` brought.
    private(set) var fetched: BufferLease

    /// - Parameters:
    ///   - fetchSize: bytes that one request fetches; of a sealed object at least one segment.
    /// - Throws: `VaultError` with code `.notFound` if there is none.
    static func open(_ vault: Vault, key: ObjectKey, fetchSize: Int) async throws -> ObjectStream {
        try vault.checkReading("read", key.description)
        guard let info = try await vault.store.head(key) else {
            throw VaultError(.notFound, "read", key.description, "the store does not have it")
        }
        return ObjectStream(vault, key, size: info.size, fetchSize: fetchSize)
    }

    private init(_ vault: Vault, _ key: ObjectKey, size: Int64, fetchSize: Int) {
        self.vault = vault
        self.key = key
        self.size = size
        let isSealed = vault.encryption != nil
        let segments = max(1, fetchSize / SegmentStream.sealedSegmentSize)
        let sealed = SealedHeader.size + segments * SegmentStream.sealedSegmentSize
        fetched = BufferLease(unpooledCapacity: isSealed ? sealed : fetchSize)
    }

    /// Fetches the next bytes in place of the last.
    ///
    /// - Returns: false at the object's end.
    mutating func fetch() async throws -> Bool {
        guard offset < size else { return false }
        fetched.truncate(to: 0)
        // Of a sealed object the header comes with the first segments, and never again.
        let skipped = vault.encryption == nil || offset == 0 ? 0 : SealedHeader.size
        let end = min(size, offset + Int64(fetched.capacity - skipped))
        _ = try await vault.store.get(key, range: offset..<end, into: &fetched)
        guard fetched.count == end - offset else {
            throw VaultError(.damaged, "read", key.description, "the store gave fewer bytes than it has")
        }
        if let encryption = vault.encryption { try open(with: encryption, isEnd: end == size) }
        offset = end
        return true
    }

    private mutating func open(with encryption: VaultEncryption, isEnd: Bool) throws(VaultError) {
        let skipped = offset == 0 ? SealedHeader.size : 0
        let count = fetched.count - skipped
        if offset == 0 { cipher = try encryption.cipher(for: fetched.bytes, from: key) }
        do throws(CodecError) {
            try Self.open(&fetched, skipped, segment, isEnd, cipher)
        } catch {
            throw VaultError(.damaged, "read", key.description, error.reason)
        }
        segment += count / SegmentStream.sealedSegmentSize
    }

    /// Takes the parts one by one: a borrow of `self.cipher` would hold all of `self`.
    private static func open(
        _ fetched: inout BufferLease,
        _ skipped: Int,
        _ segment: Int,
        _ isEnd: Bool,
        _ cipher: borrowing AESGCM?
    ) throws(CodecError) {
        switch cipher {
        case .some(let cipher):
            try SegmentStream.open(&fetched, skipping: skipped, first: segment, isEnd: isEnd, with: cipher)
        case nil: preconditionFailure("segments before a header")
        }
    }
}
