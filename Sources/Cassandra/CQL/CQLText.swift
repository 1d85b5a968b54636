/// Names and literals as they stand in CQL.
package enum CQLText {
    /// A name, in double quotes unless it means the same without.
    ///
    /// Source: `ColumnIdentifier.maybeQuote` and `ReservedKeywords`, org.apache.cassandra.cql3, 3.11 to 5.0. Where the
    /// releases differ a word counts as reserved: quotes are never wrong.
    package static func name(_ name: String) -> String {
        guard let first = name.utf8.first, (0x61...0x7A).contains(first),
            name.utf8.allSatisfy({ (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F }),
            !reserved.contains(name)
        else { return quoted(name, "\"") }
        return name
    }

    /// `shop.orders`.
    package static func name(_ keyspace: String, _ name: String) -> String {
        "\(self.name(keyspace)).\(self.name(name))"
    }

    /// A text in single quotes.
    package static func literal(_ text: String) -> String { quoted(text, "'") }

    /// A map of texts: `{'class': 'SimpleStrategy', 'replication_factor': '1'}`, ascending but for `first`.
    package static func map(_ values: [String: String], first: String? = nil) -> String {
        let keys = values.keys.sorted { left, right in
            if left == first || right == first { return left == first && right != first }
            return left.precedes(right)
        }
        return "{" + keys.map { "\(literal($0)): \(literal(values[$0] ?? ""))" }.joined(separator: ", ") + "}"
    }

    private static func quoted(_ text: String, _ quote: String) -> String {
        quote + text.split(separator: quote, omittingEmptySubsequences: false).joined(separator: quote + quote) + quote
    }

    private static let reserved: Set<String> = [
        "add", "allow", "alter", "and", "apply", "asc", "authorize", "batch", "begin", "by", "columnfamily", "create",
        "default", "delete", "desc", "describe", "drop", "entries", "execute", "from", "full", "grant", "if", "in",
        "index", "infinity", "insert", "into", "is", "keyspace", "limit", "materialized", "mbean", "mbeans", "modify",
        "nan", "norecursive", "not", "null", "of", "on", "or", "order", "primary", "rename", "replace", "revoke",
        "schema", "select", "set", "table", "to", "token", "truncate", "unlogged", "unset", "update", "use", "using",
        "view", "where", "with",
    ]
}
