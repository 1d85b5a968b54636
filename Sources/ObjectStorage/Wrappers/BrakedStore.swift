package import TransferEngine

/// Slows all requests down together while a store asks for it.
///
/// It lies below `RetryingStore`: each attempt goes through the brake, and a repeated one does not go around it.
package final class BrakedStore: ObjectStore {
    private let base: any ObjectStore
    private let brake = ThreadLock(Brake())
    private let now: @Sendable () -> Duration
    private let sleep: @Sendable (Duration) async throws -> Void

    package init<C: Clock>(_ base: any ObjectStore, clock: C = ContinuousClock()) where C.Duration == Duration {
        self.base = base
        let start = clock.now
        now = { start.duration(to: clock.now) }
        sleep = { try await clock.sleep(for: $0) }
    }

    package var location: String { base.location }
    package var probe: (any StoreProbe)? { base.probe }

    /// Requests a second that are let go now; nil: the store has not asked to slow down, or not for long.
    package var rate: Double? { brake.withLock { $0.rate } }

    package func put(
        _ body: borrowing BufferLease,
        at key: ObjectKey,
        _ condition: PutCondition,
        digest: SHA256Digest?
    ) async throws(StoreError) -> PutResult {
        let ticket = try await enter("put", key.description)
        do throws(StoreError) {
            let result = try await base.put(body, at: key, condition, digest: digest)
            done()
            return result
        } catch {
            failed(ticket, error)
            throw error
        }
    }

    package func get(
        _ key: ObjectKey,
        range: Range<Int64>?,
        into buffer: inout BufferLease
    ) async throws(StoreError) -> ObjectInfo {
        let ticket = try await enter("get", key.description)
        do throws(StoreError) {
            let info = try await base.get(key, range: range, into: &buffer)
            done()
            return info
        } catch {
            failed(ticket, error)
            throw error
        }
    }

    package func head(_ key: ObjectKey) async throws(StoreError) -> ObjectInfo? {
        try await braked("look at", key.description) { () async throws(StoreError) in try await base.head(key) }
    }

    package func delete(_ key: ObjectKey) async throws(StoreError) {
        try await braked("delete", key.description) { () async throws(StoreError) in try await base.delete(key) }
    }

    package func delete(_ keys: [ObjectKey]) async throws(StoreError) -> [DeleteFailure] {
        let ticket = try await enter("delete objects in", location)
        do throws(StoreError) {
            let failures = try await base.delete(keys)
            if let refused = failures.first(where: { $0.error.code == .throttled }) {
                failed(ticket, refused.error)
            } else {
                done()
            }
            return failures
        } catch {
            failed(ticket, error)
            throw error
        }
    }

    package func list(prefix: String, from cursor: ListCursor?, limit: Int) async throws(StoreError) -> ListPage {
        try await braked("list", prefix) { () async throws(StoreError) in
            try await base.list(prefix: prefix, from: cursor, limit: limit)
        }
    }

    private func braked<Value>(
        _ operation: String,
        _ subject: String,
        _ body: () async throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        let ticket = try await enter(operation, subject)
        do throws(StoreError) {
            let value = try await body()
            done()
            return value
        } catch {
            failed(ticket, error)
            throw error
        }
    }

    private func enter(_ operation: String, _ subject: String) async throws(StoreError) -> Brake.Ticket {
        let position = brake.withLock { $0.enter(at: now()) }
        while true {
            let wait: Duration
            switch brake.withLock({ brake in Self.next(&brake, position, now()) }) {
            case .go(let ticket): return ticket
            case .wait(let duration): wait = duration
            }
            do {
                try await sleep(wait)
            } catch {
                throw StoreError(.cancelled, operation, subject)
            }
        }
    }

    private enum Next {
        case go(Brake.Ticket)
        case wait(Duration)
    }

    private static func next(_ brake: inout Brake, _ position: Brake.Position, _ now: Duration) -> Next {
        brake.wait(at: position, now).map { .wait($0) } ?? .go(brake.ticket())
    }

    private func done() { brake.withLock { $0.succeeded(at: now()) } }

    private func failed(_ ticket: Brake.Ticket, _ error: StoreError) {
        switch error.code {
        case .throttled: brake.withLock { $0.refused(ticket, at: now(), rest: error.retryAfter) }
        // An answer like any other, as far as the store's strength goes.
        case .notFound, .noBucket, .accessDenied, .corrupt, .outOfSpace, .badRange, .refused: done()
        case .unavailable, .cancelled: break
        }
    }
}
