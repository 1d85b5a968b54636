/// An SSTable's id of Cassandra 4.1 and later: a UUID of version 1 as 28 characters, `3h5o_1s2i_1jaqy2hq62c8bojz0c`.
///
/// In base 36 and padded with zeros: the days, the seconds of the day and the rest in units of 100 ns of the UUID's time, which
/// begins on 1582-10-15; then its lower 64 bits. Source: org.apache.cassandra.io.sstable.UUIDBasedSSTableId, 4.1 and 5.0.
package struct SSTableTimeID: Sendable, Hashable {
    private static let ticksPerSecond: UInt64 = 10_000_000
    private static let secondsPerDay: UInt64 = 86_400
    /// From the beginning of the UUID's time to 1970, in 100 ns.
    ///
    /// Source: RFC 9562, 6.1.
    private static let unixEpoch: UInt64 = 0x01B2_1DD2_1381_4000

    /// In 100 ns since 1582-10-15; 60 bits.
    package let ticks: UInt64
    /// Variant, clock sequence and node.
    package let lowerBits: UInt64

    package init(ticks: UInt64, lowerBits: UInt64) {
        self.ticks = ticks
        self.lowerBits = lowerBits
    }

    /// Of a moment, and otherwise random, so that it is no other's.
    ///
    /// - Parameter nanoseconds: since 1970.
    package init(nanoseconds: Int64) {
        ticks = Self.unixEpoch + UInt64(max(0, nanoseconds)) / 100
        // RFC 9562: variant 10 above; a node that is random is marked by the bit of multicast addresses.
        lowerBits = UInt64.random(in: 0...UInt64.max) & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0100_0000_0000
    }

    /// Nil unless `text` is such an id.
    package init?(_ text: String) {
        let groups = text.utf8.split(separator: UInt8(ascii: "_"), omittingEmptySubsequences: false)
        guard groups.map(\.count) == [4, 4, 18] else { return nil }
        func number(_ digits: Substring.UTF8View) -> UInt64? { UInt64(Substring(digits), radix: 36) }
        guard let days = number(groups[0]), let seconds = number(groups[1]), let rest = number(groups[2].prefix(5)),
            let lower = number(groups[2].dropFirst(5)), seconds < Self.secondsPerDay, rest < Self.ticksPerSecond
        else { return nil }
        ticks = (days * Self.secondsPerDay + seconds) * Self.ticksPerSecond + rest
        lowerBits = lower
    }

    package var text: String {
        let seconds = ticks / Self.ticksPerSecond
        return [
            Self.digits(seconds / Self.secondsPerDay, 4), "_", Self.digits(seconds % Self.secondsPerDay, 4), "_",
            Self.digits(ticks % Self.ticksPerSecond, 5), Self.digits(lowerBits, 13),
        ].joined()
    }

    private static func digits(_ number: UInt64, _ width: Int) -> String {
        let text = String(number, radix: 36)
        return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
    }
}
