internal import Cassandra
internal import Vault

/// What the journal of a restore into a running node says, in its own words.
struct OnlineProgress: Sendable {
    /// Facts of records, by name.
    enum Fact {
        /// Of `schema`: tables that were made, as a list; of a second `staged`: those that are about to be.
        static let created = "created"
        /// Of `schema`, with which the first thing is changed: whether the tables are emptied.
        static let truncate = "truncate"
        /// Of `snapshot`: the tag.
        static let tag = "tag"
        /// Of `snapshot`: tables that it has, as a list.
        static let tables = "tables"
        /// Of `truncated`: tags of the truncate's own snapshots, as a list.
        static let snapshots = "snapshots"

        /// Of `snapshot` of a table that is about to be emptied: tags of such snapshots that were there, as a list.
        static func before(_ stage: RestoreStage) -> String { "before \(stage.rawValue)" }
    }

    private let records: [RestoreJournal.Record]

    init(_ records: [RestoreJournal.Record]) { self.records = records }

    /// Nil until the restore is about to change something.
    var truncates: Bool? { fact(.schema, Fact.truncate).map { $0 == "yes" } }

    /// Tables that the restore has made, or was about to make.
    var created: Set<TableName> {
        Set(Self.names(fact(.schema, Fact.created) ?? fact(.staged, Fact.created) ?? ""))
    }

    var isSchemaMade: Bool { fact(.schema, Fact.truncate) != nil }

    /// The snapshot of what was there, and the tables in it; nil before it was taken, or where there was nothing.
    var kept: (tag: String, tables: [TableName])? {
        fact(.snapshot, Fact.tag).map { ($0, Self.names(fact(.snapshot, Fact.tables) ?? "")) }
    }

    /// Tables that were emptied, with the snapshots that Cassandra took before.
    var truncated: [TableName: [String]] {
        records.filter { $0.stage == .truncated }
            .reduce(into: [:]) { tables, record in
                guard let name = record.table.flatMap(Self.name) else { return }
                let tags = record.facts?[Fact.snapshots]?.split(separator: ",").map(String.init) ?? []
                tables[name, default: []] += tags.filter { tables[name]?.contains($0) != true }
            }
    }

    /// Tables that were emptied, or were about to be, with the snapshots of the kind that they had before.
    var emptying: [TableName: Set<String>] {
        records.reduce(into: [:]) { tables, record in
            guard let before = record.facts?[Fact.before(.truncated)], let name = record.table.flatMap(Self.name) else {
                return
            }
            tables[name] = Set(before.split(separator: ",").map(String.init))
        }
    }

    /// Tables whose rows the node has, or may have.
    var loaded: Set<TableName> {
        Set(records.filter { $0.stage == .loading || $0.stage == .loaded }.compactMap { $0.table.flatMap(Self.name) })
    }

    /// The last moment of anything of the restore.
    var lastTime: Timestamp? { records.last?.time }

    /// Whether what is asked for now is what was begun.
    func check(_ request: OnlineRequest, _ plan: inout RestorePlan) {
        guard let truncates, plan.stage?.isEnd == false, truncates != request.truncates else { return }
        plan.check(
            "goes on as begun",
            .failed,
            truncates
                ? "it was begun with --truncate: go on with it, or undo it first"
                : "it was begun without --truncate, and tables have taken files since: go on without, or undo it first"
        )
    }

    /// `ringvault-undo-3e2816e0e538`; of a second execution `…-2`.
    static func undoPrefix(_ folders: RestoreFolders) -> String { tagPrefix("undo", folders) }

    static func checkTag(_ folders: RestoreFolders) throws(CassandraError) -> SnapshotTag {
        try SnapshotTag(tagPrefix("check", folders))
    }

    private static func tagPrefix(_ purpose: String, _ folders: RestoreFolders) -> String {
        "\(SnapshotTag.ownPrefix)\(purpose)-\(folders.name.dropFirst("restore-".utf8.count))"
    }

    /// As a list in a fact.
    static func text(_ names: some Sequence<TableName>) -> String { names.map(\.description).joined(separator: ",") }

    static func names(_ text: String) -> [TableName] { text.split(separator: ",").compactMap { name(String($0)) } }

    static func name(_ text: String) -> TableName? {
        let parts = text.split(separator: ".")
        return parts.count == 2 && parts.allSatisfy(SchemaName.isValid)
            ? TableName(keyspace: String(parts[0]), name: String(parts[1])) : nil
    }

    private func fact(_ stage: RestoreStage, _ name: String) -> String? {
        records.last { $0.stage == stage && $0.table == nil }?.facts?[name]
    }
}
