/// Which keyspaces and tables the user wants: `shop` is all of a keyspace, `shop.orders` one table of it.
package struct TableFilter: Sendable, Hashable {
    /// One thing the user gave.
    package struct Entry: Sendable, Hashable {
        /// As the user wrote it.
        package let text: String
        private let keyspace: Pattern
        private let table: Pattern

        /// - Throws: `CassandraError` with code `.invalid` if `text` is neither `keyspace` nor `keyspace.table`.
        package init(_ text: String) throws(CassandraError) {
            let names = text.split(separator: ".", omittingEmptySubsequences: false)
            guard (1...2).contains(names.count), names.allSatisfy(SchemaName.isValid) else {
                throw CassandraError(
                    .invalid,
                    "select",
                    "\"\(text)\"",
                    "a keyspace or keyspace.table is expected, of letters, digits and underscores, without quotes"
                )
            }
            self.text = text
            keyspace = .exactly(String(names[0]))
            table = names.count == 2 ? .exactly(String(names[1])) : .anything
        }

        package func matches(keyspace: String, table: String) -> Bool {
            self.keyspace.matches(keyspace) && self.table.matches(table)
        }

        func mayMatch(keyspace: String) -> Bool { self.keyspace.matches(keyspace) }
    }

    /// How one name is compared; case matters.
    private enum Pattern: Sendable, Hashable {
        case anything
        case exactly(String)

        func matches(_ name: String) -> Bool {
            switch self {
            case .anything: true
            case .exactly(let wanted): wanted == name
            }
        }
    }

    /// Every table of every keyspace, also those of the system.
    package static let everything = TableFilter(entries: [])

    /// None: everything is wanted.
    package let entries: [Entry]

    package init(entries: [Entry]) {
        self.entries = entries
    }

    /// - Parameter texts: `keyspace` or `keyspace.table`; none means everything.
    package init(_ texts: [String]) throws(CassandraError) {
        var entries: [Entry] = []
        for text in texts { entries.append(try Entry(text)) }
        self.entries = entries
    }

    package func matches(keyspace: String, table: String) -> Bool {
        entries.isEmpty || entries.contains { $0.matches(keyspace: keyspace, table: table) }
    }

    /// False if no table of the keyspace can match, so that its directory need not be read.
    func mayMatch(keyspace: String) -> Bool {
        entries.isEmpty || entries.contains { $0.mayMatch(keyspace: keyspace) }
    }

    /// The texts of those entries that match none of `tables`.
    package func unmatched(by tables: [Table]) -> [String] {
        entries.filter { entry in !tables.contains { entry.matches(keyspace: $0.keyspace, table: $0.name) } }
            .map(\.text)
    }
}
