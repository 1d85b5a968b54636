internal import Glibc

/// Files of the kernel's, which have no size and are read until they end.
enum ProcFile {
    /// Empty if it cannot be read.
    static func text(_ path: String) -> String {
        guard let stream = unsafe fopen(path, "r") else { return "" }
        defer { unsafe fclose(stream) }
        var bytes: [UInt8] = []
        while case let byte = unsafe fgetc(stream), byte >= 0 { bytes.append(UInt8(truncatingIfNeeded: byte)) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The first line; nil if there is none.
    static func line(_ path: String) -> String? {
        text(path).split(separator: "\n").first.map(String.init)
    }

    /// What follows the colon in the first line that begins with `name`.
    static func value(_ name: String, in text: String) -> String? {
        guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix(name) }) else { return nil }
        let value = line.drop { $0 != ":" }.dropFirst().drop { $0 == " " || $0 == "\t" }
        return value.isEmpty ? nil : String(value)
    }
}
