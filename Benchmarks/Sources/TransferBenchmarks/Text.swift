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

    static func gibibytes(_ bytes: Int) -> String { decimal(Double(bytes) / 0x1p30, places: 1) + " GiB" }

    static func mebibytes(_ bytes: Int) -> String { decimal(Double(bytes) / 0x1p20, places: 0) }

    /// `2GiB`, `512MiB` or a number of bytes.
    static func bytes(_ text: String) -> Int? {
        for (name, shift) in [("GiB", 30), ("MiB", 20)] where text.hasSuffix(name) {
            return Int(text.dropLast(name.count)).map { $0 << shift }
        }
        return Int(text)
    }
}
