internal import ObjectStorage
package import TransferEngine

/// Fetches blobs and proves that each is the content its name says.
package struct BlobReader: Sendable {
    let vault: Vault
    let pool: BufferPool

    package init(_ vault: Vault, pool: BufferPool) {
        self.vault = vault
        self.pool = pool
    }

    private var store: any ObjectStore { vault.store }

    /// How the vault calls contents.
    package var naming: ContentNaming { vault.naming }

    /// The plain content of `name`, decrypted where the vault is encrypted, and checked against its name.
    ///
    /// - Parameter count: called with the bytes that came from the store.
    /// - Throws: `StoreError`; `VaultError` with code `.damaged` for bytes that are not the blob's.
    package func fetch(_ name: BlobName, received count: (Int) -> Void) async throws -> BufferLease {
        let content = try await fetchUnproved(name, received: count)
        try prove(content, is: name)
        return content
    }

    /// - Throws: `VaultError` with code `.damaged` if `content` is not the plain content of `name`.
    package func prove(_ content: borrowing BufferLease, is name: BlobName) throws(VaultError) {
        guard naming.name(of: SHA256.digest(of: content.bytes)) == name.content else {
            throw VaultError(
                .damaged,
                "read the blob",
                name.description,
                "its content does not have the hash of its name"
            )
        }
    }

    /// What should be the plain content of `name`, decrypted where the vault is encrypted, for a caller who checks every
    /// byte that is used by another hash.
    ///
    /// - Parameter count: called with the bytes that came from the store.
    /// - Throws: `StoreError`; `VaultError` with code `.damaged` for bytes that cannot be the blob's.
    package func fetchUnproved(_ name: BlobName, received count: (Int) -> Void) async throws -> BufferLease {
        guard name.isSealed == (vault.encryption != nil) else {
            throw VaultError(
                .damaged,
                "read the blob",
                name.description,
                name.isSealed ? "it is encrypted, and the vault is not" : "it is not encrypted, and the vault is"
            )
        }
        try vault.checkReading("read the blob", name.description)
        // One lease for frame and content together, so that nothing waits for memory while it holds some.
        // A frame is only stored where it is smaller than its content, by more than encryption adds to it.
        let chunkSize = vault.description.chunkSize
        let plainSize = chunkSize + (name.isSealed ? VaultEncryption.overhead(of: chunkSize) : 0)
        var content = try await pool.lease(name.format == .plain ? plainSize : chunkSize + chunkSize)
        do {
            if name.format == .plain {
                try await get(name, into: &content, received: count)
            } else {
                var frame = content.split(at: chunkSize)
                try await get(name, into: &frame, received: count)
                try BlobDecompressor.decompress(frame.bytes, format: name.format, into: &content)
            }
        } catch let error as StoreError where error.code == .notFound {
            throw VaultError(.damaged, "read the blob", name.description, "the store does not have it")
        } catch let error as StoreError where error.code == .badRange {
            throw VaultError(.damaged, "read the blob", name.description, "it is larger than a blob can be")
        } catch let error as CodecError {
            throw VaultError(.damaged, "read the blob", name.description, "\(error)")
        }
        return content
    }

    private func get(_ name: BlobName, into buffer: inout BufferLease, received count: (Int) -> Void) async throws {
        let key = try name.key
        _ = try await store.get(key, range: nil, into: &buffer)
        count(buffer.count)
        if let encryption = vault.encryption { try encryption.open(&buffer, from: key) }
    }
}
