/// A moment in UTC to the second, in the forms that the services read and write.
struct UTCTime: Sendable, Hashable {
    let seconds: Int64

    init(_ seconds: Int64) { self.seconds = seconds }

    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]

    // MARK: Writing

    /// As in `20261120T210000Z`.
    var basic: String {
        let (year, month, day) = date
        return Self.pad(year, 4) + Self.pad(month) + Self.pad(day) + "T" + clock(":").filter { $0 != ":" } + "Z"
    }

    /// As in `2026-11-20T21:00:00.000Z`, or without the fraction.
    func extended(fraction: String = ".000") -> String {
        let (year, month, day) = date
        return "\(Self.pad(year, 4))-\(Self.pad(month))-\(Self.pad(day))T\(clock(":"))\(fraction)Z"
    }

    /// As in `Fri, 20 Nov 2026 21:00:00 GMT`.
    var http: String {
        let (year, month, day) = date
        let name = Self.days[Int((dayNumber % 7 + 7) % 7)]
        return "\(name), \(Self.pad(day)) \(Self.months[Int(month) - 1]) \(Self.pad(year, 4)) \(clock(":")) GMT"
    }

    // MARK: Reading

    /// - Parameter basic: exactly of the form `20261120T210000Z`.
    init?(basic: String) {
        let text = Array(basic.utf8)
        guard text.count == 16 else { return nil }
        self.init(
            year: text[0..<4],
            month: text[4..<6],
            day: text[6..<8],
            text[9..<11],
            text[11..<13],
            text[13..<15]
        )
        guard self.basic == basic else { return nil }
    }

    /// - Parameter extended: `2026-11-20`, `2026-11-20T21:00Z`, `2026-11-20T21:00:00Z`, with a fraction of 0s or not.
    init?(extended: String) {
        var text = Array(extended.utf8)
        if text.count == 10 { text += Array("T00:00:00Z".utf8) }
        if text.count == 17 { text = text[..<16] + Array(":00Z".utf8) }
        guard text.count >= 20, text.last == UInt8(ascii: "Z") else { return nil }
        self.init(
            year: text[0..<4],
            month: text[5..<7],
            day: text[8..<10],
            text[11..<13],
            text[14..<16],
            text[17..<19]
        )
        guard self.extended(fraction: "").utf8.dropLast().elementsEqual(text[..<19]) else { return nil }
    }

    /// - Parameter http: exactly of the form `Fri, 20 Nov 2026 21:00:00 GMT`.
    init?(http: String) {
        let text = Array(http.utf8)
        guard text.count == 29, let month = Self.months.firstIndex(of: String(decoding: text[8..<11], as: UTF8.self))
        else { return nil }
        self.init(
            year: text[12..<16],
            month: Array("\(month + 1)".utf8)[...],
            day: text[5..<7],
            text[17..<19],
            text[20..<22],
            text[23..<25]
        )
        guard self.http == http else { return nil }
    }

    private init?(
        year: ArraySlice<UInt8>,
        month: ArraySlice<UInt8>,
        day: ArraySlice<UInt8>,
        _ clock: ArraySlice<UInt8>...
    ) {
        let numbers = ([year, month, day] + clock).map { Int64(String(decoding: $0, as: UTF8.self)) ?? -1 }
        guard numbers.allSatisfy({ $0 >= 0 }), (1...12).contains(numbers[1]) else { return nil }
        seconds =
            Self.dayNumber(numbers[0], numbers[1], numbers[2]) * 86_400 + numbers[3] * 3600 + numbers[4] * 60
            + numbers[5]
    }

    // MARK: The calendar

    private var dayNumber: Int64 { (seconds - (seconds % 86_400 + 86_400) % 86_400) / 86_400 }

    /// Of the Gregorian calendar, by eras of 400 years that begin in March.
    private var date: (year: Int64, month: Int64, day: Int64) {
        let shifted = dayNumber + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    private static func dayNumber(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private func clock(_ separator: String) -> String {
        let second = seconds - dayNumber * 86_400
        return [second / 3600, second / 60 % 60, second % 60].map { Self.pad($0) }.joined(separator: separator)
    }

    private static func pad(_ value: Int64, _ width: Int = 2) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
}
