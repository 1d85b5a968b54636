package import TransferEngine

/// Holds uploads and downloads to a rate: bodies wait for their bytes before they go.
package struct ThrottledStore: ObjectStore {
    private let base: any ObjectStore
    private let upload: TokenBucket
    private let download: TokenBucket

    package init(_ base: any ObjectStore, upload: TokenBucket, download: TokenBucket) {
        self.base = base
        self.upload = upload
        self.download = download
    }

    package var location: String { base.location }
    package var probe: (any StoreProbe)? { base.probe }

    package func put(
        _ body: borrowing BufferLease,
        at key: ObjectKey,
        _ condition: PutCondition,
        digest: SHA256Digest?
    ) async throws(StoreError) -> PutResult {
        try await wait(upload, body.count, "put", key)
        return try await base.put(body, at: key, condition, digest: digest)
    }

    package func get(
        _ key: ObjectKey,
        range: Range<Int64>?,
        into buffer: inout BufferLease
    ) async throws(StoreError) -> ObjectInfo {
        let filled = buffer.count
        let info = try await base.get(key, range: range, into: &buffer)
        // The size is known only now; waiting afterwards keeps the same rate.
        try await wait(download, buffer.count - filled, "get", key)
        return info
    }

    package func head(_ key: ObjectKey) async throws(StoreError) -> ObjectInfo? { try await base.head(key) }

    package func delete(_ key: ObjectKey) async throws(StoreError) { try await base.delete(key) }

    package func delete(_ keys: [ObjectKey]) async throws(StoreError) -> [DeleteFailure] {
        try await base.delete(keys)
    }

    package func list(prefix: String, from cursor: ListCursor?, limit: Int) async throws(StoreError) -> ListPage {
        try await base.list(prefix: prefix, from: cursor, limit: limit)
    }

    private func wait(
        _ bucket: TokenBucket,
        _ bytes: Int,
        _ operation: String,
        _ key: ObjectKey
    ) async throws(StoreError) {
        do {
            try await bucket.take(bytes)
        } catch {
            throw StoreError(.cancelled, operation, key)
        }
    }
}
