internal import SystemPackage
internal import Yams

/// Takes the secrets out of configuration files; lines stay where they were.
///
/// Three passes, since none alone sees all. The tree of the YAML knows every value below a secret's name, however it is
/// written: over several lines, in braces, with a quoted name, by an anchor. A look at each line finds what looks like
/// `name: value` or `name=value` where the tree sees none: in comments, in arguments within a value, in URLs. And a
/// value that is a secret in one place is one wherever else it stands.
enum Redaction {
    static let mark = "<redacted>"

    /// - Throws: `CassandraError` with code `.invalid` for a tree that unfolds without bounds.
    static func redacted(_ yaml: ConfigurationYAML) throws(CassandraError) -> String {
        var search = SecretSearch()
        search.visit(yaml.root, isSecret: false)
        guard !search.isExhausted else {
            throw CassandraError(
                .invalid,
                ConfigurationYAML.operation,
                yaml.path.string,
                "its anchors unfold without end"
            )
        }
        var lines = SourceLines(yaml.text)
        for secret in search.secrets { lines.redact(secret, upTo: search.start(after: secret.mark)) }
        var text = lines.text
        for value in search.values { text = text.replacing(value, with: mark) }
        return redactedLines(text, comment: "#")
    }

    static func redacted(properties text: String) -> String { redactedLines(SourceLines(text).text, comment: "#") }

    private static func redactedLines(_ text: String, comment: Character) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { LineRedaction(String($0), comment: comment).text }
            .joined(separator: "\n")
    }
}

/// The places of secret values in a tree.
private struct SecretSearch {
    struct Secret {
        let mark: Mark
        let style: Node.Scalar.Style
    }

    /// Last first, each once: replacing one then moves no place that is still to be replaced.
    var secrets: [Secret] {
        places.values.sorted { ($0.mark.line, $0.mark.column) > ($1.mark.line, $1.mark.column) }
    }
    /// Values that are secrets wherever they stand, longest first.
    var values: [String] { found.sorted { $0.utf8.count > $1.utf8.count } }
    private(set) var isExhausted = false

    /// By line and column; an anchor's value is met once more with each alias.
    private var places: [[Int]: Secret] = [:]
    private var found: Set<String> = []
    private var starts: [Mark] = []
    private var visits = 0

    /// Stock values, which stand in paths and class names too.
    private static let common: Set<String> = [
        "cassandra", "password", "changeit", "changeme", "truststore", "keystore",
    ]

    mutating func visit(_ node: Node, isSecret: Bool) {
        visits += 1
        guard visits < 200_000 else {
            isExhausted = true
            return
        }
        if let mark = node.mark { starts.append(mark) }
        switch node {
        case .scalar(let scalar):
            if isSecret { add(scalar) }
        case .mapping(let mapping):
            let namesSecret = mapping.contains { key, value in
                ["name", "key"].contains(key.scalar?.string) && SecretName.isSecret(value.scalar?.string ?? "")
            }
            for (key, value) in mapping {
                visit(key, isSecret: isSecret)
                let name = key.scalar?.string ?? ""
                visit(value, isSecret: isSecret || SecretName.isSecret(name) || (namesSecret && name == "value"))
            }
        case .sequence(let sequence):
            for element in sequence { visit(element, isSecret: isSecret) }
        case .alias: break  // composing has replaced them
        }
    }

    private mutating func add(_ scalar: Node.Scalar) {
        guard !scalar.string.isEmpty else { return }
        if let mark = scalar.mark { places[[mark.line, mark.column]] = Secret(mark: mark, style: scalar.style) }
        for line in scalar.string.split(whereSeparator: \.isNewline).map(NodetoolText.trimmed)
        where line.count >= 6 && !Self.common.contains(line.lowercased()) && Double(line) == nil {
            found.insert(line)
        }
    }

    /// Where the next node begins; nil at the end.
    func start(after mark: Mark) -> Mark? {
        starts.filter { ($0.line, $0.column) > (mark.line, mark.column) }
            .min { ($0.line, $0.column) < ($1.line, $1.column) }
    }
}

/// A text by lines and columns as libyaml counts them.
private struct SourceLines {
    private var lines: [[Unicode.Scalar]]

    init(_ text: String) {
        var lines: [[Unicode.Scalar]] = [[]]
        var last: Unicode.Scalar?
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n" where last == "\r": break  // the second half of one line end
            case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}": lines.append([])
            default: lines[lines.count - 1].append(scalar)
            }
            last = scalar
        }
        self.lines = lines
    }

    var text: String {
        var text = ""
        for (index, line) in lines.enumerated() {
            if index > 0 { text += "\n" }
            text.unicodeScalars += line
        }
        return text
    }

    /// Puts the mark in a value's place: from its first character up to where the next node begins, or to the end of
    /// a quoted or plain value on one line; comments after that stay, for the next pass.
    mutating func redact(_ secret: SecretSearch.Secret, upTo next: Mark?) {
        let first = secret.mark.line - 1
        guard lines.indices.contains(first) else { return }
        let column = min(secret.mark.column - 1, lines[first].count)
        let end = lastLine(of: secret, column, upTo: next)
        if let next, next.line - 1 == first, next.column - 1 >= column {
            lines[first].replaceSubrange(column..<min(next.column - 1, lines[first].count), with: Self.mark + [" "])
            return
        }
        lines[first].replaceSubrange(column..., with: Self.mark)
        guard end > first else { return }
        for index in (first + 1)...end {
            // What stands before the next node on its own line is the value's as well, unless it is only layout.
            if let next, next.line - 1 == index {
                let layout = lines[index].prefix(next.column - 1)
                if !layout.allSatisfy({ " \t-?".unicodeScalars.contains($0) }) {
                    lines[index].replaceSubrange(..<layout.endIndex, with: Self.mark + [" "])
                }
            } else if !lines[index].isEmpty {
                lines[index] = lines[index].prefix { $0 == " " } + Self.mark
            }
        }
    }

    private static let mark = Array(Redaction.mark.unicodeScalars)

    /// The last line that may hold some of the value.
    private func lastLine(of secret: SecretSearch.Secret, _ column: Int, upTo next: Mark?) -> Int {
        let first = secret.mark.line - 1
        let limit = next.map { min($0.line - 1, lines.count - 1) } ?? lines.count - 1
        let start = lines[first][column...]
        switch secret.style {
        case .plain:
            // A comment ends a plain value.
            for index in first..<limit {
                let following = lines[index + 1].drop { $0 == " " || $0 == "\t" }
                if following.first == "#" { return index }
            }
            return limit
        case .doubleQuoted where start.first == "\"" && Self.isClosed(start.dropFirst(), by: "\"", escape: "\\"):
            return first
        case .singleQuoted where start.first == "'" && Self.isClosed(start.dropFirst(), by: "'", escape: nil):
            return first
        default: return limit
        }
    }

    /// Whether the quote that was opened before `rest` is closed within it.
    private static func isClosed(
        _ rest: ArraySlice<Unicode.Scalar>,
        by quote: Unicode.Scalar,
        escape: Unicode.Scalar?
    ) -> Bool {
        var rest = rest
        while let first = rest.popFirst() {
            if first == escape {
                rest = rest.dropFirst()
            } else if first == quote {
                // Two single quotes in a row stand for one.
                guard escape == nil, rest.first == quote else { return true }
                rest = rest.dropFirst()
            }
        }
        return false
    }
}
