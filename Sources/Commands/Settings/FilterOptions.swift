internal import ArgumentParser
internal import Cassandra

/// Which keyspaces and tables are meant.
struct FilterOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Only this keyspace; * and ? stand for other characters, case matters; may be given several times.",
            valueName: "keyspace"
        )
    )
    var keyspace: [String] = []

    @Option(
        help: ArgumentHelp(
            "Only this table, as shop.orders, 'shop.orders_*' or '*.events'; may be given several times, and beside "
                + "--keyspace.",
            valueName: "keyspace.table"
        )
    )
    var table: [String] = []

    @Option(
        name: .customLong("exclude-keyspace"),
        help: ArgumentHelp("Not this keyspace, whatever else is asked for.", valueName: "keyspace")
    )
    var excludedKeyspace: [String] = []

    @Option(
        name: .customLong("exclude-table"),
        help: ArgumentHelp("Not this table, whatever else is asked for.", valueName: "keyspace.table")
    )
    var excludedTable: [String] = []

    func filter(_ settings: Settings) throws -> TableFilter {
        let wanted = try Self.texts(
            settings.strings(.keyspace, keyspace),
            settings.strings(.table, table),
            options: ("--keyspace", "--table")
        )
        let excluded = try Self.texts(
            settings.strings(.excludedKeyspace, excludedKeyspace),
            settings.strings(.excludedTable, excludedTable),
            options: ("--exclude-keyspace", "--exclude-table")
        )
        return try TableFilter(wanted, excluding: excluded)
    }

    private static func texts(
        _ keyspaces: [String],
        _ tables: [String],
        options: (keyspace: String, table: String)
    ) throws -> [String] {
        if let wrong = (keyspaces + tables).first(where: { $0.hasPrefix("!") }) {
            throw ValidationError("'\(wrong)': what is not wanted is given by --exclude-keyspace or --exclude-table")
        }
        if let wrong = keyspaces.first(where: { $0.contains(".") }) {
            throw ValidationError("'\(wrong)' is no keyspace; a table is chosen with \(options.table)")
        }
        if let wrong = tables.first(where: { !$0.contains(".") }) {
            throw ValidationError(
                "'\(wrong)' is no table: expected keyspace.table; a whole keyspace is chosen with \(options.keyspace)"
            )
        }
        return keyspaces + tables
    }
}
