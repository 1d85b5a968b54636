import FoundationEssentials
import Operations
import SystemPackage
import TestSupport
import Testing
import TransferEngine

@Suite struct `A zone` {
    private static func seconds(_ text: String) throws -> Int64 {
        Int64(try Date(text, strategy: .iso8601).timeIntervalSince1970)
    }

    @Test(arguments: [
        ("Europe/Berlin", "2026-01-15T12:00:00Z", 3600), ("Europe/Berlin", "2026-07-15T12:00:00Z", 7200),
        ("Europe/Berlin", "2026-03-29T00:59:59Z", 3600), ("Europe/Berlin", "2026-03-29T01:00:00Z", 7200),
        ("Europe/Berlin", "2026-10-25T00:59:59Z", 7200), ("Europe/Berlin", "2026-10-25T01:00:00Z", 3600),
        ("Europe/Berlin", "2071-07-01T00:00:00Z", 7200), ("Europe/Berlin", "2071-12-01T00:00:00Z", 3600),
        ("Europe/Berlin", "1975-07-01T00:00:00Z", 3600),
        ("America/New_York", "2026-03-08T06:59:59Z", -18000), ("America/New_York", "2026-03-08T07:00:00Z", -14400),
        ("America/New_York", "2050-11-06T05:59:59Z", -14400), ("America/New_York", "2050-11-06T06:00:00Z", -18000),
        ("Asia/Kolkata", "2026-06-01T00:00:00Z", 19800), ("Asia/Kathmandu", "2060-06-01T00:00:00Z", 20700),
        ("Australia/Sydney", "2026-01-01T00:00:00Z", 39600), ("Australia/Sydney", "2055-06-01T00:00:00Z", 36000),
        ("America/Sao_Paulo", "2055-01-01T00:00:00Z", -10800), ("UTC", "2026-06-01T00:00:00Z", 0),
        ("Africa/Casablanca", "2026-06-01T00:00:00Z", 3600), ("Europe/Dublin", "2045-01-01T00:00:00Z", 0),
        ("Europe/Dublin", "2045-07-01T00:00:00Z", 3600), ("America/Nuuk", "2050-07-01T00:00:00Z", -3600),
    ])
    func `is as far from UTC as its clocks are`(name: String, time: String, offset: Int) throws {
        let zone = try #require(Zone(named: name))
        #expect(zone.offset(at: try Self.seconds(time)) == offset)
    }

    @Test(arguments: [
        "", "Mars/Base", "../etc/passwd", "/etc/localtime", "Europe", "zone.tab", "a/b/c/d", "Europe/../UTC",
    ])
    func `that the system does not have is none`(name: String) {
        #expect(Zone(named: name) == nil)
    }

    @Test(arguments: [
        ("EST5EDT,M3.2.0,M11.1.0", "2030-07-01T00:00:00Z", -14400),
        ("EST5EDT,M3.2.0,M11.1.0", "2030-01-01T00:00:00Z", -18000),
        ("<+0330>-3:30", "2030-01-01T00:00:00Z", 12600), ("NZST-12NZDT,M9.5.0,M4.1.0/3", "2030-01-01T00:00:00Z", 46800),
        ("NZST-12NZDT,M9.5.0,M4.1.0/3", "2030-06-01T00:00:00Z", 43200),
        ("XXX3YYY,J60,J61", "2028-03-01T12:00:00Z", -7200), ("XXX3YYY,59,60", "2028-02-29T12:00:00Z", -7200),
    ])
    func `follows the rule of TZ`(rule: String, time: String, offset: Int) throws {
        #expect(Zone.local(environment: ["TZ": rule]).offset(at: try Self.seconds(time)) == offset)
    }

    @Test func `is nothing where its file is cut or no such file`() throws {
        let bytes = try SmallFile.bytes(of: "/usr/share/zoneinfo/Europe/Berlin", followingLinks: true)
        #expect(Zone(name: "x", bytes) != nil)
        for count in stride(from: 0, to: bytes.count - 60, by: 7) {
            #expect(Zone(name: "x", Array(bytes.prefix(count))) == nil)
        }
        var generator = SeededGenerator(5)
        for _ in 0..<2000 {
            var changed = bytes
            changed[Int.random(in: 0..<bytes.count, using: &generator)] = .random(in: 0...255, using: &generator)
            // Anything but a crash.
            _ = Zone(name: "x", changed)?.offset(at: .random(in: -4_000_000_000...8_000_000_000, using: &generator))
        }
    }
}

