internal import ObjectStorage
package import TransferEngine

/// Copies blobs within the store, to another generation of the same content: as they lie there, once they have been proved.
package struct BlobCopier: Sendable {
    private let store: any ObjectStore
    private let pool: BufferPool
    private let chunkSize: Int

    package init(_ vault: Vault, pool: BufferPool) {
        store = vault.store
        chunkSize = vault.description.chunkSize
        self.pool = pool
    }

    /// Makes `target` stand; of no effect if it does.
    ///
    /// - Throws: `StoreError`; `VaultError` with code `.damaged` if the blob is gone or has other bytes.
    func copy(_ name: BlobName, to target: BlobName) async throws {
        if try await store.head(target.key) != nil { return }
        // Frame and content in one lease, so that nothing waits for memory while it holds some.
        var content = try await pool.lease(2 * chunkSize)
        var frame = content.split(at: chunkSize)
        do {
            _ = try await store.get(name.key, range: nil, into: &frame)
        } catch let error as StoreError where error.code == .notFound {
            throw VaultError(
                .damaged,
                "store anew the blob",
                name.description,
                "it has been collected: the backup cannot be brought back"
            )
        }
        do throws(CodecError) {
            try BlobDecompressor.decompress(frame.bytes, format: name.format, into: &content)
        } catch {
            throw VaultError(.damaged, "store anew the blob", name.description, "\(error)")
        }
        guard SHA256.digest(of: content.bytes) == name.digest else {
            throw VaultError(
                .damaged,
                "store anew the blob",
                name.description,
                "its content does not have the hash of its name"
            )
        }
        _ = try await store.put(frame, at: target.key, .onlyIfAbsent, digest: nil)
    }
}
