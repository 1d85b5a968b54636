/// How fast a run has been of late: over the last minute, or as much of it as there is.
struct RateMeter: Sendable {
    /// Seconds.
    private static let memory = 60.0

    private var samples: [(time: Double, bytes: Int64)] = []

    /// Adds what had been moved at that time; times ascend.
    mutating func add(_ bytes: Int64, at time: Double) {
        samples.append((time, bytes))
        // The first of those left is at least that old, so that the whole minute counts.
        while samples.count > 2, samples[1].time <= time - Self.memory { samples.removeFirst() }
    }

    /// Seconds between the first and last sample.
    var seconds: Double { samples.isEmpty ? 0 : samples[samples.count - 1].time - samples[0].time }

    /// Bytes a second; nil before anything moved.
    var rate: Double? {
        guard let first = samples.first, let last = samples.last, last.bytes > first.bytes else { return nil }
        return Double(last.bytes - first.bytes) / (last.time - first.time)
    }

    /// Forgets what was: another limit holds.
    mutating func restart() { samples.removeAll() }
}
