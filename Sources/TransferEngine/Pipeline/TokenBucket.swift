/// One rate limit shared by everything that reads a disk, or everything that uses a network.
///
/// Takers are served in the order they came: each stands at a position in one long stream of bytes, and may go when
/// the allowance, which grows with time at the current rate, has reached it. A change of rate is felt within
/// `reviewInterval` by those who wait already.
package final class TokenBucket: Sendable {
    private struct State {
        var rate: DataRate
        /// Bytes handed out or promised so far.
        var position = 0.0
        /// Bytes that may have been used by `time`.
        var allowance = 0.0
        var time: Duration
    }

    /// How long a waiter sleeps at most before it looks at the rate again.
    private static let reviewInterval = Duration.milliseconds(100)
    /// Allowance saved up while nobody takes: the longest burst.
    private static let burst = Duration.milliseconds(100)

    private let state: ThreadLock<State>
    private let now: @Sendable () -> Duration
    private let sleep: @Sendable (Duration) async throws -> Void

    package init<C: Clock>(_ rate: DataRate, clock: C = ContinuousClock()) where C.Duration == Duration {
        let start = clock.now
        now = { start.duration(to: clock.now) }
        sleep = { try await clock.sleep(for: $0) }
        state = ThreadLock(State(rate: rate, time: .zero))
    }

    /// The limit now; may be changed at any time.
    package var rate: DataRate {
        get { state.withLock { $0.rate } }
        set {
            let now = now()
            state.withLock { state in
                Self.advance(&state, to: now)
                state.rate = newValue
            }
        }
    }

    /// Waits until `bytes` more may be used.
    ///
    /// - Throws: `CancellationError`; the bytes then count as used.
    package func take(_ bytes: Int) async throws {
        let start = now()
        let position = state.withLock { state -> Double? in
            Self.advance(&state, to: start)
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
