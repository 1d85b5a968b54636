internal import ArgumentParser
internal import Cassandra

/// Which keyspaces and tables are meant.
struct FilterOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Only this keyspace; may be given several times.", valueName: "keyspace"))
    var keyspace: [String] = []

    @Option(help: ArgumentHelp("Only this table; may be given several times.", valueName: "keyspace.table"))
    var table: [String] = []

    func filter(_ settings: Settings) throws -> TableFilter {
        let keyspaces = settings.strings(.keyspace, keyspace)
        let tables = settings.strings(.table, table)
        if let wrong = keyspaces.first(where: { $0.contains(".") }) {
            throw ValidationError("'\(wrong)' is no keyspace; a table is chosen with --table")
        }
        if let wrong = tables.first(where: { !$0.contains(".") }) {
            throw ValidationError("'\(wrong)' is no table: expected keyspace.table")
        }
        return try TableFilter(keyspaces + tables)
    }
}
