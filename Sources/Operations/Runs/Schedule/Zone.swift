package import SystemPackage
internal import TransferEngine

/// A place's time: how far its clocks are from UTC at any moment, as the system's zoneinfo has it.
///
/// Read from TZif files (RFC 8536), version 2 and up, and their rule for the years after; Foundation would bring ICU.
package struct Zone: Sendable, Hashable {
    package static let utc = Zone(name: "UTC", times: [], offsets: [0], rule: nil)

    /// `Europe/Berlin`; of the system's own zone, `local`.
    package let name: String
    /// Moments in seconds since 1970, ascending, at which the next of `offsets` begins.
    private let times: [Int64]
    /// Seconds east of UTC; one more than `times`.
    private let offsets: [Int]
    /// For what comes after the last of `times`.
    private let rule: ZoneRule?

    private init(name: String, times: [Int64], offsets: [Int], rule: ZoneRule?) {
        self.name = name
        self.times = times
        self.offsets = offsets
        self.rule = rule
    }

    /// Reads the zone of that name; blocks.
    ///
    /// - Returns: nil if the system has none.
    package init?(named name: String, in directory: FilePath = "/usr/share/zoneinfo") {
        if name == "UTC" || name == "Z" {
            self = .utc
            return
        }
        let parts = name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard (1...3).contains(parts.count), parts.allSatisfy(StateDirectory.isName) else { return nil }
        self.init(name: name, at: parts.reduce(directory) { $0.appending($1) })
    }

    /// The zone of this machine, of `TZ` or `/etc/localtime`; UTC where there is none.
    package static func local(environment: [String: String]) -> Zone {
        if let name = environment["TZ"], !name.isEmpty {
            let plain = name.hasPrefix(":") ? String(name.dropFirst()) : name
            if let zone = plain.hasPrefix("/") ? Zone(name: "local", at: FilePath(plain)) : Zone(named: plain) {
                return zone
            }
            if let rule = ZoneRule(plain) { return Zone(name: "local", times: [], offsets: [], rule: rule) }
        }
        return Zone(name: "local", at: "/etc/localtime") ?? .utc
    }

    private init?(name: String, at path: FilePath) {
        guard let bytes = try? SmallFile.bytes(of: path, followingLinks: true) else { return nil }
        self.init(name: name, bytes)
    }

    /// - Parameter bytes: of a TZif file.
    package init?(name: String, _ bytes: [UInt8]) {
        var reader = TZifReader(bytes)
        guard let first = reader.header() else { return nil }
        reader.skip(first, timeSize: 4)
        guard let header = reader.header(), let body = reader.body(header) else { return nil }
        self.init(name: name, times: body.times, offsets: body.offsets, rule: ZoneRule(reader.footer()))
    }

    /// Seconds east of UTC at `time`, in seconds since 1970.
    package func offset(at time: Int64) -> Int {
        guard let last = times.last else { return rule?.offset(at: time) ?? offsets.first ?? 0 }
        if time >= last, let rule { return rule.offset(at: time) }
        var (low, high) = (0, times.count)
        while low < high {
            let middle = (low + high) / 2
            if times[middle] <= time { low = middle + 1 } else { high = middle }
        }
        return offsets[low]
    }

    /// The first moment after `time` at which clocks show that second of a day.
    package func next(second: Int, after time: Int64) -> Int64 {
        let today = CivilDay(at: time + Int64(offset(at: time))).number
        for day in today... {
            let moment = moment(day: day, second: second)
            if moment > time { return moment }
        }
        preconditionFailure("days never end")
    }

    /// The moment at which clocks show that time of that day.
    ///
    /// Where they show it twice, the first; where they leap over it, the moment of the leap.
    ///
    /// - Parameters:
    ///   - day: days since 1 January 1970.
    ///   - second: after midnight.
    package func moment(day: Int, second: Int) -> Int64 {
        let wall = Int64(day) * 86_400 + Int64(second)
        // Offsets are less than a day: of the two that hold around then, each may give an answer.
        let around = [offset(at: wall - 86_400), offset(at: wall + 86_400)]
        let fitting = Set(around).map { wall - Int64($0) }.filter { Int64(offset(at: $0)) == wall - $0 }
        if let first = fitting.min() { return first }
        // Nobody's clock shows it: the earliest moment whose clock shows more.
        var (low, high) = (wall - 86_400 * 2, wall + 86_400 * 2)
        while low < high {
            let middle = low + (high - low) / 2
            if middle + Int64(offset(at: middle)) >= wall { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

/// The parts of a TZif file, each checked for its length.
private struct TZifReader {
    struct Header {
        let version: UInt8
        /// Of UT/local indicators, standard/wall indicators, leap seconds, transitions, types, characters.
        let counts: [Int]
    }

    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func header() -> Header? {
        guard bytes.count - position >= 44, bytes[position..<position + 4].elementsEqual("TZif".utf8),
            bytes[position + 4] >= UInt8(ascii: "2")
        else { return nil }
        let counts = (0..<6).map { Int(number(at: position + 20 + 4 * $0, size: 4)) }
        defer { position += 44 }
        guard counts.allSatisfy({ (0...100_000).contains($0) }), counts[4] > 0 else { return nil }
        return Header(version: bytes[position + 4], counts: counts)
    }

    private func size(_ header: Header, timeSize: Int) -> Int {
        let counts = header.counts
        return counts[3] * (timeSize + 1) + counts[4] * 6 + counts[5] + counts[2] * (timeSize + 4) + counts[1]
            + counts[0]
    }

    mutating func skip(_ header: Header, timeSize: Int) { position += size(header, timeSize: timeSize) }

    mutating func body(_ header: Header) -> (times: [Int64], offsets: [Int])? {
        let (transitions, types) = (header.counts[3], header.counts[4])
        guard size(header, timeSize: 8) <= bytes.count - position else { return nil }
        let times = (0..<transitions).map { number(at: position + 8 * $0, size: 8) }
        let indices = (0..<transitions).map { Int(bytes[position + 8 * transitions + $0]) }
        let start = position + 9 * transitions
        let found = (0..<types).map { Int(number(at: start + 6 * $0, size: 4)) }
        guard indices.allSatisfy({ $0 < types }), zip(times, times.dropFirst()).allSatisfy({ $0 < $1 }),
            found.allSatisfy({ abs($0) < 86_400 * 2 })
        else { return nil }
        skip(header, timeSize: 8)
        return (times, [found[0]] + indices.map { found[$0] })
    }

    /// Between two newlines at the end; empty if there is none.
    func footer() -> String {
        guard position < bytes.count, bytes[position] == 0x0A else { return "" }
        return String(decoding: bytes[(position + 1)...].prefix { $0 != 0x0A }, as: UTF8.self)
    }

    private func number(at place: Int, size: Int) -> Int64 {
        let value = (0..<size).reduce(UInt64(0)) { $0 << 8 | UInt64(bytes[place + $1]) }
        return size == 4 ? Int64(Int32(truncatingIfNeeded: value)) : Int64(bitPattern: value)
    }
}
