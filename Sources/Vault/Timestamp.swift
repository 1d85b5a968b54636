internal import FoundationEssentials

/// A moment by this machine's clock, in seconds since 1970; stored and shown as `2026-11-20T03:00:00Z`.
package struct Timestamp: Sendable, Hashable, Comparable, Codable, CustomStringConvertible {
    package let seconds: Int64

    package init(seconds: Int64) { self.seconds = seconds }

    package static var now: Timestamp { Timestamp(seconds: Int64(Date.now.timeIntervalSince1970)) }

    /// Seconds since 1970, with their fractions.
    package static var exactNow: Double { Date.now.timeIntervalSince1970 }

    package var description: String { Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601) }

    package static func < (left: Self, right: Self) -> Bool { left.seconds < right.seconds }

    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        seconds = Int64(try Date(text, strategy: .iso8601).timeIntervalSince1970)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
