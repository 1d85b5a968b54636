/// One value of a row as `SELECT JSON` gives it: a JSON value whose numbers stay text.
///
/// Numbers are kept as they stand: `0.1` and `1.0` go back into CQL as they came, and a varint fits no other type.
package enum CQLValue: Sendable, Hashable {
    case null
    case boolean(Bool)
    case number(String)
    case text(String)
    case list([CQLValue])
    case map([String: CQLValue])
}

/// One row of `SELECT JSON *`.
///
/// A column's name is as the server gives it: quoted within when it is case-sensitive, `"\"Seq No\""`.
package struct CQLRow: Sendable, Hashable {
    package var columns: [String: CQLValue]

    package init(_ columns: [String: CQLValue]) { self.columns = columns }

    /// Reads one JSON object.
    ///
    /// - Throws: `CassandraError` with code `.malformed` for anything else.
    package init(json text: String) throws(CassandraError) {
        var parser = CQLValueParser(text)
        guard let value = parser.whole(), case .map(let columns) = value else {
            throw CassandraError(.malformed, Self.operation, String(text.prefix(80)), "it is not a JSON object")
        }
        self.columns = columns
    }

    package subscript(column: String) -> CQLValue { columns[column] ?? .null }

    /// A text, or a number as its digits; nil for null and for a column that is not there.
    ///
    /// - Throws: `CassandraError` with code `.malformed` for any other value.
    package func text(_ column: String) throws(CassandraError) -> String? {
        switch self[column] {
        case .null: nil
        case .text(let text), .number(let text): text
        case .boolean, .list, .map: throw unexpected(column)
        }
    }

    /// As `text`, of a column that must have a value.
    package func requiredText(_ column: String) throws(CassandraError) -> String {
        guard let text = try text(column) else { throw unexpected(column) }
        return text
    }

    package func boolean(_ column: String) throws(CassandraError) -> Bool? {
        switch self[column] {
        case .null: nil
        case .boolean(let value): value
        case .number, .text, .list, .map: throw unexpected(column)
        }
    }

    package func integer(_ column: String) throws(CassandraError) -> Int? {
        guard case .number(let digits) = self[column] else {
            if self[column] == .null { return nil }
            throw unexpected(column)
        }
        guard let value = Int(digits) else { throw unexpected(column) }
        return value
    }

    /// A list or set of texts; empty for null, which is what Cassandra makes of an empty collection.
    package func texts(_ column: String) throws(CassandraError) -> [String] {
        switch self[column] {
        case .null: return []
        case .list(let values):
            var texts: [String] = []
            for value in values {
                guard case .text(let text) = value else { throw unexpected(column) }
                texts.append(text)
            }
            return texts
        case .boolean, .number, .text, .map: throw unexpected(column)
        }
    }

    /// A map of text to text; empty for null.
    package func textMap(_ column: String) throws(CassandraError) -> [String: String] {
        switch self[column] {
        case .null: return [:]
        case .map(let values):
            var texts: [String: String] = [:]
            for (key, value) in values {
                guard case .text(let text) = value else { throw unexpected(column) }
                texts[key] = text
            }
            return texts
        case .boolean, .number, .text, .list: throw unexpected(column)
        }
    }

    private static let operation = "read a row of"

    /// An answer that does not fit what the column should be.
    func unexpected(_ column: String) -> CassandraError {
        CassandraError(.malformed, Self.operation, column, "the server's answer has not the expected type")
    }
}
