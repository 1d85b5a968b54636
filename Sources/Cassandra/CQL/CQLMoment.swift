/// A `timestamp` as `SELECT JSON` writes it: `2026-11-20 23:21:25.819Z`, in UTC.
enum CQLMoment {
    /// Milliseconds since 1970; nil for another form.
    ///
    /// Years beyond four digits have a sign: a column that never comes back was dropped in `+294247-01-10`.
    static func milliseconds(_ text: String) -> Int64? {
        guard text.hasSuffix("Z") else { return nil }
        let parts = text.dropLast().split(separator: " ")
        guard parts.count == 2 else { return nil }
        let isNegative = parts[0].hasPrefix("-")
        let date = parts[0].drop { $0 == "+" || $0 == "-" }.split(separator: "-").map { Int64($0) }
        let fields = parts[1].split(separator: ":")
        guard date.count == 3, fields.count == 3, let year = date[0], let month = date[1], let day = date[2],
            let hour = Int64(fields[0]), let minute = Int64(fields[1]), (1...12).contains(month),
            (1...31).contains(day), year < 1_000_000
        else { return nil }
        let seconds = fields[2].split(separator: ".")
        guard let second = Int64(seconds[0]), seconds.count <= 2 else { return nil }
        var fraction: Int64 = 0
        if seconds.count == 2 {
            guard seconds[1].utf8.count <= 3, let digits = Int64(seconds[1]) else { return nil }
            fraction = digits * [100, 10, 1][seconds[1].utf8.count - 1]
        }
        let days = days(isNegative ? -year : year, month, day)
        return (((days * 24 + hour) * 60 + minute) * 60 + second) * 1000 + fraction
    }

    /// Days since 1970-01-01 in the proleptic Gregorian calendar.
    ///
    /// Years begin in March, so that the leap day is the last; an era is 400 of them.
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}
