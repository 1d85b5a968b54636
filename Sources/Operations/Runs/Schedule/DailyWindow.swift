/// Hours of every day in which a run may work: `01:00-05:00`, `22:00-04:30@Europe/Berlin`.
///
/// From the moment the place's clocks show the first time until they next show the second, also across midnight; on
/// days when clocks change it is longer or shorter than on others.
package struct DailyWindow: Sendable, Hashable {
    /// Seconds after midnight.
    package let start: Int
    package let end: Int
    package let zone: Zone

    /// Nil unless the times are two that differ.
    ///
    /// - Parameter text: `01:00-05:00`, without a zone.
    package init?(_ text: some StringProtocol, zone: Zone) {
        let times = text.split(separator: "-", omittingEmptySubsequences: false)
        guard times.count == 2, let start = Self.time(times[0]), let end = Self.time(times[1]), start != end else {
            return nil
        }
        self.start = start
        self.end = end
        self.zone = zone
    }

    /// `05:00`, `5:00`, `24:00` as the end of a day: seconds after midnight.
    package static func time(_ text: some StringProtocol) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, (1...2).contains(parts[0].utf8.count), parts[1].utf8.count == 2,
            parts.allSatisfy({ $0.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } }),
            let hour = Int(parts[0]), let minute = Int(parts[1]), minute < 60,
            hour < 24 || (hour == 24 && minute == 0)
        else { return nil }
        return hour * 3600 + minute * 60
    }

    /// The window that holds at `time`, or the next one, in seconds since 1970.
    package func occurrence(at time: Int64) -> Range<Int64> {
        let today = CivilDay(at: time + Int64(zone.offset(at: time))).number
        // The one that began yesterday may still hold. Where clocks leap over a whole window there is none that day.
        for day in (today - 1)... {
            let begins = zone.moment(day: day, second: start)
            let ends = zone.moment(day: start < end ? day : day + 1, second: end)
            if begins < ends, time < ends { return begins..<ends }
        }
        preconditionFailure("days never end")
    }
}
