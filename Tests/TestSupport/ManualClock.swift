internal import TransferEngine

/// A clock that stands still until a test moves it.
///
/// A test that starts something which sleeps waits for `sleepers(atLeast:)` and then moves the clock: no real time
/// passes, and nothing depends on how fast the machine is. One made with `advancesItself` jumps to the deadline of
/// whoever sleeps, for code whose waits are to be added up and not watched.
package final class ManualClock: Clock {
    package struct Instant: InstantProtocol {
        package var sinceStart: Duration

        package func advanced(by duration: Duration) -> Self { Instant(sinceStart: sinceStart + duration) }
        package func duration(to other: Self) -> Duration { other.sinceStart - sinceStart }
        package static func < (left: Self, right: Self) -> Bool { left.sinceStart < right.sinceStart }
    }

    private struct Sleeper {
        let id: Int
        let deadline: Instant
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct Watcher {
        let id: Int
        let count: Int
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var now = Instant(sinceStart: .zero)
        var nextID = 0
        var sleepers: [Sleeper] = []
        var watchers: [Watcher] = []
        var sleeps: [Duration] = []
    }

    private let state = ThreadLock(State())
    private let advancesItself: Bool

    package init(advancesItself: Bool = false) {
        self.advancesItself = advancesItself
    }

    package var now: Instant { state.withLock { $0.now } }
    package var minimumResolution: Duration { .zero }

    /// How long each sleep was meant to be, in the order they began.
    package var sleeps: [Duration] { state.withLock { $0.sleeps } }

    package func sleep(until deadline: Instant, tolerance: Duration? = nil) async throws {
        let id = newID()
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                resume(
                    state.withLock { state in
                        // Read under the lock: a cancellation that comes later finds the sleeper in the list.
                        if Task.isCancelled { return [(continuation, .failure(CancellationError()))] }
                        state.sleeps.append(state.now.duration(to: deadline))
                        if advancesItself { state.now = max(state.now, deadline) }
                        if deadline <= state.now { return [(continuation, .success(()))] }
                        state.sleepers.append(Sleeper(id: id, deadline: deadline, continuation: continuation))
                        return Self.answerWatchers(&state)
                    }
                )
            }
        } onCancel: {
            cancel(id)
        }
    }

    /// Waits until at least `count` tasks sleep on this clock.
    package func sleepers(atLeast count: Int) async throws {
        let id = newID()
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                resume(
                    state.withLock { state in
                        if Task.isCancelled { return [(continuation, .failure(CancellationError()))] }
                        state.watchers.append(Watcher(id: id, count: count, continuation: continuation))
                        return Self.answerWatchers(&state)
                    }
                )
            }
        } onCancel: {
            cancel(id)
        }
    }

    /// Moves the clock on and wakes those whose time has come, the earliest first.
    package func advance(by duration: Duration) {
        resume(
            state.withLock { state in
                state.now = state.now.advanced(by: duration)
                let due = state.sleepers.filter { $0.deadline <= state.now }.sorted { $0.deadline < $1.deadline }
                state.sleepers.removeAll { $0.deadline <= state.now }
                return due.map { ($0.continuation, .success(())) }
            }
        )
    }

    private typealias Answer = (CheckedContinuation<Void, any Error>, Result<Void, any Error>)

    private func newID() -> Int {
        state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
    }

    private static func answerWatchers(_ state: inout State) -> [Answer] {
        let count = state.sleepers.count
        defer { state.watchers.removeAll { $0.count <= count } }
        return state.watchers.filter { $0.count <= count }.map { ($0.continuation, .success(())) }
    }

    private func cancel(_ id: Int) {
        resume(
            state.withLock { state in
                let left =
                    state.sleepers.filter { $0.id == id }.map(\.continuation)
                    + state.watchers.filter { $0.id == id }.map(\.continuation)
                state.sleepers.removeAll { $0.id == id }
                state.watchers.removeAll { $0.id == id }
                return left.map { ($0, .failure(CancellationError())) }
            }
        )
    }

    /// Outside the lock: a resumed task may ask the clock at once.
    private func resume(_ answers: [Answer]) {
        for (continuation, answer) in answers { continuation.resume(with: answer) }
    }
}
