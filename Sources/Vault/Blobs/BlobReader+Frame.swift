internal import ObjectStorage
internal import TransferEngine

extension BlobReader {
    /// Fetches the object of a blob and tells what it is, without decoding it: that says nothing of its content.
    ///
    /// - Parameter count: called with the bytes that came from the store.
    /// - Returns: nil for one that is empty, or larger than any blob's.
    /// - Throws: `StoreError`, with code `.notFound` if there is none.
    package func frame(of name: BlobName, received count: (Int) -> Void) async throws -> StoredFrame? {
        var lease = try await pool.lease(StoredFrame.mostBytes(chunkSize: vault.description.chunkSize))
        do {
            _ = try await vault.store.get(try name.key, range: nil, into: &lease)
        } catch let error as StoreError where error.code == .badRange {
            return nil
        }
        count(lease.count)
        return lease.count > 0 ? StoredFrame(of: lease.bytes) : nil
    }
}
