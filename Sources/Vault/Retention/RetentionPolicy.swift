/// Which complete backups of a cluster are kept: those that any of its rules wants.
///
/// A rule for hours, days, weeks, months or years goes through the backups from the newest to the oldest and keeps the
/// last of each period that has one, until it has kept as many as it may. Periods without a backup do not count. Time is
/// `backup.json`'s `started`, in UTC; weeks begin on Monday. `within` reaches back from the newest backup, not from now:
/// where backups have stopped, nothing expires.
package struct RetentionPolicy: Sendable, Hashable {
    /// The newest so many.
    package var last = 0
    /// Whatever is at most so much older than the newest.
    package var within: Duration?
    package var hourly = 0
    package var daily = 0
    package var weekly = 0
    package var monthly = 0
    package var yearly = 0

    package init() {}

    /// Whether nothing would be kept by it.
    package var isEmpty: Bool { self == RetentionPolicy() }

    /// Why each of the backups is kept; empty for those that are not.
    ///
    /// - Parameter moments: when each backup was started, in any order.
    /// - Returns: in the same order.
    package func reasons(_ moments: [Timestamp]) -> [[String]] {
        var reasons = moments.map { _ in [String]() }
        // The newest first; of two of the same second the later in the list.
        let order = moments.indices.sorted { (moments[$0], $0) > (moments[$1], $1) }
        for index in order.prefix(max(0, last)) { reasons[index].append("last") }
        if let within, let newest = order.first {
            let seconds = within.components.seconds
            for index in order where moments[newest].seconds - moments[index].seconds <= seconds {
                reasons[index].append("within")
            }
        }
        keep("hourly", hourly, order, moments, &reasons) { [$0.seconds.flooredHour] }
        keep("daily", daily, order, moments, &reasons) { [CalendarDay($0).number] }
        keep("weekly", weekly, order, moments, &reasons) { [CalendarDay($0).week] }
        keep("monthly", monthly, order, moments, &reasons) {
            [Int64(CalendarDay($0).year), Int64(CalendarDay($0).month)]
        }
        keep("yearly", yearly, order, moments, &reasons) { [Int64(CalendarDay($0).year)] }
        return reasons
    }

    private func keep(
        _ rule: String,
        _ most: Int,
        _ order: [Int],
        _ moments: [Timestamp],
        _ reasons: inout [[String]],
        period: (Timestamp) -> [Int64]
    ) {
        var kept = 0
        var current: [Int64]?
        for index in order where kept < most {
            let next = period(moments[index])
            guard next != current else { continue }
            current = next
            reasons[index].append(rule)
            kept += 1
        }
    }
}

extension Int64 {
    /// Hours since 1970 of so many seconds.
    fileprivate var flooredHour: Int64 { self >= 0 ? self / 3600 : -((-self + 3599) / 3600) }
}
