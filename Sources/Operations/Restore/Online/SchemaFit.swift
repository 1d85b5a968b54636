internal import Cassandra

/// Whether a table that is there can hold the rows of a backup's table: whether its SSTables can be read as that table's.
///
/// Keys are in an SSTable by their types and order, columns by name; a column that the table neither has nor had makes the
/// SSTable unreadable. Source: `SerializationHeader.Component.toHeader`, org.apache.cassandra.db, 3.11 to 5.0.
struct SchemaFit {
    private let table: OnlineTable
    private let backup: Schema
    private let live: Schema

    init(_ table: OnlineTable, backup: Schema, live: Schema) {
        self.table = table
        self.backup = backup
        self.live = live
    }

    /// In words; none if it fits.
    var problems: [String] {
        let (from, to) = (table.name, table.target)
        if let old = backup.table(from.keyspace, from.name) {
            guard let new = live.table(to.keyspace, to.name) else {
                return ["\(from) was a table, \(to) is a view"]
            }
            var problems = columnProblems(old.columns, new.columns, dropped: new.droppedColumns)
            if old.isCounter != new.isCounter {
                problems.append("\(to) \(new.isCounter ? "holds" : "does not hold") counters, unlike \(from)")
            }
            if old.isCompact != new.isCompact {
                problems.append("\(to) \(new.isCompact ? "has" : "has not") COMPACT STORAGE, unlike \(from)")
            }
            for column in old.droppedColumns where old.column(column.name) == nil {
                let isKnown = new.column(column.name) != nil || new.droppedColumns.contains { $0.name == column.name }
                guard !isKnown else { continue }
                let name = CQLText.name(column.name)
                problems.append(
                    "\(to) does not know the column \(column.name), which \(from) had before and its SSTables may hold: "
                        + "ALTER TABLE … ADD \(name) \(column.type), then DROP \(name)"
                )
            }
            return problems + typeProblems(old.columns)
        }
        if let old = backup.view(from.keyspace, from.name) {
            let new = live.view(to.keyspace, to.name)?.columns ?? live.table(to.keyspace, to.name)?.columns ?? []
            return columnProblems(old.columns, new, dropped: [])
        }
        return ["the backup's schema has no table \(from)"]
    }

    private func columnProblems(
        _ old: [Schema.Column],
        _ new: [Schema.Column],
        dropped: [Schema.DroppedColumn]
    ) -> [String] {
        var problems: [String] = []
        for kind in [Schema.Column.Kind.partitionKey, .clustering] {
            let keys = [old, new].map {
                $0.filter { $0.kind == kind }.sorted { $0.position < $1.position }.map(Self.text)
            }
            if keys[0] != keys[1] {
                let name = kind == .partitionKey ? "partition key" : "clustering key"
                problems.append(
                    "the \(name) of \(table.target) is (\(keys[1].joined(separator: ", "))), in the backup "
                        + "(\(keys[0].joined(separator: ", ")))"
                )
            }
        }
        for column in old where column.kind == .regular || column.kind == .static {
            guard let there = new.first(where: { $0.name == column.name }) else {
                if !dropped.contains(where: { $0.name == column.name && $0.isStatic == (column.kind == .static) }) {
                    problems.append(
                        "\(table.target) has no column \(column.name): ALTER TABLE … ADD "
                            + "\(CQLText.name(column.name)) \(column.type)"
                    )
                }
                continue
            }
            if there.kind != column.kind || there.type != column.type {
                problems.append(
                    "the column \(column.name) of \(table.target) is \(Self.text(there)), in the backup \(Self.text(column))"
                )
            }
        }
        return problems
    }

    /// User types that are called the same must be the same: their fields have no names on disk.
    private func typeProblems(_ columns: [Schema.Column]) -> [String] {
        let old = backup[keyspace: table.name.keyspace]?.types ?? []
        let new = live[keyspace: table.target.keyspace]?.types ?? []
        var pending = columns.flatMap { CQLType($0.type)?.userTypes ?? [] }
        var seen: Set<String> = []
        var problems: [String] = []
        while let name = pending.popLast() {
            guard seen.insert(name).inserted, let type = old.first(where: { $0.name == name }) else { continue }
            pending += type.neededTypes
            // Fields may have been added since: they are empty in what was written before.
            let fields = new.first { $0.name == name }?.fields.map(\.type) ?? []
            if !fields.starts(with: type.fields.map(\.type)) {
                problems.append("the type \(table.target.keyspace).\(name) has other fields than in the backup")
            }
        }
        return problems
    }

    private static func text(_ column: Schema.Column) -> String {
        (column.kind == .static ? "static " : "") + column.type + (column.isDescending ? " DESC" : "")
    }
}