@Suite struct `A daily window` {
    private func window(_ text: String, _ zone: String) throws -> DailyWindow {
        let place = try #require(Zone(named: zone))
        return try #require(DailyWindow(text, zone: place))
    }

    private func text(_ range: Range<Int64>) -> [String] {
        [range.lowerBound, range.upperBound].map { Date(timeIntervalSince1970: Double($0)).formatted(.iso8601) }
    }

    @Test(arguments: [
        // Before, in, at the end of, and after it.
        ("01:00-05:00", "UTC", "2026-11-21T00:00:00Z", ["2026-11-21T01:00:00Z", "2026-11-21T05:00:00Z"]),
        ("01:00-05:00", "UTC", "2026-11-21T01:00:00Z", ["2026-11-21T01:00:00Z", "2026-11-21T05:00:00Z"]),
        ("01:00-05:00", "UTC", "2026-11-21T04:59:59Z", ["2026-11-21T01:00:00Z", "2026-11-21T05:00:00Z"]),
        ("01:00-05:00", "UTC", "2026-11-21T05:00:00Z", ["2026-11-22T01:00:00Z", "2026-11-22T05:00:00Z"]),
        // Across midnight.
        ("22:00-04:30", "UTC", "2026-11-21T23:00:00Z", ["2026-11-21T22:00:00Z", "2026-11-22T04:30:00Z"]),
        ("22:00-04:30", "UTC", "2026-11-22T03:00:00Z", ["2026-11-21T22:00:00Z", "2026-11-22T04:30:00Z"]),
        ("22:00-04:30", "UTC", "2026-11-22T12:00:00Z", ["2026-11-22T22:00:00Z", "2026-11-23T04:30:00Z"]),
        ("20:00-24:00", "UTC", "2026-11-22T23:59:59Z", ["2026-11-22T20:00:00Z", "2026-11-23T00:00:00Z"]),
        // Clocks go forward at 02:00, and back at 03:00.
        ("01:00-05:00", "Europe/Berlin", "2026-03-28T12:00:00Z", ["2026-03-29T00:00:00Z", "2026-03-29T03:00:00Z"]),
        ("01:00-05:00", "Europe/Berlin", "2026-10-24T12:00:00Z", ["2026-10-24T23:00:00Z", "2026-10-25T04:00:00Z"]),
        // A time that no clock shows is the moment of the leap; one that is shown twice is the first.
        ("02:30-05:00", "Europe/Berlin", "2026-03-28T12:00:00Z", ["2026-03-29T01:00:00Z", "2026-03-29T03:00:00Z"]),
        ("01:00-02:30", "Europe/Berlin", "2026-10-24T12:00:00Z", ["2026-10-24T23:00:00Z", "2026-10-25T00:30:00Z"]),
        // Leapt over as a whole: the next day's.
        ("02:10-02:50", "Europe/Berlin", "2026-03-28T12:00:00Z", ["2026-03-30T00:10:00Z", "2026-03-30T00:50:00Z"]),
        ("22:00-04:00", "America/New_York", "2026-11-01T05:30:00Z", ["2026-11-01T02:00:00Z", "2026-11-01T09:00:00Z"]),
    ])
    func `is when the clocks of its place say so`(hours: String, zone: String, now: String, expected: [String]) throws {
        let time = Int64(try Date(now, strategy: .iso8601).timeIntervalSince1970)
        #expect(text(try window(hours, zone).occurrence(at: time)) == expected)
    }

    @Test(arguments: [
        "", "1-5", "01:00", "01:00-01:00", "25:00-26:00", "24:01-03:00", "01:60-02:00", "a:00-b:00",
        "01:00-05:00-06:00", "٠١:00-05:00", "-01:00-02:00",
    ])
    func `is no other text`(text: String) {
        #expect(DailyWindow(text, zone: .utc) == nil)
    }

    @Test func `comes every day of ten years, and lasts about as long as it says`() throws {
        for zone in ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC"] {
            let window = try window("23:15-03:45", zone)
            var time: Int64 = 1_767_225_600 + 43_200 - Int64(window.zone.offset(at: 1_767_225_600))
            var count = 0
            while time < 1_767_225_600 + 3652 * 86_400 {
                let next = window.occurrence(at: time)
                #expect(next.lowerBound >= time)
                #expect((3 * 3600...6 * 3600).contains(next.count))
                time = next.upperBound
                count += 1
            }
            #expect(count >= 3651)
        }
    }
}
