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

    /// `1.75 [1.46, 1.85]`, with so many digits that three of the median count.
    var text: String {
        let places = median >= 100 ? 0 : median >= 10 ? 1 : median >= 0.1 ? 2 : 3
        return "\(Text.decimal(median, places: places)) [\(Text.decimal(least, places: places)), "
            + "\(Text.decimal(most, places: places))]"
    }
}
