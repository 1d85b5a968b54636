/// What a stage costs at least on a machine: CPU seconds of a thread that does nothing else.
package struct Limit: Sendable, Codable, Hashable {
    package let stage: Stage
    /// CPU seconds per unit of the stage, a round each.
    package let rounds: [Double]

    package init(_ stage: Stage, rounds: [Double]) {
        self.stage = stage
        self.rounds = rounds
    }

    /// The median of all rounds; 0 without any.
    package var seconds: Double {
        let sorted = rounds.sorted()
        guard !sorted.isEmpty else { return 0 }
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }

    /// The least and the most of all rounds.
    package var range: ClosedRange<Double> { (rounds.min() ?? 0)...(rounds.max() ?? 0) }
}
