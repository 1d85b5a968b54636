internal import FoundationEssentials
internal import Glibc

/// What the figures were measured on; nothing that names the machine.
struct Machine: Codable {
    let processor: String
    let cores: Int
    let memory: String
    let kernel: String
    let system: String

    init() {
        processor = Self.value(of: "model name", in: "/proc/cpuinfo") ?? "unknown"
        cores = Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        memory = Text.gibibytes(Self.kibibytes("MemTotal") << 10)
        kernel = Self.text("/proc/sys/kernel/osrelease").split(separator: "-").first.map(String.init) ?? "unknown"
        system =
            Self.text("/etc/os-release").split(separator: "\n").first { $0.hasPrefix("PRETTY_NAME=") }
            .map { String($0.dropFirst("PRETTY_NAME=".count).filter { $0 != "\"" }) } ?? "unknown"
    }

    /// Bytes that programs can still get without swapping.
    static func availableMemory() -> Int { kibibytes("MemAvailable") << 10 }

    /// How many tasks wanted a core over the last minute.
    static func load() -> Double { Double(text("/proc/loadavg").prefix { $0 != " " }) ?? 0 }

    private static func kibibytes(_ name: String) -> Int {
        value(of: name, in: "/proc/meminfo").flatMap { Int($0.prefix { $0.isNumber }) } ?? 0
    }

    private static func value(of name: String, in file: String) -> String? {
        guard let line = text(file).split(separator: "\n").first(where: { $0.hasPrefix(name) }) else { return nil }
        let value = line.drop { $0 != ":" }.dropFirst().drop { $0 == " " || $0 == "\t" }
        return value.isEmpty ? nil : String(value)
    }

    private static func text(_ file: String) -> String {
        // Files in /proc have no size, so they are read until they end.
        guard let stream = unsafe fopen(file, "r") else { return "" }
        defer { unsafe fclose(stream) }
        var bytes: [UInt8] = []
        while case let byte = unsafe fgetc(stream), byte >= 0 { bytes.append(UInt8(truncatingIfNeeded: byte)) }
        return String(decoding: bytes, as: UTF8.self)
    }
}
