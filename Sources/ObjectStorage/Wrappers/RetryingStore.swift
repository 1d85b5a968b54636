package import TransferEngine

/// Repeats what failed for a passing reason.
///
/// A create-only put that is repeated can meet the object that its own lost answer stored: `.existed` then, which is
/// what the caller wants to know of content that is named by its hash.
package struct RetryingStore: ObjectStore {
    private let base: any ObjectStore
    private let policy: RetryPolicy
    private let sleep: @Sendable (Duration) async throws -> Void
    private let report: @Sendable (StoreError, Int) -> Void

    /// - Parameter report: told of every failure that is going to be repeated, and which attempt it was.
    package init<C: Clock>(
        _ base: any ObjectStore,
        policy: RetryPolicy = RetryPolicy(),
        clock: C = ContinuousClock(),
        report: @escaping @Sendable (StoreError, Int) -> Void = { _, _ in }
    ) where C.Duration == Duration {
        self.base = base
        self.policy = policy
        self.report = report
        sleep = { try await clock.sleep(for: $0) }
    }

    package var location: String { base.location }
    package var probe: (any StoreProbe)? { base.probe }

    package func put(
        _ body: borrowing BufferLease,
        at key: ObjectKey,
        _ condition: PutCondition,
        digest: SHA256Digest?
    ) async throws(StoreError) -> PutResult {
        var attempt = 1
        while true {
            do throws(StoreError) {
                return try await base.put(body, at: key, condition, digest: digest)
            } catch {
                try await wait(after: error, &attempt)
                // Only its owner can make it anew; that it is time to has been waited for.
                if body.hasLeft { throw error }
            }
        }
    }

    package func get(
        _ key: ObjectKey,
        range: Range<Int64>?,
        into buffer: inout BufferLease
    ) async throws(StoreError) -> ObjectInfo {
        let filled = buffer.count
        var attempt = 1
        while true {
            do throws(StoreError) {
                return try await base.get(key, range: range, into: &buffer)
            } catch {
                buffer.truncate(to: filled)
                try await wait(after: error, &attempt)
            }
        }
    }

    package func head(_ key: ObjectKey) async throws(StoreError) -> ObjectInfo? {
        try await repeating { () async throws(StoreError) in try await base.head(key) }
    }

    package func delete(_ key: ObjectKey) async throws(StoreError) {
        try await repeating { () async throws(StoreError) in try await base.delete(key) }
    }

    /// Only what failed for a passing reason is asked for again.
    package func delete(_ keys: [ObjectKey]) async throws(StoreError) -> [DeleteFailure] {
        var left = keys
        var failed: [DeleteFailure] = []
        var attempt = 1
        while !left.isEmpty {
            do throws(StoreError) {
                let failures = try await base.delete(left)
                failed += failures.filter { !$0.error.isTransient }
                let passing = failures.filter(\.error.isTransient)
                guard let first = passing.first else { break }
                guard policy.allowsAttempt(after: attempt, first.error) else { return failed + passing }
                left = passing.map(\.key)
                try await wait(after: first.error, &attempt)
            } catch {
                try await wait(after: error, &attempt)
            }
        }
        return failed
    }

    package func list(prefix: String, from cursor: ListCursor?, limit: Int) async throws(StoreError) -> ListPage {
        try await repeating { () async throws(StoreError) in
            try await base.list(prefix: prefix, from: cursor, limit: limit)
        }
    }

    private func repeating<Value>(_ body: () async throws(StoreError) -> Value) async throws(StoreError) -> Value {
        var attempt = 1
        while true {
            do throws(StoreError) {
                return try await body()
            } catch {
                try await wait(after: error, &attempt)
            }
        }
    }

    private func wait(after error: StoreError, _ attempt: inout Int) async throws(StoreError) {
        guard policy.allowsAttempt(after: attempt, error) else { throw error }
        report(error, attempt)
        do {
            try await sleep(policy.delay(after: attempt, error))
        } catch {
            throw StoreError(.cancelled, "repeat a request to", location)
        }
        attempt += 1
    }
}
