internal import Glibc

/// What the machine has to spare at the moment.
enum SystemState {
    /// Bytes that programs can still get without swapping.
    static func availableMemory() -> Int {
        let line = text("/proc/meminfo").split(separator: "\n").first { $0.hasPrefix("MemAvailable:") }
        return (line.flatMap { Int($0.filter(\.isNumber)) } ?? 0) << 10
    }

    /// How many tasks wanted a core over the last minute.
    static func load() -> Double { Double(text("/proc/loadavg").prefix { $0 != " " }) ?? 0 }

    private static func text(_ file: String) -> String {
        // Files in /proc have no size, so they are read until they end.
        guard let stream = unsafe fopen(file, "r") else { return "" }
        defer { unsafe fclose(stream) }
        var bytes: [UInt8] = []
        while case let byte = unsafe fgetc(stream), byte >= 0 { bytes.append(UInt8(truncatingIfNeeded: byte)) }
        return String(decoding: bytes, as: UTF8.self)
    }
}
