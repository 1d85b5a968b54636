/// A counting semaphore for tasks: waiters suspend, are served in order, and leave when cancelled.
package final class Slots: Sendable {
    private struct Waiter {
        let id: Int
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var free: Int
        var nextID = 0
        var waiting: [Waiter] = []
    }

    private let state: ThreadLock<State>

    package init(_ count: Int) {
        precondition(count > 0, "no slot would ever be free")
        state = ThreadLock(State(free: count))
    }

    /// Takes a slot, waiting for one.
    ///
    /// - Throws: `CancellationError` if the task is cancelled first; no slot is taken then.
    package func wait() async throws {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let answer: Result<Void, any Error>? = state.withLock { state in
                    // Read under the lock: a cancellation that comes later finds the waiter in the list.
                    if Task.isCancelled { return .failure(CancellationError()) }
                    if state.free > 0 {
                        state.free -= 1
                        return .success(())
                    }
                    state.waiting.append(Waiter(id: id, continuation: continuation))
                    return nil
                }
                if let answer { continuation.resume(with: answer) }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                state.waiting.firstIndex { $0.id == id }.map { state.waiting.remove(at: $0) }
            }
            waiter?.continuation.resume(throwing: CancellationError())
        }
    }

    /// Gives a slot back.
    package func signal() {
        let next = state.withLock { state -> Waiter? in
            if state.waiting.isEmpty {
                state.free += 1
                return nil
            }
            return state.waiting.removeFirst()
        }
        next?.continuation.resume()
    }

    /// The same as a value that gives the slot back when it ends.
    package func turn() async throws -> SlotTurn {
        try await wait()
        return SlotTurn(slots: self)
    }
}

/// One slot of several, for as long as this value lives.
package struct SlotTurn: ~Copyable {
    fileprivate let slots: Slots

    deinit { slots.signal() }
}
