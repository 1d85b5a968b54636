/// Numbers as people read them.
enum Text {
    static func decimal(_ value: Double, places: Int) -> String {
        var scale = 1
        for _ in 0..<places { scale *= 10 }
        let units = Int((value * Double(scale)).rounded())
        guard places > 0 else { return "\(units)" }
        let rest = "\(units % scale)"
        return "\(units / scale)." + String(repeating: "0", count: places - rest.count) + rest
    }

    /// With so many digits that three count: `0.123`, `1.23`, `12.3`, `123`.
    static func figure(_ value: Double) -> String {
        let size = abs(value)
        return decimal(value, places: size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3)
    }

    /// With commas: `100,000`.
    static func grouped(_ value: Int) -> String {
        let digits = String(abs(value))
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return (value < 0 ? "-" : "") + text
    }

    static func gibibytes(_ bytes: Int) -> String { decimal(Double(bytes) / 0x1p30, places: 1) + " GiB" }

    static func mebibytes(_ bytes: Int) -> String { decimal(Double(bytes) / 0x1p20, places: 0) }

    /// `2GiB`, `160MB` or a number of bytes.
    static func bytes(_ text: String) -> Int? {
        for (name, unit) in [("GiB", 1 << 30), ("MiB", 1 << 20), ("GB", 1_000_000_000), ("MB", 1_000_000)]
        where text.hasSuffix(name) {
            return Int(text.dropLast(name.count)).map { $0 * unit }
        }
        return Int(text)
    }
}
