internal import Synchronization

/// One rate limit shared by everything that reads a disk, or everything that uses a network.
///
/// Takers are served in the order they came: each stands at a position in one long stream of bytes, and may go when
/// the allowance, which grows with time at the current rate, has reached it. A change of rate is felt within
/// `reviewInterval` by those who wait already. Tasks wait in `take`; who cannot wait, such as a callback, has an
/// `Allowance`, and stands in the same line.
package final class TokenBucket: Sendable {
    private struct State {
        var rate: DataRate
        /// Bytes handed out or promised so far.
        var position = 0.0
        /// Bytes that `take` was asked for, with a limit or without.
        var taken: Int64 = 0
        /// Bytes that may have been used by `time`.
        var allowance = 0.0
        var time: Duration
    }

    /// How long a waiter sleeps at most before it looks at the rate again.
    private static let reviewInterval = Duration.milliseconds(100)
    /// Allowance saved up while nobody takes: the longest burst.
    private static let burst = Duration.milliseconds(100)

    /// A stretch of the stream that one taker has to itself, handed out from its start as time goes by.
    struct Place: Sendable {
        /// The first byte that was not handed out yet.
        fileprivate var next: Double
        fileprivate let end: Double

        var isSpent: Bool { next >= end }
    }

    /// What is handed out of a place at a time: less would be many wakings for little, more would be jerky.
    private static let step = Duration.milliseconds(10)

    /// Turns for those who take what they need step by step: two at a time.
    ///
    /// Many that share a low rate would all be halfway when a run is stopped, and what they have done so far is lost.
    private let turns = Slots(2)
    private let state: ThreadLock<State>
    private let hasLimit: Atomic<Bool>
    private let now: @Sendable () -> Duration
    private let sleep: @Sendable (Duration) async throws -> Void

    package init<C: Clock>(_ rate: DataRate, clock: C = ContinuousClock()) where C.Duration == Duration {
        let start = clock.now
        now = { start.duration(to: clock.now) }
        sleep = { try await clock.sleep(for: $0) }
        state = ThreadLock(State(rate: rate, time: .zero))
        hasLimit = Atomic(rate != .unlimited)
    }

    /// Whether nobody has to wait; asked without a lock.
    package var isUnlimited: Bool { !hasLimit.load(ordering: .relaxed) }

    /// The limit now; may be changed at any time.
    package var rate: DataRate {
        get { state.withLock { $0.rate } }
        set {
            let now = now()
            state.withLock { state in
                Self.advance(&state, to: now)
                state.rate = newValue
                hasLimit.store(newValue != .unlimited, ordering: .relaxed)
            }
        }
    }

    /// Bytes that tasks have taken so far, those included that wait for theirs.
    package var taken: Int64 { state.withLock { $0.taken } }

    /// What to take at a time for an even flow: `most` bytes, or less where the limit is so low that they would last for
    /// more than a twentieth of a second.
    package func step(upTo most: Int) -> Int {
        guard let rate = rate.bytesPerSecond else { return most }
        return max(4096, Int(min(Int64(most), rate / 20)))
    }

    /// Waits for a turn, where there is a limit.
    ///
    /// - Returns: whether there is a turn to be given back by `endTurn`.
    /// - Throws: `CancellationError`; there is none then.
    package func beginTurn() async throws -> Bool {
        guard !isUnlimited else { return false }
        try await turns.wait()
        return true
    }

    package func endTurn() { turns.signal() }

    /// Waits until `bytes` more may be used.
    ///
    /// - Throws: `CancellationError`; the bytes then count as used.
    package func take(_ bytes: Int) async throws {
        let start = now()
        let position = state.withLock { state -> Double? in
            Self.advance(&state, to: start)
            state.taken += Int64(bytes)
            guard state.rate.bytesPerSecond != nil else { return nil }
            state.position += Double(bytes)
            return state.position
        }
        guard let position else { return }
        while true {
            let time = now()
            let wait = state.withLock { state -> Duration in
                Self.advance(&state, to: time)
                guard let rate = state.rate.bytesPerSecond, state.allowance < position else { return .zero }
                return min(.seconds((position - state.allowance) / Double(rate)), Self.reviewInterval)
            }
            guard wait > .zero else { return }
            try await sleep(wait)
        }
    }

    /// Takes a place at the end of the line.
    ///
    /// - Parameters:
    ///   - bytes: how many it is for at most.
    ///   - least: how many at least.
    func reserve(upTo bytes: Int, atLeast least: Int) -> Place {
        let time = now()
        return state.withLock { state in
            Self.advance(&state, to: time)
            let count = min(bytes, max(least, Self.step(at: state.rate)))
            let start = state.position
            state.position += Double(count)
            return Place(next: start, end: state.position)
        }
    }

    /// Hands out what has come due of a place: a step of it, or all the rest, but never less than `least`; or nothing,
    /// and how long to wait before asking again.
    func claim(_ place: inout Place, atLeast least: Int) -> (bytes: Int, wait: Duration) {
        let time = now()
        let (next, end) = (place.next, place.end)
        let (bytes, wait) = state.withLock { state -> (Int, Duration) in
            Self.advance(&state, to: time)
            let rest = Int(end - next)
            let wanted = min(rest, max(least, Self.step(at: state.rate)))
            let due = Int((min(end, state.allowance) - next).rounded(.down))
            guard due < wanted, let rate = state.rate.bytesPerSecond else {
                return (min(rest, max(due, wanted)), .zero)
            }
            let missing = Double(wanted) - (state.allowance - next)
            return (0, min(.seconds(missing / Double(rate)), Self.reviewInterval))
        }
        place.next += Double(bytes)
        return (bytes, wait)
    }

    /// Bytes.
    private static func step(at rate: DataRate) -> Int {
        guard let rate = rate.bytesPerSecond else { return .max }
        return max(1, Int(Double(rate) * (step / .seconds(1))))
    }

    private static func advance(_ state: inout State, to now: Duration) {
        let elapsed = (now - state.time) / Duration.seconds(1)
        state.time = now
        guard let rate = state.rate.bytesPerSecond else {
            state.allowance = state.position
            return
        }
        state.allowance += elapsed * Double(rate)
        let most = state.position + (burst / .seconds(1)) * Double(rate)
        state.allowance = min(state.allowance, most)
    }
}
