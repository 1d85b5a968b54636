internal import Glibc

/// How an axis counts.
package enum Scale: String, Sendable, Codable {
    /// From nothing, in equal steps.
    case linear
    /// Each step is a multiple; there is no zero.
    case logarithmic
}

/// Which values an axis shows, where they lie, and which of them are written beside it.
struct Axis {
    let scale: Scale
    let low: Double
    let high: Double
    /// Ascending, all within `low...high`.
    let ticks: [Double]

    /// - Parameter values: all that must have a place. On a logarithmic axis what is not above zero lies at its beginning.
    init(_ scale: Scale, values: [Double], steps: Int = 6) {
        let finite = values.filter(\.isFinite)
        self.scale = scale
        switch scale {
        case .linear:
            let most = max(finite.max() ?? 1, 0)
            let least = min(finite.min() ?? 0, 0)
            let step = Self.step(most - least > 0 ? most - least : 1, steps: steps)
            let first = (least / step).rounded(.down)
            // A value at the very end would touch the frame.
            let last = max((most / step).rounded(.up), first + 1)
            low = first * step
            high = last * step
            ticks = stride(from: first, through: last, by: 1).map { $0 * step }
        case .logarithmic:
            let positive = finite.filter { $0 > 0 }
            let (least, most) = (positive.min() ?? 1, positive.max() ?? 10)
            let candidates = Self.decades(least, most)
            let first = candidates.last { $0 <= least * (1 + 1e-9) } ?? least
            let last = candidates.first { $0 >= most * (1 - 1e-9) && $0 > first } ?? most
            let shown = candidates.filter { $0 >= first && $0 <= last }
            // Over many decades only these are written.
            let wide = last / first > 1e3
            low = first
            high = last
            ticks = wide ? shown.filter { Self.isPowerOfTen($0) } : shown
        }
    }

    /// Where a value lies: 0 at the beginning, 1 at the end.
    func position(_ value: Double) -> Double {
        switch scale {
        case .linear: return (value - low) / (high - low)
        case .logarithmic:
            guard value > low else { return 0 }
            return min(1, log(value / low) / log(high / low))
        }
    }

    /// 1, 2 or 5 times a power of ten, so that `extent` has about `steps` of them.
    private static func step(_ extent: Double, steps: Int) -> Double {
        let rough = extent / Double(steps)
        let power = pow(10, floor(log10(rough)))
        let factor = rough / power
        return power * (factor <= 1 ? 1 : factor <= 2 ? 2 : factor <= 5 ? 5 : 10)
    }

    /// 1, 2 and 5 of every power of ten, from below `least` to above `most`.
    private static func decades(_ least: Double, _ most: Double) -> [Double] {
        let first = Int(floor(log10(least))) - 1
        let last = Int(ceil(log10(most))) + 1
        return (first...max(first, last)).flatMap { power in [1, 2, 5].map { $0 * pow(10, Double(power)) } }
    }

    private static func isPowerOfTen(_ value: Double) -> Bool {
        let exponent = log10(value)
        return abs(exponent - exponent.rounded()) < 1e-6
    }
}
