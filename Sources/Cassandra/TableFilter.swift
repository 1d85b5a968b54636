/// Which keyspaces and tables the user wants: `shop` is all of a keyspace, `shop.orders` one table of it; in both names
/// `*` and `?` stand for others, as in `shop.orders_*` or `*.events`.
///
/// What is excluded is not wanted, whatever else says so.
package struct TableFilter: Sendable, Hashable {
    /// One thing the user gave.
    package struct Entry: Sendable, Hashable {
        /// As the user wrote it.
        package let text: String
        private let keyspace: NamePattern
        private let table: NamePattern

        /// - Throws: `CassandraError` with code `.invalid` if `text` is neither `keyspace` nor `keyspace.table`.
        package init(_ text: String) throws(CassandraError) {
            let names = text.split(separator: ".", omittingEmptySubsequences: false)
            let patterns = names.compactMap { NamePattern($0) }
            guard (1...2).contains(names.count), patterns.count == names.count else {
                throw CassandraError(
                    .invalid,
                    "select",
                    "\"\(text)\"",
                    "a keyspace or keyspace.table is expected, of letters, digits and underscores, without quotes; "
                        + "* and ? stand for others"
                )
            }
            self.text = text
            keyspace = patterns[0]
            table = patterns.count == 2 ? patterns[1] : .anything
        }

        package func matches(keyspace: String, table: String) -> Bool {
            self.keyspace.matches(keyspace) && self.table.matches(table)
        }

        /// Whether some table of the keyspace can match.
        func mayMatch(keyspace: String) -> Bool { self.keyspace.matches(keyspace) }

        /// Whether every table of the keyspace matches, whatever its name.
        func matchesAll(ofKeyspace keyspace: String) -> Bool {
            table == .anything && self.keyspace.matches(keyspace)
        }

        /// Whether the keyspace is called by its name.
        fileprivate func names(keyspace: String) -> Bool { self.keyspace.isExact && self.keyspace.matches(keyspace) }
    }

    /// Every table of every keyspace, also those of the system.
    package static let everything = TableFilter(entries: [])

    /// Keyspaces that a backup leaves out unless they are called by their names: traces are nobody's data, and
    /// Cassandra lets them expire within a day.
    ///
    /// Those of the system else are kept: roles and their rights are in `system_auth`, and a node that comes back in place
    /// needs its `system`. Virtual keyspaces have no files.
    package static let leftOutByDefault = ["system_traces"]

    /// None: everything is wanted that is not excluded.
    package let entries: [Entry]
    package let exclusions: [Entry]

    package init(entries: [Entry], exclusions: [Entry] = []) {
        self.entries = entries
        self.exclusions = exclusions
    }

    /// - Parameters:
    ///   - texts: `keyspace` or `keyspace.table`; none means everything.
    ///   - excluded: of the same form.
    package init(_ texts: [String], excluding excluded: [String] = []) throws(CassandraError) {
        var (entries, exclusions): ([Entry], [Entry]) = ([], [])
        for text in texts { entries.append(try Entry(text)) }
        for text in excluded { exclusions.append(try Entry(text)) }
        self.init(entries: entries, exclusions: exclusions)
    }

    /// The same without those of `keyspaces` that no entry calls by name; a pattern that matches them is not enough.
    package func leavingOut(_ keyspaces: [String] = leftOutByDefault) throws(CassandraError) -> TableFilter {
        var exclusions = exclusions
        for keyspace in keyspaces where !entries.contains(where: { $0.names(keyspace: keyspace) }) {
            let entry = try Entry(keyspace)
            if !exclusions.contains(entry) { exclusions.append(entry) }
        }
        return TableFilter(entries: entries, exclusions: exclusions)
    }

    package func matches(keyspace: String, table: String) -> Bool {
        (entries.isEmpty || entries.contains { $0.matches(keyspace: keyspace, table: table) })
            && !exclusions.contains { $0.matches(keyspace: keyspace, table: table) }
    }

    /// False if no table of the keyspace can match, so that its directory need not be read.
    func mayMatch(keyspace: String) -> Bool {
        (entries.isEmpty || entries.contains { $0.mayMatch(keyspace: keyspace) })
            && !exclusions.contains { $0.matchesAll(ofKeyspace: keyspace) }
    }

    /// Whether nothing is left out but what a backup leaves out by itself.
    package var wantsWholeNode: Bool {
        entries.isEmpty && exclusions.allSatisfy { Self.leftOutByDefault.contains($0.text) }
    }

    /// Whether every table of the keyspace is wanted, also one that is made in a minute.
    package func wantsAll(ofKeyspace keyspace: String) -> Bool {
        (entries.isEmpty || entries.contains { $0.matchesAll(ofKeyspace: keyspace) })
            && !exclusions.contains { $0.mayMatch(keyspace: keyspace) }
    }

    /// The texts of those entries that match none of `tables`, which are what the whole filter has found; an exclusion
    /// that excludes nothing is fine.
    package func unmatched(by tables: [Table]) -> [String] {
        entries.filter { entry in !tables.contains { entry.matches(keyspace: $0.keyspace, table: $0.name) } }
            .map(\.text)
    }
}
