package import ObjectStorage
package import TransferEngine

/// What a vault's documents go through: sealed in an encrypted vault, as they are in any other.
///
/// All of `clusters/` and `trash/`; never `vault.json`, `keys/` and `condemned/`, which are read before or without a key.
extension Vault {
    /// Stores a document.
    package func put(
        document: [UInt8],
        at key: ObjectKey,
        _ condition: PutCondition
    ) async throws(StoreError) -> PutResult {
        try await store.put(document: sealed(document, for: key), at: key, condition)
    }

    /// Fetches a document.
    ///
    /// - Parameter limit: plain bytes; a larger object is an error, so that a hostile store cannot fill the memory.
    /// - Throws: `StoreError`; `VaultError`: `.damaged`, or `.locked` where reading is not allowed.
    package func document(_ key: ObjectKey, limit: Int = 1 << 20) async throws -> [UInt8] {
        guard let encryption else { return try await store.document(key, limit: limit) }
        try checkReading("read", key.description)
        var buffer = BufferLease(unpooledCapacity: VaultEncryption.sealedSize(of: limit))
        _ = try await store.get(key, range: nil, into: &buffer)
        try encryption.open(&buffer, from: key)
        let bytes = buffer.bytes
        return unsafe bytes.withUnsafeBufferPointer { unsafe Array($0) }
    }

    /// A document as it is to be stored at `key`; sealed anew each time.
    package func sealed(_ document: [UInt8], for key: ObjectKey) -> [UInt8] {
        guard let encryption else { return document }
        var buffer = BufferLease(unpooledCapacity: VaultEncryption.sealedSize(of: document.count))
        buffer.append { output in for byte in document { output.append(byte) } }
        encryption.seal(&buffer, for: key)
        let bytes = buffer.bytes
        return unsafe bytes.withUnsafeBufferPointer { unsafe Array($0) }
    }

    // MARK: The role

    /// Whether what is stored may be read: not with a key that lets a node write alone.
    package var canRead: Bool { encryption?.canRead ?? true }

    /// - Parameters: what is to be done to what, for the error.
    /// - Throws: `VaultError` with code `.locked` if what is stored may not be read.
    package func checkReading(_ operation: String, _ subject: @autoclosure () -> String) throws(VaultError) {
        guard canRead else { throw VaultEncryption.unreadable(operation, subject()) }
    }

    // MARK: Names

    /// How contents are called in this vault.
    package var naming: ContentNaming { ContentNaming(key: encryption?.keys.name) }

    /// The name of the blob with this content.
    package func blobName(of digest: SHA256Digest, generation: Int = 0, format: FrameFormat) -> BlobName {
        BlobName(naming.name(of: digest), generation: generation, format: format, isSealed: encryption != nil)
    }
}
