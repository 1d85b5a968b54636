/// Why cqlsh ended with an error, from what it printed on standard error.
///
/// It ends with 1 if there was no connection, and with 2 if a statement failed. Sources: the captured outputs of 3.11 to
/// 5.0; `perform_simple_statement` and `main` of cqlsh; the error codes of the native protocol, section 9.
struct CQLShellFailure {
    private let end: ChildProcess.Answer.End
    /// The first thing that went wrong, on one line.
    private let message: String
    /// All that was printed.
    private let whole: String

    /// - Parameter script: the path that cqlsh names before each error.
    init(_ answer: ChildProcess.Answer, script: String) {
        end = answer.end
        whole = answer.errors + "\n" + answer.output
        let lines = answer.errors.split(whereSeparator: \.isNewline).map(String.init)
        let own = lines.first { $0.hasPrefix(script) || $0.hasPrefix("<stdin>:") }
        if let own {
            // `<path>:<line>:<class>: <message>`
            let fields = own.dropFirst(own.hasPrefix(script) ? script.utf8.count : 7).split(
                separator: ":",
                maxSplits: 1,
                omittingEmptySubsequences: true
            )
            message = fields.last.map(String.init) ?? own
        } else {
            let telling = lines.filter { !Self.isNotice($0) }
            message = telling.last { !$0.hasPrefix(" ") } ?? telling.last ?? ""
        }
    }

    func error(_ operation: String, _ target: String) -> CassandraError {
        CassandraError(code, operation, target, reason)
    }

    private var code: CassandraError.Code {
        for (code, signs) in Self.signs where signs.contains(where: message.contains) { return code }
        switch end {
        case .exited(1): return whole.contains("Connection error") ? .unreachable : .system
        case .exited: return .refused
        case .signalled: return .system
        }
    }

    /// What every release says of a TRUNCATE while a node of the ring is down: `StorageProxy.truncateBlocking`.
    private static let nodeDown = "Cannot achieve consistency level"

    /// In this order: what comes first is what counts.
    private static let signs: [(CassandraError.Code, [String])] = [
        (
            .denied,
            [
                "AuthenticationFailed", "Bad credentials", "code=0100", "code=2100", "Unauthorized",
                "requires authentication", "CERTIFICATE_VERIFY_FAILED", "certificate verify failed",
                "CERTIFICATE_REQUIRED", "certificate required",
            ]
        ),
        (.exists, ["AlreadyExists", "code=2400", "already exists"]),
        (
            .notFound,
            [
                "unconfigured table", "does not exist", "doesn't exist", "Undefined column", "Undefined name",
                "not found in keyspace",
            ]
        ),
        (.changing, ["schema version mismatch detected"]),
        (
            .timedOut,
            [
                "OperationTimedOut", "ReadTimeout", "WriteTimeout", "code=1200", "code=1100", "Timed out", "timed out",
            ]
        ),
        (.notReady, ["code=1000", "code=1001", "code=1002", "IsBootstrapping"] + [nodeDown]),
        (.unreachable, ["Unable to connect", "NoHostAvailable", "Connection refused", "ConnectionShutdown"]),
        (.unsupported, ["Unsupported CQL version", "Improper DESCRIBE", "ProtocolError", "UnsupportedOperation"]),
        (.invalid, ["SyntaxException", "code=2000", "Invalid syntax", "Incomplete statement"]),
    ]

    private var reason: String {
        if message.isEmpty {
            switch end {
            case .exited(let status): return "cqlsh ended with status \(status) and said nothing"
            case .signalled(let signal): return "cqlsh was ended by signal \(signal)"
            }
        }
        switch code {
        case .system where whole.contains("No appropriate Python interpreter found"):
            return "cqlsh finds no Python that it can run with; CQLSH_PYTHON names one: \(message)"
        case .system where whole.contains("ModuleNotFoundError") || whole.contains("ImportError"):
            return "cqlsh lacks a part of itself in this Python; CQLSH_PYTHON names another: \(message)"
        case .denied where message.contains("requires authentication"):
            return "the node asks for a user and a password: \(Self.told(message))"
        case .notReady where message.contains(Self.nodeDown):
            return "a node that it needs is down: \(Self.told(message))"
        default: return Self.told(message)
        }
    }

    /// The server's own words where they stand in the driver's.
    private static func told(_ message: String) -> String {
        var text = message
        for scalar in ["\\n", "\\t"] {
            text = text.split(separator: scalar, omittingEmptySubsequences: true).joined(separator: " ")
        }
        guard let start = text.firstRange(of: "message=\""), let end = text.lastIndex(of: "\""),
            start.upperBound < end
        else { return text }
        let kind = text[..<start.lowerBound].split(separator: ":").first.map(String.init) ?? ""
        let words = text[start.upperBound..<end]
        return kind.isEmpty || kind.contains(" ") ? String(words) : "\(words) (\(kind))"
    }

    /// What newer ones say about passwords in files, and other advice, which is no error.
    private static func isNotice(_ line: String) -> Bool {
        let starts = ["Notice:", "Warning:", "WARN:", "WARNING:", "Please use a credentials file", "Please ensure"]
        return starts.contains { line.hasPrefix($0) } || line.allSatisfy(\.isWhitespace)
            || line.hasPrefix("will be ignored") || line.hasPrefix("specify the username")
    }

    /// A statement's beginning, on one line.
    static func shortened(_ statement: String) -> String {
        let words = statement.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return words.count <= 100 ? words : words.prefix(99) + "…"
    }
}
