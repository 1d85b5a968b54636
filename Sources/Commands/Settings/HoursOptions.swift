internal import ArgumentParser
internal import FoundationEssentials
internal import Operations
internal import Vault

/// When a run may work, and how fast.
struct HoursOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Work only in these hours of each day, as 01:00-05:00 or 22:00-04:30@Europe/Berlin (default: this machine's "
                + "zone): waits for them, and pauses at their end with exit status 75; the next start goes on.",
            valueName: "hours"
        )
    )
    var window: String?

    @Option(
        name: .customLong("finish-by"),
        help: ArgumentHelp(
            "Be done by then, or pause: the next 05:00 or 05:00@Zone, or 2026-11-21T05:00:00Z.",
            valueName: "time"
        )
    )
    var finishBy: String?

    @Option(
        name: .customLong("max-duration"),
        help: ArgumentHelp("Work so long at most, then pause: 4h, 90m, 1h30m.", valueName: "duration")
    )
    var maxDuration: String?

    @Option(
        help: ArgumentHelp("fast, or gentle: as slowly as the end of the time allows; default fast.", valueName: "pace")
    )
    var pace: String?

    @Flag(help: "With --window: wait for the next window instead of ending with status 75.")
    var stay = false

    /// What was asked for, checked.
    ///
    /// - Parameters:
    ///   - now: seconds since 1970.
    func hours(_ settings: Settings, now: Double = Timestamp.exactNow) throws -> (hours: WorkHours, pace: Pace) {
        var hours = WorkHours()
        if let window {
            let (text, zone) = try Self.zone(window, settings)
            guard let daily = DailyWindow(text, zone: zone) else {
                throw ValidationError("'\(window)' cannot be used as window: expected hours such as 01:00-05:00")
            }
            hours.window = daily
        }
        if let finishBy { hours.deadline = try Self.deadline(finishBy, settings, Int64(now)) }
        if let maxDuration {
            guard let seconds = Self.seconds(maxDuration) else {
                throw ValidationError(
                    "'\(maxDuration)' cannot be used as max-duration: expected a time such as 4h, 90m or 1h30m"
                )
            }
            hours.longest = seconds
        }
        guard let pace = self.pace.map({ Pace(rawValue: $0) }) ?? .fast else {
            throw ValidationError("'\(self.pace ?? "")' cannot be used as pace: expected fast or gentle")
        }
        if pace == .gentle, !hours.isLimited {
            throw ValidationError("--pace gentle needs an end: give --window, --finish-by or --max-duration")
        }
        if stay, hours.window == nil { throw ValidationError("--stay needs --window") }
        return (hours, pace)
    }

    private static func zone(_ text: String, _ settings: Settings) throws -> (Substring, Zone) {
        let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return (text[...], Zone.local(environment: settings.environment)) }
        guard let zone = Zone(named: String(parts[1])) else {
            throw ValidationError("this machine knows no zone '\(parts[1])': expected one such as Europe/Berlin or UTC")
        }
        return (parts[0], zone)
    }

    private static func deadline(_ text: String, _ settings: Settings, _ now: Int64) throws -> Int64 {
        if let date = try? Date(text, strategy: .iso8601) {
            let time = Int64(date.timeIntervalSince1970)
            guard time > now else { throw ValidationError("--finish-by \(text) has passed") }
            return time
        }
        let (clock, zone) = try zone(text, settings)
        guard let second = DailyWindow.time(clock) else {
            throw ValidationError(
                "'\(text)' cannot be used as finish-by: expected a time such as 05:00 or 2026-11-21T05:00:00Z"
            )
        }
        return zone.next(second: second, after: now)
    }

    /// `4h`, `1h30m`, `45s`, `2d`.
    static func seconds(_ text: String) -> Double? {
        let units: [(Character, Double)] = [("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)]
        var (total, digits, next) = (0.0, "", 0)
        for character in text {
            if character.isASCII, character.isNumber {
                digits.append(character)
                continue
            }
            // Each unit once, the largest first.
            guard let index = units[next...].firstIndex(where: { $0.0 == character }), let count = Double(digits) else {
                return nil
            }
            total += count * units[index].1
            (digits, next) = ("", index + 1)
        }
        return digits.isEmpty && total > 0 && total < 1e9 ? total : nil
    }
}
