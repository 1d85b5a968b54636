internal import ArgumentParser

/// A length of time as people write it: `90s`, `30m`, `24h`, `7d`, `2w`; `0`.
struct TimeSpan: ExpressibleByArgument, Sendable, Hashable {
    let duration: Duration

    init(_ duration: Duration) { self.duration = duration }

    init?(argument: String) {
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400]
        if argument == "0" {
            duration = .zero
            return
        }
        guard let unit = argument.last.flatMap({ units[$0] }), let number = Int64(argument.dropLast()), number >= 0,
            argument.first != "+", number <= 1 << 32
        else { return nil }
        duration = .seconds(number * unit)
    }

    var defaultValueDescription: String {
        let seconds = duration.components.seconds
        return seconds % 86400 == 0 ? "\(seconds / 86400)d" : "\(seconds / 3600)h"
    }
}
