/// A clock that only goes forward, also while the machine sleeps: what a process measures its own haste by.
///
/// Its readings mean nothing to another process, and nothing else is decided by a local clock.
package struct MonotonicClock: Sendable {
    private let reading: @Sendable () -> Duration

    /// - Parameter reading: time since some moment that stays the same.
    package init(_ reading: @escaping @Sendable () -> Duration) { self.reading = reading }

    /// The machine's: CLOCK_BOOTTIME on Linux.
    package static let machine: MonotonicClock = {
        let start = ContinuousClock.now
        return MonotonicClock { start.duration(to: .now) }
    }()

    /// Time since some moment that stays the same.
    package var now: Duration { reading() }
}
