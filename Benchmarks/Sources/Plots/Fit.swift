internal import Glibc

/// How a cost grows with a size: the line that fits best, and the power of the size that fits best.
///
/// The line is `a + b·x` by least squares, in which the largest size counts most; the exponent is the slope of log y over log x, in
/// which all sizes count alike. A fixed cost makes the exponent less than 1, so the exponent of the last step, where a
/// fixed cost matters least, is looked at too.
package struct Fit: Sendable, Hashable, Codable {
    /// The cost of nothing: `a`.
    package let fixed: Double
    /// The cost of one more: `b`.
    package let perUnit: Double
    /// Which share of the costs' differences the line explains; 1: all.
    package let rSquared: Double
    /// The power of the size that costs grow with, 1 where they grow linearly; nil if a size or a cost is not above zero.
    package let exponent: Double?
    /// The same between the two largest sizes alone.
    package let lastExponent: Double?

    /// What still counts as linear: measured costs are never on a line.
    package static let tolerance = 0.1

    /// - Returns: nil for fewer than three points, or if they have fewer than two sizes.
    package init?(_ points: [(x: Double, y: Double)]) {
        let points = points.filter { $0.x.isFinite && $0.y.isFinite }.sorted { $0.x < $1.x }
        guard points.count >= 3, let line = Self.line(points) else { return nil }
        fixed = line.a
        perUnit = line.b
        rSquared = line.rSquared
        guard points.allSatisfy({ $0.x > 0 && $0.y > 0 }) else {
            exponent = nil
            lastExponent = nil
            return
        }
        let logs = points.map { (x: log($0.x), y: log($0.y)) }
        exponent = Self.line(logs)?.b
        let last = logs[logs.count - 1]
        let before = logs.last { $0.x < last.x }
        lastExponent = before.map { (last.y - $0.y) / (last.x - $0.x) }
    }

    package func value(at x: Double) -> Double { fixed + perUnit * x }

    /// Whether ten times as much costs at most about ten times as much; false where it cannot be told.
    package var isLinearOrBetter: Bool {
        guard let exponent, let lastExponent else { return false }
        return max(exponent, lastExponent) <= 1 + Self.tolerance
    }

    /// `0.12 + 1.02·x, R² 0.999, exponent 0.98 (last step 1.01): linear or better`.
    package var text: String {
        let sign = perUnit < 0 ? "-" : "+"
        var text =
            "\(Number.text(fixed)) \(sign) \(Number.text(abs(perUnit)))·x, R² \(Number.decimal(rSquared, places: 3))"
        guard let exponent, let lastExponent else { return text + ": growth cannot be told" }
        text +=
            ", exponent \(Number.decimal(exponent, places: 2)) (last step \(Number.decimal(lastExponent, places: 2)))"
        return text + (isLinearOrBetter ? ": linear or better" : ": worse than linear")
    }

    private static func line(_ points: [(x: Double, y: Double)]) -> (a: Double, b: Double, rSquared: Double)? {
        let count = Double(points.count)
        let meanX = points.reduce(0) { $0 + $1.x } / count
        let meanY = points.reduce(0) { $0 + $1.y } / count
        let varianceX = points.reduce(0) { $0 + ($1.x - meanX) * ($1.x - meanX) }
        let varianceY = points.reduce(0) { $0 + ($1.y - meanY) * ($1.y - meanY) }
        guard varianceX > 0 else { return nil }
        let b = points.reduce(0) { $0 + ($1.x - meanX) * ($1.y - meanY) } / varianceX
        let a = meanY - b * meanX
        let residual = points.reduce(0) { sum, point in
            let difference = point.y - a - b * point.x
            return sum + difference * difference
        }
        // Costs that are all the same lie on a line that explains everything there is.
        return (a, b, varianceY > 0 ? 1 - residual / varianceY : 1)
    }
}
