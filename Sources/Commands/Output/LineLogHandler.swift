internal import FoundationEssentials
internal import Glibc
internal import Logging

/// One line a message on standard error: `2026-11-20T03:00:00Z warning a sentence key=value`.
struct LineLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var line = "\(Date.now.formatted(.iso8601)) \(event.level) \(event.message)"
        let all = metadata.merging(event.metadata ?? [:]) { _, new in new }
        for (key, value) in all.sorted(by: { $0.key < $1.key }) { line += " \(key)=\(Self.quoted("\(value)"))" }
        StandardError.write(line + "\n")
    }

    private static func quoted(_ value: String) -> String {
        value.contains(where: { $0 == " " || $0.isNewline || $0 == "\"" }) ? value.debugDescription : value
    }
}

/// Unbuffered writing to file descriptor 2, one call a text so that lines of several tasks do not mix.
enum StandardError {
    static var isTerminal: Bool { isatty(2) == 1 }

    static func write(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            // Nothing can be said of a failure to say something.
            _ = unsafe Glibc.write(2, bytes.baseAddress, bytes.count)
        }
    }
}
