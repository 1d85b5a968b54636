internal import Glibc

/// Numbers as images and reports show them.
package enum Number {
    /// With about so many digits that count, and no exponent: `0.0123`, `1.23`, `123`, `12,300`.
    package static func text(_ value: Double, digits: Int = 3) -> String {
        guard value.isFinite else { return "?" }
        guard value != 0 else { return "0" }
        let magnitude = Int(floor(log10(abs(value))))
        let places = max(0, min(9, digits - 1 - magnitude))
        return decimal(value, places: places)
    }

    /// A tick's label: no zeros at its end, thousands and up as `1k`, `2M`, `1G`.
    package static func tick(_ value: Double) -> String {
        for (limit, name) in [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")] where abs(value) >= limit {
            return trimmed(decimal(value / limit, places: 3)) + name
        }
        return trimmed(decimal(value, places: 6))
    }

    /// Rounded to a place after the point, with commas between thousands.
    package static func decimal(_ value: Double, places: Int) -> String {
        guard value.isFinite, abs(value) < 1e15 else { return "\(value)" }
        var scale = 1.0
        for _ in 0..<places { scale *= 10 }
        let units = (abs(value) * scale).rounded()
        let whole = (units / scale).rounded(.down)
        var digits = Array("\(Int(whole))")
        var position = digits.count - 3
        while position > 0 {
            digits.insert(",", at: position)
            position -= 3
        }
        let sign = value < 0 && units > 0 ? "-" : ""
        guard places > 0 else { return sign + String(digits) }
        let rest = "\(Int(units - whole * scale))"
        return sign + String(digits) + "." + String(repeating: "0", count: places - rest.count) + rest
    }

    /// A coordinate: a tenth of a pixel is enough.
    static func coordinate(_ value: Double) -> String {
        trimmed(decimal(value, places: 1)).filter { $0 != "," }
    }

    private static func trimmed(_ text: String) -> String {
        guard text.contains(".") else { return text }
        var text = Substring(text)
        while text.hasSuffix("0") { text.removeLast() }
        if text.hasSuffix(".") { text.removeLast() }
        return text == "-0" ? "0" : String(text)
    }
}
