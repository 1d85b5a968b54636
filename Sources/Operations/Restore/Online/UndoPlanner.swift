internal import Cassandra
internal import SystemPackage
internal import TransferEngine

/// What an undo has found and decided.
struct UndoDecision: Sendable {
    /// A table, and where what it had before is.
    struct Kept: Sendable {
        let name: TableName
        let source: LoadSource
        let table: Table
        let places: [FilePath?]
    }

    var plan: RestorePlan
    /// As far as it tells where the tables are.
    let request: RestoreRequest
    /// What is emptied; views are emptied with theirs.
    let bases: [TableName]
    let tables: [Kept]
}

/// Decides how a restore into a running node is undone; changes nothing.
struct UndoPlanner {
    let folders: RestoreFolders
    let records: [RestoreJournal.Record]
    let session: any CQLSession
    let node: any NodeControl
    let truncates: Bool

    func decide() async throws -> UndoDecision {
        var plan = try RestorePlan(reading: folders)
        (plan.checks, plan.touches, plan.instructions, plan.stage) = ([], [], [], records.last?.stage)
        var request = RestoreRequest(plan.strategy, backup: plan.backup, dataDirectories: folders.dataDirectories)
        let progress = OnlineProgress(records)
        let state = try await OnlineNode(node, session, autoSnapshot: nil)
        plan.check(
            "node is normal",
            state.mode == .normal ? .ok : .failed,
            "\(state.facts.address) is in mode \(state.mode)"
        )
        let touched = Set(progress.emptying.keys).union(progress.loaded).subtracting(progress.created)
        let bases = Set(touched.map { base(of: $0, state) }).sorted()
        let names = bases.flatMap { [$0] + views(of: $0, state) }
        if truncates, !bases.isEmpty { checkRing(state, &plan) }

        // Ids that were given when the restore began hold for its undo.
        request.tableIDs = ids(state, names)
        let directories = try OnlineDirectories(request, names)
        var tables: [UndoDecision.Kept] = []
        for name in names {
            guard let table = directories.table(name, state.schema) else {
                plan.check("tables exist", .failed, "\(name) was dropped since: make it again first")
                continue
            }
            guard let tags = tags(of: name, table, progress, &plan) else { continue }
            tellOfView(name, progress, state, &plan)
            let source = LoadSource(
                table: name,
                folders: tags.flatMap { tag in
                    table.directories(of: tag).map { .init(path: $0.path, directoryIndex: $0.place.directoryIndex) }
                }
            )
            plan.touches.append(.init(.loaded, "\(name) from \(tags.map(\.name).joined(separator: ", "))"))
            tables.append(.init(name: name, source: source, table: table, places: directories.places(of: table)))
        }
        if truncates { plan.touches += bases.map { .init(.truncated, "\($0), on every node") } }
        tell(progress, state, bases, &plan)
        return UndoDecision(plan: plan, request: request, bases: bases, tables: tables)
    }

    private func base(of name: TableName, _ state: OnlineNode) -> TableName {
        guard let view = state.schema?.view(name.keyspace, name.name) else { return name }
        return TableName(keyspace: name.keyspace, name: view.baseTable)
    }

    /// A view that another node's restore has emptied with its table is in no snapshot: ours was taken after that.
    private func tellOfView(
        _ name: TableName,
        _ progress: OnlineProgress,
        _ state: OnlineNode,
        _ plan: inout RestorePlan
    ) {
        let base = base(of: name, state)
        guard base != name, progress.truncated[base] != nil, progress.emptying[base] == nil else { return }
        plan.check(
            "views",
            .warning,
            "another node's restore has emptied \(name) with \(base), and Cassandra keeps no snapshot of views: drop it when every "
                + "node is undone, and create it again; Cassandra builds it from the table"
        )
    }

    private func views(of name: TableName, _ state: OnlineNode) -> [TableName] {
        state.views(of: name).map { TableName(keyspace: name.keyspace, name: $0.name) }.sorted()
    }

    private func ids(_ state: OnlineNode, _ names: [TableName]) -> [String: String] {
        Dictionary(
            names.compactMap { name in state.schema?.directoryID(of: name).map { ("\(name)", $0) } },
            uniquingKeysWith: { first, _ in first }
        )
    }

    private func checkRing(_ state: OnlineNode, _ plan: inout RestorePlan) {
        plan.check(
            "all nodes are up",
            state.down.isEmpty ? .ok : .failed,
            state.down.isEmpty
                ? "TRUNCATE needs every node, and all are up"
                : "TRUNCATE needs every node, and \(OnlineChecks.list(state.down)) is down: start it first"
        )
        guard !state.isAlone else { return }
        plan.check(
            "the other nodes",
            .warning,
            "TRUNCATE empties the tables on all \(state.ring.members.count) nodes: undo the restore on each of them, and on all "
                + "but the first with --no-truncate"
        )
    }

    /// The snapshots that have what the table had before; nil if they are gone, which the plan is told.
    private func tags(
        of name: TableName,
        _ table: Table,
        _ progress: OnlineProgress,
        _ plan: inout RestorePlan
    ) -> [SnapshotTag]? {
        let own = progress.kept.flatMap { $0.tables.contains(name) ? $0.tag : nil }
        let emptied = emptiedTags(of: name, table, progress)
        let standing = emptied.filter { !table.directories(of: $0).isEmpty }
        if !emptied.isEmpty, standing.count == emptied.count { return standing }
        if let own = own.flatMap({ try? SnapshotTag($0) }), !table.directories(of: own).isEmpty {
            if !emptied.isEmpty {
                plan.check(
                    "snapshots",
                    .warning,
                    "\(name) comes from \(own), taken before it was emptied: Cassandra's own snapshot of that moment is gone"
                )
            }
            return [own]
        }
        plan.check(
            "snapshots",
            .failed,
            "nothing holds what \(name) had before: "
                + (own.map { "the snapshot \($0) is gone" } ?? "there was no snapshot of it")
                + "; restore it from an earlier backup"
        )
        return nil
    }

    /// Tags of the snapshots that Cassandra took when the restore emptied the table; none of a view, which has none.
    private func emptiedTags(of name: TableName, _ table: Table, _ progress: OnlineProgress) -> [SnapshotTag] {
        if let noted = progress.truncated[name] { return noted.compactMap { try? SnapshotTag($0) } }
        // Killed between the statement and the note: what came since is the statement's.
        guard let before = progress.emptying[name] else { return [] }
        return ((try? table.truncateSnapshots()) ?? []).filter { !before.contains($0.name) }
    }

    private func tell(
        _ progress: OnlineProgress,
        _ state: OnlineNode,
        _ bases: [TableName],
        _ plan: inout RestorePlan
    ) {
        if !bases.isEmpty {
            plan.check(
                "what came since",
                .warning,
                "what was written to \(OnlineChecks.list(bases.map { "\($0)" })) since the restore began goes as well; Cassandra's "
                    + "snapshot of the TRUNCATE keeps it"
            )
        }
        let made = progress.created.filter { state.schema?.directoryID(of: $0) != nil }.sorted()
        for name in made {
            let kind = state.isView(name) ? "MATERIALIZED VIEW" : "TABLE"
            plan.instructions.append(
                "\(name) was made by the restore and stays; to have it gone: DROP \(kind) \(CQLText.name(name.keyspace, name.name));"
            )
        }
        if bases.isEmpty { plan.check("tables", .ok, "no table that was there before has been touched") }
    }
}
