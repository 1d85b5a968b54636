internal import ObjectStorage
package import TransferEngine

/// Fetches blobs and proves that each is the content its name says.
package struct BlobReader: Sendable {
    let store: any ObjectStore
    let pool: BufferPool
    let chunkSize: Int

    package init(_ vault: Vault, pool: BufferPool) {
        store = vault.store
        chunkSize = vault.description.chunkSize
        self.pool = pool
    }

    /// The plain content of `name`, checked against its hash.
    ///
    /// - Parameter count: called with the bytes that came from the store.
    /// - Throws: `StoreError`; `VaultError` with code `.damaged` for bytes that are not the blob's.
    package func fetch(_ name: BlobName, received count: (Int) -> Void) async throws -> BufferLease {
        // One lease for frame and content together, so that nothing waits for memory while it holds some.
        // A frame is only stored where it is smaller than its content.
        let frameSize = chunkSize
        var content = try await pool.lease(name.format == .plain ? chunkSize : chunkSize + frameSize)
        do {
            if name.format == .plain {
                _ = try await store.get(name.key, range: nil, into: &content)
                count(content.count)
            } else {
                var frame = content.split(at: chunkSize)
                _ = try await store.get(name.key, range: nil, into: &frame)
                count(frame.count)
                try BlobDecompressor.decompress(frame.bytes, format: name.format, into: &content)
            }
        } catch let error as StoreError where error.code == .notFound {
            throw VaultError(.damaged, "read the blob", name.description, "the store does not have it")
        } catch let error as StoreError where error.code == .badRange {
            throw VaultError(.damaged, "read the blob", name.description, "it is larger than a blob can be")
        } catch let error as CodecError {
            throw VaultError(.damaged, "read the blob", name.description, "\(error)")
        }
        guard SHA256.digest(of: content.bytes) == name.digest else {
            throw VaultError(
                .damaged,
                "read the blob",
                name.description,
                "its content does not have the hash of its name"
            )
        }
        return content
    }
}
