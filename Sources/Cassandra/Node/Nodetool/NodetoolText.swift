/// What reading lines of nodetool takes.
enum NodetoolText {
    /// Without white space at both ends.
    static func trimmed(_ text: some StringProtocol) -> String {
        let start = text.drop(while: \.isWhitespace)
        guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...last])
    }

    /// The rest of a line that begins with `mark`; nil if it does not.
    static func after(_ mark: String, _ line: some StringProtocol) -> String? {
        line.hasPrefix(mark) ? trimmed(line.dropFirst(mark.count)) : nil
    }

    static func lines(of text: String) -> [Substring] { text.split(whereSeparator: \.isNewline) }

    /// 8-4-4-4-12 hex digits.
    static func isUUID(_ text: some StringProtocol) -> Bool {
        let groups = text.split(separator: "-", omittingEmptySubsequences: false)
        return groups.map(\.utf8.count) == [8, 4, 4, 4, 12] && groups.allSatisfy { $0.allSatisfy(\.isHexDigit) }
    }

    /// The answer of a command was read and is not one.
    static func malformed(_ command: String, _ reason: String) -> CassandraError {
        CassandraError(.malformed, "read the answer of", "nodetool \(command)", reason)
    }
}
