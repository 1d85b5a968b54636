/// A number of bytes as people write it: `64KiB`, `256MiB`, `1.5GB`, `4096`.
package struct ByteCount: Sendable, Hashable, CustomStringConvertible {
    package let bytes: Int64

    package init(_ bytes: Int64) { self.bytes = bytes }

    private static let units: [(name: String, bytes: Double)] = [
        ("KiB", 1024), ("MiB", 1_048_576), ("GiB", 1_073_741_824), ("TiB", 1_099_511_627_776),
        ("kB", 1e3), ("KB", 1e3), ("MB", 1e6), ("GB", 1e9), ("TB", 1e12), ("B", 1), ("", 1),
    ]

    /// - Parameter text: a number, and one of the units above or none; no sign, no sum over 2^62.
    package init?(_ text: String) {
        let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let name = text.dropFirst(digits.count).drop { $0 == " " }
        guard let number = Double(digits), let unit = Self.units.first(where: { $0.name == name }) else { return nil }
        let bytes = number * unit.bytes
        guard bytes >= 0, bytes < 0x1p62 else { return nil }
        self.bytes = Int64(bytes)
    }

    /// In binary units with one decimal: `1.5 GiB`.
    package var description: String {
        var value = Double(bytes)
        for unit in ["B", "KiB", "MiB", "GiB"] {
            if value < 1024 { return unit == "B" ? "\(bytes) B" : "\(Self.oneDecimal(value)) \(unit)" }
            value /= 1024
        }
        return "\(Self.oneDecimal(value)) TiB"
    }

    private static func oneDecimal(_ value: Double) -> String {
        let tenths = Int64((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}

/// Bytes a second, as people write it: `100MiB/s`, `2MB/s`, `50MiB`; `0` and `unlimited` mean no limit.
package struct DataRate: Sendable, Hashable, CustomStringConvertible {
    /// Nil: unlimited.
    package let bytesPerSecond: Int64?

    package static let unlimited = DataRate(bytesPerSecond: nil)

    package init(bytesPerSecond: Int64?) {
        self.bytesPerSecond = bytesPerSecond
    }

    package init?(_ text: String) {
        if text == "unlimited" {
            self = .unlimited
            return
        }
        let count = text.hasSuffix("/s") ? String(text.dropLast(2)) : text
        guard let rate = ByteCount(count)?.bytes else { return nil }
        // Less than a byte a second is a mistake, not "unlimited".
        guard rate > 0 || !count.contains(where: { ("1"..."9").contains($0) }) else { return nil }
        bytesPerSecond = rate == 0 ? nil : rate
    }

    package var description: String { bytesPerSecond.map { "\(ByteCount($0))/s" } ?? "unlimited" }
}
