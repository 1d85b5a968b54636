/// What cqlsh prints on standard output.
///
/// Source: `print_result` of bin/cqlsh.py (3.11, 4.0) and cqlshlib/cqlshmain.py (4.1, 5.0), `format_value_text` of
/// cqlshlib/formatting.py.
enum CQLShellAnswer {
    /// The JSON texts of the rows of each `SELECT JSON`.
    ///
    /// A result is its column's name and a line of dashes; a line for each row, filled up with spaces at its left to the
    /// widest; an empty line; the number of rows. Between results stand empty lines, and warnings of the server.
    ///
    /// - Throws: `CassandraError` with code `.malformed` for anything else.
    static func results(in output: String, expecting count: Int) throws(CassandraError) -> [[String]] {
        var results: [[String]] = []
        // By lines as cqlsh ends them, not as Unicode knows them.
        var lines = output.utf8.split(separator: 0x0A, omittingEmptySubsequences: false)[...]
        while let line = lines.popFirst() {
            guard isHeader(line), let rule = lines.first, isRule(rule) else { continue }
            lines.removeFirst()
            results.append(try rows(&lines))
        }
        guard results.count == count else {
            throw malformed("it printed \(results.count) results of \(count)")
        }
        return results
    }

    private typealias Line = Substring.UTF8View

    private static func rows(_ lines: inout ArraySlice<Line>) throws(CassandraError) -> [String] {
        var rows: [String] = []
        while let line = lines.popFirst() {
            let text = String(Substring(line.drop { $0 == 0x20 }))
            if text.hasPrefix("{") {
                rows.append(try unescaped(text))
            } else if text.hasPrefix("("), text.hasSuffix(" rows)") {
                guard Int(text.dropFirst().dropLast(6)) == rows.count else {
                    throw malformed("it printed \(rows.count) rows and says \(text)")
                }
                return rows
            } else if !text.isEmpty {
                throw malformed("it printed a row that is not JSON: \(text.prefix(80))")
            }
        }
        throw malformed("a result has no end")
    }

    private static func isHeader(_ line: Line) -> Bool {
        let text = line.drop { $0 == 0x20 }
        return text.elementsEqual("[json]".utf8)
    }

    private static func isRule(_ line: Line) -> Bool { !line.isEmpty && line.allSatisfy { $0 == 0x2D } }

    /// cqlsh doubles backslashes, and shows control characters and those from U+007F to U+00A0 as Python does.
    private static func unescaped(_ text: String) throws(CassandraError) -> String {
        guard text.utf8.contains(0x5C) else { return text }
        var plain = String.UnicodeScalarView()
        var rest = text.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            guard scalar == "\\" else {
                plain.append(scalar)
                continue
            }
            switch rest.popFirst() {
            case "\\": plain.append("\\")
            case "n": plain.append("\n")
            case "r": plain.append("\r")
            case "t": plain.append("\t")
            case "x":
                let digits = rest.prefix(2)
                guard digits.count == 2, let value = UInt8(String(digits), radix: 16) else {
                    throw malformed("an unknown escape in \(text.prefix(80))")
                }
                rest = rest.dropFirst(2)
                plain.append(Unicode.Scalar(value))
            default: throw malformed("an unknown escape in \(text.prefix(80))")
            }
        }
        return String(plain)
    }

    /// The statements that DESCRIBE printed, without what cqlsh says before them.
    static func description(in output: String, of what: String) throws(CassandraError) -> String {
        if output.contains("DESCRIBE|DESC was moved to server side") {
            throw CassandraError(.unsupported, "describe", what, "the node's release has no DESCRIBE of its own")
        }
        let lines = output.split(separator: "\n", omittingEmptySubsequences: false)
        guard let first = lines.firstIndex(where: { $0.hasPrefix("CREATE ") }) else { return "" }
        var text = lines[first...].joined(separator: "\n")
        while text.last?.isNewline == true { text.removeLast() }
        return text + "\n"
    }

    private static func malformed(_ reason: String) -> CassandraError {
        CassandraError(.malformed, "read the answer of", "cqlsh", reason)
    }
}
