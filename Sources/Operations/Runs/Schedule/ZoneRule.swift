/// When a zone's clocks change, as a rule for all years: the `TZ` string of POSIX at the end of a zone's file.
///
/// `EST5EDT,M3.2.0,M11.1.0`, `<+0330>-3:30`. POSIX.1-2017, Base Definitions, section 8.3; RFC 8536, section 3.3.
struct ZoneRule: Sendable, Hashable {
    /// A day of a year, and the seconds after its midnight.
    private struct Change: Sendable, Hashable {
        enum Day: Sendable, Hashable {
            /// 1 to 365; 29 February is never counted.
            case julian(Int)
            /// 0 to 365.
            case zeroBased(Int)
            /// Weekday 0 (Sunday) to 6, of week 1 to 5 (the last) of a month.
            case weekday(month: Int, week: Int, day: Int)
        }

        let day: Day
        let time: Int
    }

    /// Seconds east of UTC.
    private let standard: Int
    private let summer: (offset: Int, begins: Change, ends: Change)?

    /// Nil for what is no such string.
    init?(_ text: some StringProtocol) {
        var rest = Substring(text).utf8
        guard Self.name(&rest), let west = Self.time(&rest) else { return nil }
        standard = -west
        if rest.isEmpty {
            summer = nil
            return
        }
        guard Self.name(&rest) else { return nil }
        var offset = standard + 3600
        if rest.first != UInt8(ascii: ",") {
            guard let west = Self.time(&rest) else { return nil }
            offset = -west
        }
        guard let begins = Self.change(&rest), let ends = Self.change(&rest), rest.isEmpty else { return nil }
        summer = (offset, begins, ends)
    }

    static func == (left: Self, right: Self) -> Bool {
        left.standard == right.standard && left.summer?.offset == right.summer?.offset
            && left.summer?.begins == right.summer?.begins && left.summer?.ends == right.summer?.ends
    }

    func hash(into hasher: inout Hasher) { hasher.combine(standard) }

    /// Seconds east of UTC at `time`, in seconds since 1970.
    func offset(at time: Int64) -> Int {
        guard let summer else { return standard }
        let year = CivilDay(at: time + Int64(standard)).year
        let begins = Self.moment(summer.begins, in: year) - Int64(standard)
        let ends = Self.moment(summer.ends, in: year) - Int64(summer.offset)
        let isSummer = begins < ends ? (begins..<ends).contains(time) : !(ends..<begins).contains(time)
        return isSummer ? summer.offset : standard
    }

    /// In seconds since 1970, by the clock on the wall.
    private static func moment(_ change: Change, in year: Int) -> Int64 {
        let first = CivilDay(year: year, month: 1, day: 1).number
        let day: Int
        switch change.day {
        case .zeroBased(let index): day = first + index
        case .julian(let index):
            let isLeap = CivilDay(year: year + 1, month: 1, day: 1).number - first == 366
            day = first + index - 1 + (isLeap && index >= 60 ? 1 : 0)
        case .weekday(let month, let week, let weekday):
            let start = CivilDay(year: year, month: month, day: 1).number
            let next =
                month == 12
                ? CivilDay(year: year + 1, month: 1, day: 1).number
                : CivilDay(year: year, month: month + 1, day: 1).number
            // 1 January 1970 was a Thursday.
            let ahead = ((weekday - (start + 4)) % 7 + 7) % 7
            var found = start + ahead + 7 * (week - 1)
            while found >= next { found -= 7 }
            day = found
        }
        return Int64(day) * 86_400 + Int64(change.time)
    }

    private static func name(_ rest: inout Substring.UTF8View) -> Bool {
        if rest.first == UInt8(ascii: "<") {
            guard let end = rest.firstIndex(of: UInt8(ascii: ">")) else { return false }
            rest = rest[rest.index(after: end)...]
            return true
        }
        let letters = rest.prefix {
            UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0 || UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0
        }
        rest = rest[letters.endIndex...]
        return letters.count >= 3
    }

    private static func number(_ rest: inout Substring.UTF8View) -> Int? {
        let digits = rest.prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
        rest = rest[digits.endIndex...]
        return digits.count <= 4 ? Int(String(decoding: digits, as: UTF8.self)) : nil
    }

    private static func skip(_ byte: UInt8, _ rest: inout Substring.UTF8View) -> Bool {
        guard rest.first == byte else { return false }
        rest = rest.dropFirst()
        return true
    }

    /// `[+-]hh[:mm[:ss]]`, in seconds.
    private static func time(_ rest: inout Substring.UTF8View) -> Int? {
        let isNegative = skip(UInt8(ascii: "-"), &rest)
        if !isNegative { _ = skip(UInt8(ascii: "+"), &rest) }
        guard let hours = number(&rest), hours <= 167 else { return nil }
        var seconds = hours * 3600
        for unit in [60, 1] {
            guard skip(UInt8(ascii: ":"), &rest) else { break }
            guard let count = number(&rest), count < 60 else { return nil }
            seconds += count * unit
        }
        return isNegative ? -seconds : seconds
    }

    /// `,M3.2.0/2`, `,J60`, `,59`; at 2 o'clock where nothing is said.
    private static func change(_ rest: inout Substring.UTF8View) -> Change? {
        guard skip(UInt8(ascii: ","), &rest) else { return nil }
        let day: Change.Day
        if skip(UInt8(ascii: "M"), &rest) {
            guard let month = number(&rest), (1...12).contains(month), skip(UInt8(ascii: "."), &rest),
                let week = number(&rest), (1...5).contains(week), skip(UInt8(ascii: "."), &rest),
                let weekday = number(&rest), (0...6).contains(weekday)
            else { return nil }
            day = .weekday(month: month, week: week, day: weekday)
        } else if skip(UInt8(ascii: "J"), &rest) {
            guard let index = number(&rest), (1...365).contains(index) else { return nil }
            day = .julian(index)
        } else {
            guard let index = number(&rest), (0...365).contains(index) else { return nil }
            day = .zeroBased(index)
        }
        guard skip(UInt8(ascii: "/"), &rest) else { return Change(day: day, time: 7200) }
        return time(&rest).map { Change(day: day, time: $0) }
    }
}
