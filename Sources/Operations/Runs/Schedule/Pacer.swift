package import TransferEngine

/// As slow as a deadline allows: the rate at which what is left is just done in time.
///
/// It aims at a moment a little before the end, so that the last blobs and the manifest come in time as well, and is
/// asked again every second: what falls behind is made up for at once.
package struct Pacer: Sendable, Hashable {
    /// Of the whole time, what the work may take.
    package static let share = 0.97
    /// Less would hold memory for hours; in bytes a second.
    private static let least = 64.0 * 1024

    /// In seconds, of whatever clock is asked.
    private let target: Double

    package init(from start: Double, until end: Double) {
        target = start + (end - start) * Self.share
    }

    /// The rate to keep to from `now` on.
    ///
    /// - Parameter bytesLeft: plain bytes that are to be read or fetched yet.
    package func rate(bytesLeft: Int64, at now: Double) -> DataRate {
        let time = target - now
        guard bytesLeft > 0, time > 0 else { return .unlimited }
        let rate = max(Self.least, Double(bytesLeft) / time)
        return rate < 0x1p62 ? DataRate(bytesPerSecond: Int64(rate.rounded(.up))) : .unlimited
    }
}
