/// The day of a moment in UTC, by the Gregorian calendar.
///
/// Computed here: what retention decides must not depend on a machine's zone, locale or calendar.
struct CalendarDay: Hashable {
    let year: Int
    let month: Int
    let day: Int
    /// Days since 1970-01-01.
    let number: Int64

    /// The day of a moment, in UTC.
    ///
    /// Source: https://howardhinnant.github.io/date_algorithms.html#civil_from_days
    init(_ moment: Timestamp) {
        number = Self.floored(moment.seconds, by: 86400)
        let shifted = number + 719_468
        let era = Self.floored(shifted, by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = Int(dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
        month = Int(shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9)
        year = Int(yearOfEra + era * 400) + (month <= 2 ? 1 : 0)
    }

    /// Weeks since the one of 1970-01-01, from Monday to Sunday as ISO 8601 has them.
    var week: Int64 { Self.floored(number + 3, by: 7) }

    private static func floored(_ value: Int64, by divisor: Int64) -> Int64 {
        value >= 0 ? value / divisor : -((-value + divisor - 1) / divisor)
    }
}
