import TransferEngine

/// Lets one process at a time run, from one operation of the store to the next; who goes on is the test's choice.
///
/// Processes are tasks. Each parks before an operation, and may be parked again with the answer in its hands. So a
/// schedule is a list of choices, the same for the same seed, whatever the machine does.
final class ModelScheduler: Sendable {
    enum Order: Sendable {
        /// Goes on.
        case proceed
        /// Does the operation, and waits with the answer.
        case hold
        /// Fails: of a request, before it has reached the store; of an answer, after.
        case fail
        /// The process ends here, and nothing of it reaches the store any more.
        case crash
    }

    struct Parked: Sendable {
        let process: Int
        /// Whether the operation has been done and its answer is on the way.
        let isAnswer: Bool
        /// The model's time when it was parked, in seconds.
        let since: Int64
        fileprivate let continuation: CheckedContinuation<Order, Never>
    }

    private struct State {
        var parked: [Parked] = []
        var running = 0
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = ThreadLock(State())
    private let io: IOExecutor

    init(io: IOExecutor) { self.io = io }

    var parked: [Parked] { state.withLock { $0.parked } }

    /// Starts a process; it runs to its first operation before this returns.
    func start(_ body: @escaping @Sendable () async -> Void) async {
        state.withLock { $0.running += 1 }
        Task(executorPreference: io) {
            await body()
            self.stopped()
        }
        await quiet()
    }

    /// Called by a process: waits for its turn.
    func park(_ process: Int, isAnswer: Bool, at time: Int64) async -> Order {
        await withCheckedContinuation { continuation in
            state.withLock {
                $0.parked.append(
                    Parked(process: process, isAnswer: isAnswer, since: time, continuation: continuation)
                )
            }
            stopped()
        }
    }

    /// Lets one go on, until it parks again or ends.
    func resume(_ index: Int, _ order: Order) async {
        let parked = state.withLock { state in
            state.running += 1
            return state.parked.remove(at: index)
        }
        parked.continuation.resume(returning: order)
        await quiet()
    }

    private func stopped() {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.running -= 1
            return state.running == 0 ? state.waiter.take() : nil
        }
        waiter?.resume()
    }

    private func quiet() async {
        await withCheckedContinuation { continuation in
            let isQuiet = state.withLock { state in
                if state.running > 0 { state.waiter = continuation }
                return state.running == 0
            }
            if isQuiet { continuation.resume() }
        }
    }
}
