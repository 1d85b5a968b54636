/// Which directory on the node takes the files of a table of the backup.
///
/// A value: decided from what is known, without looking anywhere.
struct TableMapping: Sendable {
    /// The node's tables by `keyspace.table`.
    private let live: [String: [LiveTable]]
    /// Whether the schema is restored with the tables: then they have the ids that they had in the backup.
    private let restoresSchema: Bool
    /// By `keyspace.table`, as somebody has said.
    private let chosen: [String: String]

    init(_ live: [LiveTable], restoresSchema: Bool, chosen: [String: String]) {
        self.live = Dictionary(grouping: live, by: \.fullName)
        self.restoresSchema = restoresSchema
        self.chosen = chosen
    }

    enum Answer: Sendable, Hashable {
        /// A path below a data directory.
        case place(String)
        /// Why there is none, and what to do.
        case problem(String)
    }

    func answer(for table: TablePath, source: String) -> Answer {
        let known = live[table.name] ?? []
        if let id = chosen[table.name] {
            let place = "\(table.keyspace)/\(table.table)-\(id)"
            if restoresSchema, id != table.id {
                return .problem(
                    "the schema is restored as well, with the id \(table.id ?? "none"): leave out --table-id"
                )
            }
            if restoresSchema || known.contains(where: { $0.path == place }) { return .place(place) }
            return .problem("there is no directory \(place); " + Self.list(known))
        }
        if restoresSchema { return .place(source) }
        let standing = known.filter { !$0.isDropped }
        if let same = standing.first(where: { $0.path == source }) { return .place(same.path) }
        switch standing.count {
        case 1: return .place(standing[0].path)
        case 0:
            let words = "the node has no such table, or has dropped it, and the schema is not restored with it"
            return .problem(
                words + ": make the table first, or restore the keyspace system_schema too" + Self.hint(table, known)
            )
        default:
            return .problem(
                "several directories may be the table's: " + Self.list(standing) + Self.hint(table, standing)
            )
        }
    }

    private static func list(_ tables: [LiveTable]) -> String {
        tables.isEmpty ? "there is none of that name" : "there are " + tables.map(\.path).joined(separator: ", ")
    }

    private static func hint(_ table: TablePath, _ tables: [LiveTable]) -> String {
        tables.isEmpty ? "" : "; --table-id \(table.name)=<id> chooses one"
    }
}
