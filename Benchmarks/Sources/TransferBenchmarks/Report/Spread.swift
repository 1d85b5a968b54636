/// Median, least and most of a few numbers.
struct Spread {
    let median: Double
    let least: Double
    let most: Double

    /// - Returns: nil if there are none.
    init?(_ values: [Double]) {
        let sorted = values.sorted()
        guard let first = sorted.first, let last = sorted.last else { return nil }
        least = first
        most = last
        let middle = sorted.count / 2
        median = sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }

    /// As a table shows it: `1.75 [1.46, 1.85]`.
    var text: String { "\(Text.figure(median)) [\(Text.figure(least)), \(Text.figure(most))]" }
}
