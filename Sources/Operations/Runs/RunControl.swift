internal import TransferEngine

/// What a run is at.
package enum RunPhase: String, Sendable, Hashable, Codable {
    /// Its window has not begun.
    case waiting
    /// Links to live files, the intent, the node's previous manifest; of a restore, the look at manifest and targets.
    case preparing
    /// The node is examined, and takes a snapshot.
    case snapshot
    /// Files are counted, and what is new among them where a forecast is wanted.
    case measuring
    case transferring
    /// The manifest is published; of a restore, the files are made durable.
    case finishing
}

/// How somebody wants a run to end before its work is done; it can be started again either way and then goes on.
package enum StopRequest: String, Sendable, Hashable, Codable {
    /// For a while: the next start, or the next window, goes on.
    case pause
    /// For good, as far as one can say now.
    case cancel
}

/// A run was stopped before its work was done, and can go on.
package struct RunStopped: Error, CustomStringConvertible {
    package let request: StopRequest
    /// Who or what stopped it: `SIGTERM`, `the window has ended`.
    package let reason: String
    /// Whether it was the end of the run's own hours.
    package let isByHours: Bool

    package init(_ request: StopRequest, _ reason: String, isByHours: Bool = false) {
        self.request = request
        self.reason = reason
        self.isByHours = isByHours
    }

    package var description: String {
        let what = request == .pause ? "paused" : "cancelled"
        return "\(what): \(reason); the same command goes on where it was"
    }
}

/// The way into a run from outside: asks it to stop, and tells its phase.
///
/// After a request nothing new is begun, and what is under way is finished: a blob is stored or not, and the journal
/// knows which. What takes longer than the grace is given up.
package final class RunControl: Sendable {
    /// How long what is under way may take after a stop.
    package static let grace = Duration.seconds(10)

    private struct State {
        var phase = RunPhase.preparing
        var stopped: RunStopped?
        /// Whether work was left out because of it.
        var hasActed = false
        var onStop: AsyncStream<Never>.Continuation?
        var wantsForecast = false
        var onTransfer: (@Sendable () -> Void)?
        /// When the last transfer began, and ended.
        var transfer: (start: ContinuousClock.Instant, end: ContinuousClock.Instant?)?
    }

    private let state = ThreadLock(State())

    package init() {}

    /// Asks the run to stop; of several requests the first counts, but that a cancel goes over a pause, and anybody's over
    /// the end of the run's hours.
    package func stop(_ request: StopRequest, _ reason: String) {
        stop(RunStopped(request, reason))
    }

    func stop(_ stop: RunStopped) {
        let continuation = state.withLock { state -> AsyncStream<Never>.Continuation? in
            if let known = state.stopped, !known.isByHours, known.request == .cancel || stop.request == .pause {
                return nil
            }
            state.stopped = stop
            return state.onStop
        }
        continuation?.finish()
    }

    /// What was asked for; nil while nobody did.
    package var stopped: RunStopped? { state.withLock { $0.stopped } }

    /// Takes a request back that has been acted upon, so that the run can go on in its next window.
    package func rearm() {
        state.withLock {
            $0.stopped = nil
            $0.hasActed = false
        }
    }

    /// Whether somebody wants to know what the run will have to move.
    package var wantsForecast: Bool {
        get { state.withLock { $0.wantsForecast } }
        set { state.withLock { $0.wantsForecast = newValue } }
    }

    package var phase: RunPhase { state.withLock { $0.phase } }

    package func enter(_ phase: RunPhase) {
        let now = ContinuousClock.now
        let onTransfer = state.withLock { state in
            if phase == .transferring {
                state.transfer = (now, nil)
            } else if state.phase == .transferring {
                state.transfer?.end = now
            }
            state.phase = phase
            return phase == .transferring ? state.onTransfer : nil
        }
        onTransfer?()
    }

    /// Has `body` called when the run is about to move its first byte; nil: nothing.
    func onTransfer(_ body: (@Sendable () -> Void)?) {
        state.withLock { $0.onTransfer = body }
    }

    /// How long the run has been transferring, or did last; nil before.
    package var transferTime: Duration? {
        state.withLock { state in state.transfer.map { $0.start.duration(to: $0.end ?? .now) } }
    }

    /// Whether a new piece of work may begin; if not, the run is not whole.
    func admitsWork() -> Bool {
        state.withLock { state in
            guard state.stopped != nil else { return true }
            state.hasActed = true
            return false
        }
    }

    /// - Throws: `RunStopped` if a request has kept work from being done; one that came too late for that has no effect.
    func checkStopped() throws {
        let stopped = state.withLock { $0.hasActed ? $0.stopped : nil }
        if let stopped { throw stopped }
    }

    /// Runs `body`, and cancels it when it has not ended `grace` after a stop was asked for.
    ///
    /// - Throws: what `body` throws; `RunStopped` where it was cancelled so.
    package func run<Result: Sendable>(
        grace: Duration = grace,
        clock: some Clock<Duration> = ContinuousClock(),
        _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        let (stops, continuation) = AsyncStream<Never>.makeStream()
        let isStopping = state.withLock { state in
            state.onStop = continuation
            return state.stopped != nil
        }
        if isStopping { continuation.finish() }
        defer { state.withLock { $0.onStop = nil } }
        var isCut = false
        do {
            return try await withThrowingTaskGroup(of: Result?.self) { group in
                defer { group.cancelAll() }
                group.addTask { try await body() }
                group.addTask {
                    for await _ in stops {}
                    try await clock.sleep(for: grace)
                    return nil
                }
                while let answer = try await group.next() {
                    if let answer { return answer }
                    isCut = true
                    group.cancelAll()
                }
                throw CancellationError()
            }
        } catch {
            if isCut, !Task.isCancelled, let stopped { throw stopped }
            throw error
        }
    }
}
