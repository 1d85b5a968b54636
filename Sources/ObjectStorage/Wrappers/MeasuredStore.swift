package import TransferEngine

/// Counts requests and bytes, each attempt by itself when it lies below a `RetryingStore`.
package final class MeasuredStore: ObjectStore {
    package struct Counts: Sendable, Hashable, Codable {
        package var puts = 0
        package var putBytes: Int64 = 0
        package var gets = 0
        package var getBytes: Int64 = 0
        package var heads = 0
        package var deletes = 0
        package var lists = 0
        package var failures = 0
    }

    private let base: any ObjectStore
    private let state = ThreadLock(Counts())

    package init(_ base: any ObjectStore) {
        self.base = base
    }

    package var counts: Counts { state.withLock { $0 } }
    package var location: String { base.location }
    package var probe: (any StoreProbe)? { base.probe }

    package func put(
        _ body: borrowing BufferLease,
        at key: ObjectKey,
        _ condition: PutCondition,
        digest: SHA256Digest?
    ) async throws(StoreError) -> PutResult {
        state.withLock { $0.puts += 1 }
        do throws(StoreError) {
            let result = try await base.put(body, at: key, condition, digest: digest)
            if result == .stored { state.withLock { [count = body.count] in $0.putBytes += Int64(count) } }
            return result
        } catch {
            if error.code != .cancelled { state.withLock { $0.failures += 1 } }
            throw error
        }
    }

    package func get(
        _ key: ObjectKey,
        range: Range<Int64>?,
        into buffer: inout BufferLease
    ) async throws(StoreError) -> ObjectInfo {
        let filled = buffer.count
        state.withLock { $0.gets += 1 }
        do throws(StoreError) {
            let info = try await base.get(key, range: range, into: &buffer)
            state.withLock { [count = buffer.count] in $0.getBytes += Int64(count - filled) }
            return info
        } catch {
            if error.code != .cancelled { state.withLock { $0.failures += 1 } }
            throw error
        }
    }

    package func head(_ key: ObjectKey) async throws(StoreError) -> ObjectInfo? {
        try await counting(.head) { () async throws(StoreError) in try await base.head(key) }
    }

    package func delete(_ key: ObjectKey) async throws(StoreError) {
        try await counting(.delete) { () async throws(StoreError) in try await base.delete(key) }
    }

    package func delete(_ keys: [ObjectKey]) async throws(StoreError) -> [DeleteFailure] {
        try await counting(.delete) { () async throws(StoreError) in try await base.delete(keys) }
    }

    package func list(prefix: String, from cursor: ListCursor?, limit: Int) async throws(StoreError) -> ListPage {
        try await counting(.list) { () async throws(StoreError) in
            try await base.list(prefix: prefix, from: cursor, limit: limit)
        }
    }

    private enum Counter { case head, delete, list }

    private func counting<Value>(
        _ counter: Counter,
        _ body: () async throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        state.withLock { counts in
            switch counter {
            case .head: counts.heads += 1
            case .delete: counts.deletes += 1
            case .list: counts.lists += 1
            }
        }
        do throws(StoreError) {
            return try await body()
        } catch {
            if error.code != .cancelled { state.withLock { $0.failures += 1 } }
            throw error
        }
    }
}
