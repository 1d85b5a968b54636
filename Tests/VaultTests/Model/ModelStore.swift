import ObjectStorage
import TestSupport
import TransferEngine

/// The store as one process sees it: every operation is a step of the schedule, and may fail, be done without an answer,
/// or be the last one.
final class ModelStore: ObjectStore {
    private struct State {
        var isDead = false
    }

    /// Attempts at one operation, as the wrappers of a real store make them.
    private static let attempts = 2

    private let base: MemoryStore
    private let process: Int
    private let scheduler: ModelScheduler
    private let time: @Sendable () -> Int64
    private let state = ThreadLock(State())

    init(_ base: MemoryStore, process: Int, _ scheduler: ModelScheduler, time: @escaping @Sendable () -> Int64) {
        self.base = base
        self.process = process
        self.scheduler = scheduler
        self.time = time
    }

    var location: String { base.location }

    func put(
        _ body: borrowing BufferLease,
        at key: ObjectKey,
        _ condition: PutCondition,
        digest: SHA256Digest?
    ) async throws(StoreError) -> PutResult {
        var attempt = 1
        while true {
            if try await begin(&attempt) { continue }
            let result = try await base.put(body, at: key, condition, digest: digest)
            if try await end(&attempt) { return result }
        }
    }

    func get(
        _ key: ObjectKey,
        range: Range<Int64>?,
        into buffer: inout BufferLease
    ) async throws(StoreError) -> ObjectInfo {
        var attempt = 1
        let filled = buffer.count
        while true {
            if try await begin(&attempt) { continue }
            let info = try await base.get(key, range: range, into: &buffer)
            if try await end(&attempt) { return info }
            buffer.truncate(to: filled)
        }
    }

    func head(_ key: ObjectKey) async throws(StoreError) -> ObjectInfo? {
        var attempt = 1
        while true {
            if try await begin(&attempt) { continue }
            let info = try await base.head(key)
            if try await end(&attempt) { return info }
        }
    }

    func delete(_ key: ObjectKey) async throws(StoreError) {
        var attempt = 1
        while true {
            if try await begin(&attempt) { continue }
            try await base.delete(key)
            if try await end(&attempt) { return }
        }
    }

    func delete(_ keys: [ObjectKey]) async throws(StoreError) -> [DeleteFailure] {
        // One by one: a killed process has deleted some of them.
        for key in keys { try await delete(key) }
        return []
    }

    func list(prefix: String, from cursor: ListCursor?, limit: Int) async throws(StoreError) -> ListPage {
        var attempt = 1
        while true {
            if try await begin(&attempt) { continue }
            let page = try await base.list(prefix: prefix, from: cursor, limit: limit)
            if try await end(&attempt) { return page }
        }
    }

    /// - Returns: whether the operation begins anew.
    private func begin(_ attempt: inout Int) async throws(StoreError) -> Bool {
        try check()
        switch await scheduler.park(process, isAnswer: false, at: time()) {
        case .proceed: return false
        case .hold:
            held.withLock { $0 = true }
            return false
        case .fail:
            guard attempt < Self.attempts else { throw StoreError(.unavailable, "reach", "the model") }
            attempt += 1
            return true
        case .crash: throw die()
        }
    }

    private let held = ThreadLock(false)

    /// - Returns: whether the answer has come.
    private func end(_ attempt: inout Int) async throws(StoreError) -> Bool {
        let isHeld = held.withLock { held in
            defer { held = false }
            return held
        }
        guard isHeld else { return true }
        switch await scheduler.park(process, isAnswer: true, at: time()) {
        case .proceed, .hold: return true
        case .fail:
            guard attempt < Self.attempts else { throw StoreError(.unavailable, "reach", "the model") }
            attempt += 1
            return false
        case .crash: throw die()
        }
    }

    private func check() throws(StoreError) {
        if state.withLock({ $0.isDead }) { throw StoreError(.cancelled, "reach", "the model") }
    }

    private func die() -> StoreError {
        state.withLock { $0.isDead = true }
        return StoreError(.cancelled, "reach", "the model")
    }
}
