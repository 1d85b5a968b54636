internal import FoundationEssentials

/// Whether tables of a running node can hold the rows of a backup's tables: whether its SSTables can be read as theirs.
///
/// An SSTable holds keys by type and order, and columns by name and type. A column that the table neither has nor had makes
/// it unreadable; a column that was dropped is passed over up to the moment it was. Columns that the table has besides are
/// empty. Compression, compaction and other options do not matter: SSTables tell their own.
///
/// Source: `SerializationHeader.Component.toHeader`, org.apache.cassandra.db, 3.11 to 5.0.
package struct SchemaComparison: Sendable {
    private let backup: Schema
    private let live: Schema

    package init(backup: Schema, live: Schema) {
        self.backup = backup
        self.live = live
    }

    /// How one table's rows fit into another.
    package struct Fit: Sendable, Hashable {
        /// Why the SSTables could not be read, or would be read as something else: each a clause that names the table.
        package internal(set) var problems: [String] = []
        /// What of them would not be seen.
        package internal(set) var warnings: [String] = []
    }

    /// - Parameters:
    ///   - table: a table or view of the backup.
    ///   - target: where its rows are to go, which must be there.
    package func fit(of table: TableName, into target: TableName) -> Fit {
        var pair = SchemaPair(table, target)
        guard let old = relation(table, in: backup) else {
            pair.fit.problems.append("the backup's schema has no table \(table)")
            return pair.fit
        }
        guard let new = relation(target, in: live) else {
            pair.fit.problems.append("\(target) does not exist")
            return pair.fit
        }
        guard old.isView || !new.isView else {
            pair.fit.problems.append("\(table) was a table, \(target) is a view")
            return pair.fit
        }
        pair.compareKeys(old, new)
        pair.compareKinds(old, new)
        for column in old.columns where !column.isKey { pair.compare(column, old, new) }
        for column in old.dropped { pair.compare(dropped: column, old, new) }
        pair.compareTypes(
            old.userTypes,
            backup[keyspace: table.keyspace]?.types ?? [],
            live[keyspace: target.keyspace]?.types ?? []
        )
        return pair.fit
    }

    private func relation(_ name: TableName, in schema: Schema) -> Relation? {
        if let table = schema.table(name.keyspace, name.name) { return Relation(table) }
        return schema.view(name.keyspace, name.name).map(Relation.init)
    }

    /// A table or a view.
    struct Relation {
        let columns: [Schema.Column]
        let dropped: [Schema.DroppedColumn]
        let isView: Bool
        let isCounter: Bool
        let isCompact: Bool

        init(_ table: Schema.Table) {
            columns = table.columns
            dropped = table.droppedColumns
            (isView, isCounter, isCompact) = (false, table.isCounter, table.isCompact)
        }

        init(_ view: Schema.View) {
            columns = view.columns
            dropped = []
            (isView, isCounter, isCompact) = (true, false, false)
        }

        func column(_ name: String) -> Schema.Column? { columns.first { $0.name == name } }

        func dropped(_ name: String, isStatic: Bool) -> Schema.DroppedColumn? {
            dropped.first { $0.name == name && $0.isStatic == isStatic }
        }

        var userTypes: Set<String> {
            (columns.map(\.type) + dropped.map(\.type)).reduce(into: []) {
                $0.formUnion(CQLType($1)?.userTypes ?? [])
            }
        }
    }
}

extension Schema.Column {
    var isKey: Bool { kind == .partitionKey || kind == .clustering }
}

/// The comparison of two relations, as far as it has come.
private struct SchemaPair {
    private let table: TableName
    private let target: TableName
    var fit = SchemaComparison.Fit()

    init(_ table: TableName, _ target: TableName) {
        self.table = table
        self.target = target
    }

    /// Keys have no names on disk: a renamed column is the same.
    mutating func compareKeys(_ old: SchemaComparison.Relation, _ new: SchemaComparison.Relation) {
        for kind in [Schema.Column.Kind.partitionKey, .clustering] {
            let (was, isNow) = (Self.key(kind, old), Self.key(kind, new))
            let isSame =
                was.count == isNow.count
                && zip(was, isNow).allSatisfy {
                    $0.isDescending == $1.isDescending && ($0.type == $1.type || $0.type.isEmpty || $1.type.isEmpty)
                }
            guard !isSame else { continue }
            let (name, verb) = kind == .partitionKey ? ("partition key", "is") : ("clustering columns", "are")
            fit.problems.append(
                "the \(name) of \(target) \(verb) (\(Self.text(isNow))), in the backup (\(Self.text(was)))"
            )
        }
    }

    private static func key(
        _ kind: Schema.Column.Kind,
        _ relation: SchemaComparison.Relation
    ) -> [(type: String, isDescending: Bool)] {
        relation.columns.filter { $0.kind == kind }.sorted { $0.position < $1.position }
            .map { (type($0.type), $0.isDescending) }
    }

    private static func text(_ key: [(type: String, isDescending: Bool)]) -> String {
        key.map { $0.type + ($0.isDescending ? " DESC" : "") }.joined(separator: ", ")
    }

