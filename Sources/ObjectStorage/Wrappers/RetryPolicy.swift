/// How often and after which waits a request that failed for a passing reason is made again.
package struct RetryPolicy: Sendable, Hashable {
    /// Requests in all, the first one included.
    package var attempts = 10
    /// Attempts that a throttled request has besides, and that wait for nothing but what the store asks for:
    /// `BrakedStore` has them stand in line.
    package var promptAttempts = 5
    /// Ceiling of the first wait; it doubles with each attempt.
    package var base = Duration.milliseconds(200)
    /// Ceiling of every wait.
    package var most = Duration.seconds(20)
    /// A store that asks for a longer wait than this is not believed.
    package var mostAsked = Duration.seconds(60)

    package init() {}

    /// Whether there is one more attempt after `attempt`, which failed with `error`.
    package func allowsAttempt(after attempt: Int, _ error: StoreError) -> Bool {
        error.isTransient && attempt < (error.code == .throttled ? promptAttempts + attempts : attempts)
    }

    /// How long to wait before the attempt after `attempt`, which failed with `error`.
    package func delay(after attempt: Int, _ error: StoreError, jitter: Double = .random(in: 0..<1)) -> Duration {
        guard error.code == .throttled else {
            return delay(after: attempt, retryAfter: error.retryAfter, jitter: jitter)
        }
        guard attempt > promptAttempts else { return min(error.retryAfter ?? .zero, mostAsked) }
        return delay(after: attempt - promptAttempts, retryAfter: error.retryAfter, jitter: jitter)
    }

    /// "Full jitter": anything from nothing to the ceiling, so that clients do not come back together.
    ///
    /// Ceilings with the defaults: 0.2 s, 0.4 s, 0.8 s, 1.6 s, 3.2 s, 6.4 s, 12.8 s, 20 s, 20 s: 65 s in all, half of it
    /// on the average.
    ///
    /// - Parameter retryAfter: what the store asks for; never less than that, within `mostAsked`.
    /// https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
    package func delay(
        after attempt: Int,
        retryAfter: Duration? = nil,
        jitter: Double = .random(in: 0..<1)
    ) -> Duration {
        let ceiling = min(most, base * Double(1 << min(attempt - 1, 20)))
        return max(ceiling * jitter, min(retryAfter ?? .zero, mostAsked))
    }
}

extension Duration {
    fileprivate static func * (left: Duration, right: Double) -> Duration { .seconds(left / .seconds(1) * right) }
}
