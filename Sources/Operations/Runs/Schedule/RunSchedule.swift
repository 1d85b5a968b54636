package import Vault

/// How fast a run works.
package enum Pace: String, Sendable, Hashable, Codable {
    /// As fast as its limits allow.
    case fast
    /// As slowly as its deadline allows.
    case gentle
}

/// When a run may work, and whether that is enough, as it is shown.
package struct RunSchedule: Sendable, Hashable, Codable {
    package var pace: Pace
    /// When it begins, where it waits for its window.
    package var begins: Timestamp?
    /// When it is paused if it is not done; nil: never.
    package var ends: Timestamp?
    package var forecast: Forecast?

    package init(pace: Pace, begins: Timestamp? = nil, ends: Timestamp? = nil, forecast: Forecast? = nil) {
        self.pace = pace
        self.begins = begins
        self.ends = ends
        self.forecast = forecast
    }
}