    mutating func compareKinds(_ old: SchemaComparison.Relation, _ new: SchemaComparison.Relation) {
        if old.isCounter != new.isCounter {
            fit.problems.append("\(target) \(new.isCounter ? "holds" : "does not hold") counters, unlike \(table)")
        }
        if old.isCompact != new.isCompact {
            fit.problems.append("\(target) is \(new.isCompact ? "" : "not ")WITH COMPACT STORAGE, unlike \(table)")
        }
    }

    /// A column that the backup's table has.
    mutating func compare(
        _ column: Schema.Column,
        _ old: SchemaComparison.Relation,
        _ new: SchemaComparison.Relation
    ) {
        let isStatic = column.kind == .static
        let dropped = new.dropped(column.name, isStatic: isStatic)
        let name = CQLText.name(column.name)
        guard let there = new.column(column.name) else {
            if let dropped {
                fit.warnings.append(
                    "the column \(name) was dropped from \(target) (\(Self.moment(dropped))): its values in the backup "
                        + "are not seen"
                )
            } else {
                fit.problems.append(
                    "\(target) has no column \(name): ALTER TABLE \(CQLText.name(target.keyspace, target.name)) ADD "
                        + "\(name) \(column.type)\(isStatic ? " static" : "")"
                )
            }
            return
        }
        guard there.kind == column.kind, Self.isReadable(column.type, as: there.type) else {
            fit.problems.append(
                "the column \(name) of \(target) is \(Self.text(there)), in the backup \(Self.text(column))"
            )
            return
        }
        if let dropped, old.dropped(column.name, isStatic: isStatic) != dropped {
            fit.warnings.append(
                "the column \(name) was dropped from \(target) (\(Self.moment(dropped))) and added again: values in the "
                    + "backup that were written before are not seen"
            )
        }
    }

    /// A column that the backup's table had before, and that its SSTables may still hold.
    mutating func compare(
        dropped column: Schema.DroppedColumn,
        _ old: SchemaComparison.Relation,
        _ new: SchemaComparison.Relation
    ) {
        let name = CQLText.name(column.name)
        if let record = new.dropped(column.name, isStatic: column.isStatic), record.dropped >= column.dropped { return }
        if new.column(column.name) != nil {
            fit.problems.append(
                "the column \(name) was dropped before the backup, and \(target) has it without knowing: its old values "
                    + "would come back"
            )
        } else if new.dropped(column.name, isStatic: column.isStatic) == nil {
            let alter = "ALTER TABLE \(CQLText.name(target.keyspace, target.name))"
            fit.problems.append(
                "\(target) does not know the column \(name), which was dropped before the backup, and which the SSTables may "
                    + "still hold: \(alter) ADD \(name) \(column.type)\(column.isStatic ? " static" : ""), then \(alter) "
                    + "DROP \(name)"
            )
        }
        // Dropped there earlier than here, and not there any more: nothing of it is seen.
    }

    /// User types that are called the same must begin with the same fields: these have no names on disk.
    mutating func compareTypes(_ names: Set<String>, _ old: [Schema.UserType], _ new: [Schema.UserType]) {
        var pending = names.sorted { $0.precedes($1) }
        var seen: Set<String> = []
        while let name = pending.popLast() {
            guard seen.insert(name).inserted, let type = old.first(where: { $0.name == name }) else { continue }
            pending += type.neededTypes
            guard let there = new.first(where: { $0.name == name }) else {
                fit.problems.append("there is no type \(CQLText.name(target.keyspace, name))")
                continue
            }
            // Fields may have been added since: they are empty in what was written before.
            let fields = there.fields.map { Self.type($0.type) }
            guard !fields.starts(with: type.fields.map { Self.type($0.type) }) else { continue }
            fit.problems.append(
                "the type \(CQLText.name(target.keyspace, name)) has the fields (\(fields.joined(separator: ", "))), in the "
                    + "backup (\(type.fields.map { Self.type($0.type) }.joined(separator: ", ")))"
            )
        }
    }

    /// Whether bytes of one type are bytes of the other: of the same, or where the other takes any text or any bytes.
    private static func isReadable(_ old: String, as new: String) -> Bool {
        let (old, new) = (type(old), type(new))
        // A view's own statements do not tell types; its table's do.
        if old == new || old.isEmpty || new.isEmpty { return true }
        return new == "text" && old == "ascii"
    }

    private static func type(_ text: String) -> String {
        CQLType(text).map { $0.canonical.description } ?? text
    }

    private static func text(_ column: Schema.Column) -> String {
        (column.kind == .static ? "static " : "") + (column.isKey ? "of the key, " : "") + column.type
    }

    private static func moment(_ column: Schema.DroppedColumn) -> String {
        // The last second that is a date: a column that never comes back was dropped at the end of time.
        let seconds = min(Double(column.dropped) / 1_000_000, 253_402_300_799)
        return Date(timeIntervalSince1970: seconds).formatted(.iso8601)
    }
}

extension CQLType {
    /// With one name for each type: `varchar` is `text`.
    var canonical: CQLType {
        CQLType(
            name: !isQuoted && name == "varchar" ? "text" : name,
            isQuoted: isQuoted,
            arguments: arguments.map(\.canonical)
        )
    }
}
