internal import ObjectStorage
package import TransferEngine

/// Copies blobs within the store, to another generation of the same content, once they have been proved.
package struct BlobCopier: Sendable {
    private let vault: Vault
    private let pool: BufferPool

    package init(_ vault: Vault, pool: BufferPool) {
        self.vault = vault
        self.pool = pool
    }

    /// Makes `target` stand; of no effect if it does.
    ///
    /// - Returns: the object at `target`.
    /// - Throws: `StoreError`; `VaultError` with code `.damaged` if the blob is gone or has other bytes.
    func copy(_ name: BlobName, to target: BlobName) async throws -> StoredFrame? {
        let (store, chunkSize) = (vault.store, vault.description.chunkSize)
        func damaged(_ reason: String) -> VaultError {
            VaultError(.damaged, "store anew the blob", name.description, reason)
        }
        try vault.checkReading("store anew the blob", name.description)
        if let info = try await store.head(target.key) { return StoredFrame(info) }
        // Frame and content in one lease, so that nothing waits for memory while it holds some. What was sealed for one
        // key is sealed anew for another.
        let overhead = vault.encryption == nil ? 0 : VaultEncryption.overhead(of: chunkSize)
        let unit = BufferPool.unit
        let frameSize = (chunkSize + overhead + unit - 1) / unit * unit
        var content = try await pool.lease(frameSize + chunkSize)
        var frame = content.split(at: chunkSize)
        do {
            _ = try await store.get(name.key, range: nil, into: &frame)
        } catch let error as StoreError where error.code == .notFound {
            throw damaged("it has been collected: the backup cannot be brought back")
        }
        if let encryption = vault.encryption { try encryption.open(&frame, from: try name.key) }
        do throws(CodecError) {
            try BlobDecompressor.decompress(frame.bytes, format: name.format, into: &content)
        } catch {
            throw damaged("\(error)")
        }
        guard vault.naming.name(of: SHA256.digest(of: content.bytes)) == name.content else {
            throw damaged("its content does not have the hash of its name")
        }
        if let encryption = vault.encryption { encryption.seal(&frame, for: try target.key) }
        let stored = StoredFrame(of: frame.bytes)
        let result = try await store.put(frame, at: target.key, .onlyIfAbsent, digest: nil)
        return result == .stored ? stored : try await store.head(target.key).flatMap { StoredFrame($0) }
    }
}
