internal import Glibc

/// The time of day, for signatures and for the end of credentials; tests have one of their own.
package struct WallClock: Sendable {
    /// Seconds since 1970, UTC.
    package let now: @Sendable () -> Int64

    package init(now: @escaping @Sendable () -> Int64) {
        self.now = now
    }

    package static let system = WallClock { Int64(time(nil)) }
}
