package import ObjectStorage
package import TransferEngine

/// A store whose calls go wrong as a plan says.
///
/// The plan is asked once for each call, in the order they begin; what it leaves alone goes to the store below.
package final class FaultyStore: ObjectStore {
    package enum Operation: Sendable, Hashable, CaseIterable {
        case put, get, head, delete, list
    }

    /// One call as the plan sees it.
    package struct Call: Sendable, Hashable {
        /// From 0, over all operations.
        package let index: Int
        package let operation: Operation
        /// The key; of a list, its prefix.
        package let subject: String
    }

    package enum Fault: Sendable {
        /// The call fails and has done nothing.
        case failBefore(StoreError.Code)
        /// The call is done, and its answer lost on the way back.
        case failAfter(StoreError.Code)
        /// A get fails when half of its bytes are in the buffer; any other call as with `failBefore`.
        case failHalfway(StoreError.Code)
        /// A get leaves out the last half of its bytes, and says nothing.
        case cut
        /// A get flips one bit in the middle, and says nothing.
        case flip
        /// As a process that is killed before the call: neither this one nor any later one reaches the store.
        case dieBefore
        /// As a process that is killed once the call has reached the store.
        case dieAfter
        /// Runs before the call, which then goes on: to change the store under the caller's feet, or to kill for real.
        case hook(@Sendable () async -> Void)
    }

    private struct State {
        var calls: [Call] = []
        var isDead = false
    }

    private let base: any ObjectStore
    private let plan: @Sendable (Call) -> Fault?
    private let state = ThreadLock(State())

    package init(_ base: any ObjectStore, plan: @escaping @Sendable (Call) -> Fault?) {
        self.base = base
        self.plan = plan
    }

    /// The first calls meet these faults in order (nil: none); the later ones meet none.
    ///
    /// - Parameter operation: counts and breaks only calls of this kind.
    package convenience init(_ base: any ObjectStore, script: [Fault?], on operation: Operation? = nil) {
        let next = ThreadLock(0)
        self.init(base) { call in
            guard operation == nil || operation == call.operation else { return nil }
            let index = next.withLock { next in
                defer { next += 1 }
                return next
            }
            return index < script.count ? script[index] : nil
        }
    }

    /// The same faults for the same seed and order of calls.
    ///
    /// - Parameters:
    ///   - share: of the calls that go wrong, 0 to 1.
    ///   - codes: what they fail with, before or after they are done.
    package convenience init(
        _ base: any ObjectStore,
        seed: UInt64,
        share: Double,
        codes: [StoreError.Code] = [.throttled, .unavailable]
    ) {
        let generator = ThreadLock(SeededGenerator(seed))
        self.init(base) { _ in
            generator.withLock { generator in
                guard Double.random(in: 0..<1, using: &generator) < share,
                    let code = codes.randomElement(using: &generator)
                else { return nil }
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: return .failBefore(code)
                case 1: return .failAfter(code)
                default: return .failHalfway(code)
                }
            }
        }
    }

    /// What was called so far, in the order the calls began.
    package var calls: [Call] { state.withLock { $0.calls } }

    /// Whether a fault has ended the simulated process.
    package var isDead: Bool { state.withLock { $0.isDead } }

    package var location: String { base.location }
    package var probe: (any StoreProbe)? { base.probe }

    package func put(
        _ body: borrowing BufferLease,
        at key: ObjectKey,
        _ condition: PutCondition,
        digest: SHA256Digest?
    ) async throws(StoreError) -> PutResult {
        let fault = try await begin(.put, key.description)
        let result = try await base.put(body, at: key, condition, digest: digest)
        try end(fault, .put, key.description)
        return result
    }

    package func get(
        _ key: ObjectKey,
        range: Range<Int64>?,
        into buffer: inout BufferLease
    ) async throws(StoreError) -> ObjectInfo {
        let fault = try await begin(.get, key.description)
        let filled = buffer.count
        let info = try await base.get(key, range: range, into: &buffer)
        let half = filled + (buffer.count - filled) / 2
        switch fault {
        case .failHalfway(let code):
            buffer.truncate(to: half)
            throw StoreError(code, "get", key)
        case .cut: buffer.truncate(to: half)
        case .flip where half < buffer.count:
            var bytes = buffer.array
            bytes[half] ^= 1
            buffer.truncate(to: 0)
            buffer.add(bytes)
        default: break
        }
        try end(fault, .get, key.description)
        return info
    }

    package func head(_ key: ObjectKey) async throws(StoreError) -> ObjectInfo? {
        let fault = try await begin(.head, key.description)
        let info = try await base.head(key)
        try end(fault, .head, key.description)
        return info
    }

    package func delete(_ key: ObjectKey) async throws(StoreError) {
        let fault = try await begin(.delete, key.description)
        try await base.delete(key)
        try end(fault, .delete, key.description)
    }

    package func delete(_ keys: [ObjectKey]) async throws(StoreError) -> [DeleteFailure] {
        let subject = keys.first?.description ?? ""
        let fault = try await begin(.delete, subject)
        let failures = try await base.delete(keys)
        try end(fault, .delete, subject)
        return failures
    }

    package func list(prefix: String, from cursor: ListCursor?, limit: Int) async throws(StoreError) -> ListPage {
        let fault = try await begin(.list, prefix)
        let page = try await base.list(prefix: prefix, from: cursor, limit: limit)
        try end(fault, .list, prefix)
        return page
    }

    private func begin(_ operation: Operation, _ subject: String) async throws(StoreError) -> Fault? {
        let call = try state.withLock { state throws(StoreError) -> Call in
            guard !state.isDead else { throw Self.death(operation, subject) }
            let call = Call(index: state.calls.count, operation: operation, subject: subject)
            state.calls.append(call)
            return call
        }
        let fault = plan(call)
        switch fault {
        case .failBefore(let code): throw StoreError(code, "\(operation)", subject)
        case .failHalfway(let code) where operation != .get: throw StoreError(code, "\(operation)", subject)
        case .dieBefore:
            state.withLock { $0.isDead = true }
            throw Self.death(operation, subject)
        case .hook(let body): await body()
        case nil, .failAfter, .failHalfway, .cut, .flip, .dieAfter: break
        }
        return fault
    }

    private func end(_ fault: Fault?, _ operation: Operation, _ subject: String) throws(StoreError) {
        switch fault {
        case .failAfter(let code): throw StoreError(code, "\(operation)", subject)
        case .dieAfter:
            state.withLock { $0.isDead = true }
            throw Self.death(operation, subject)
        case nil, .failBefore, .failHalfway, .cut, .flip, .dieBefore, .hook: break
        }
    }

    /// Not a transient code, so that nothing above tries to go on.
    private static func death(_ operation: Operation, _ subject: String) -> StoreError {
        StoreError(.cancelled, "\(operation)", subject)
    }
}
