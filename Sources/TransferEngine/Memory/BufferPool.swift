/// The engine's memory limit: one arena from which every buffer for data is leased.
///
/// There is no other place where chunk-sized memory is allocated, so the arena's size is the most that data in flight
/// can take. Leases are granted strictly in the order they were asked for: a large one is not starved by small ones.
///
/// Whoever needs two buffers leases their sum at once and cuts it with `BufferLease.split(at:)`. Waiting for a second
/// lease while holding a first is how pools deadlock, so nothing in the engine does it.
package final class BufferPool: Sendable {
    /// Leases are whole multiples of this many bytes.
    package static let unit = 64 * 1024

    private struct Waiter {
        let id: UInt64
        let units: Int
        let continuation: CheckedContinuation<Range<Int>, any Error>
    }

    private struct State {
        var free: FreeRuns
        var waiting: [Waiter] = []
        var nextID: UInt64 = 0
        var mostLeased = 0
    }

    /// Bytes that may be leased at one time.
    package let limit: Int
    private let arena: Arena
    private let state: ThreadLock<State>

    /// - Parameter limit: bytes; rounded down to a multiple of `unit`.
    package init(limit: Int) {
        let units = max(1, limit / Self.unit)
        self.limit = units * Self.unit
        arena = Arena(size: units * Self.unit)
        state = ThreadLock(State(free: FreeRuns(count: units)))
    }

    /// The most bytes that were leased at one time so far.
    package var mostLeased: Int { state.withLock { $0.mostLeased } * Self.unit }

    /// Leases `capacity` bytes, waiting until as many are free in one piece.
    ///
    /// - Throws: `CancellationError` if the task is cancelled before the lease is granted;
    ///   `BufferPoolError` if the pool can never hold `capacity` bytes.
    package func lease(_ capacity: Int) async throws -> BufferLease {
        guard capacity <= limit else { throw BufferPoolError(asked: capacity, limit: limit) }
        let units = max(1, (capacity + Self.unit - 1) / Self.unit)
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        let range = try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let granted: Result<Range<Int>, any Error>? = state.withLock { state in
                    // Read under the lock: a cancellation that comes later finds the waiter in the list.
                    if Task.isCancelled { return .failure(CancellationError()) }
                    if state.waiting.isEmpty, let range = state.free.take(units) {
                        state.mostLeased = max(state.mostLeased, limit / Self.unit - state.free.total)
                        return .success(range)
                    }
                    state.waiting.append(Waiter(id: id, units: units, continuation: continuation))
                    return nil
                }
                if let granted { continuation.resume(with: granted) }
            }
        } onCancel: {
            cancel(id)
        }
        return unsafe BufferLease(pool: self, units: range, memory: arena.memory(range, unit: Self.unit))
    }

    func giveBack(_ units: Range<Int>) {
        let granted = state.withLock { state in
            state.free.giveBack(units)
            return grant(&state)
        }
        for (continuation, range) in granted { continuation.resume(returning: range) }
    }

    private func cancel(_ id: UInt64) {
        let (cancelled, granted) = state.withLock { state in
            let index = state.waiting.firstIndex { $0.id == id }
            let cancelled = index.map { state.waiting.remove(at: $0).continuation }
            // The one who left may have been a large one at the head that held up smaller ones.
            return (cancelled, grant(&state))
        }
        cancelled?.resume(throwing: CancellationError())
        for (continuation, range) in granted { continuation.resume(returning: range) }
    }

    private func grant(
        _ state: inout State
    ) -> [(CheckedContinuation<Range<Int>, any Error>, Range<Int>)] {
        var granted: [(CheckedContinuation<Range<Int>, any Error>, Range<Int>)] = []
        while let first = state.waiting.first, let range = state.free.take(first.units) {
            granted.append((first.continuation, range))
            state.waiting.removeFirst()
        }
        state.mostLeased = max(state.mostLeased, limit / Self.unit - state.free.total)
        return granted
    }
}

/// A lease was asked for that is larger than the whole pool.
package struct BufferPoolError: Error, CustomStringConvertible {
    /// Bytes.
    package let asked: Int
    /// Bytes.
    package let limit: Int

    package var description: String {
        "a buffer of \(asked) bytes does not fit into the memory limit of \(limit) bytes: raise --memory"
    }
}
