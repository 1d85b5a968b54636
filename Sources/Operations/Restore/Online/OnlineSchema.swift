internal import Cassandra
internal import FoundationEssentials
internal import Vault

/// What a restore into a running node needs of its schema, and what is made to have it.
struct OnlineSchema: Sendable {
    /// Carried out before anything is loaded, in this order.
    let statements: [SchemaStatement]
    /// Tables that the statements make, and those that an earlier run of the restore has made.
    let created: Set<TableName>
    private let request: OnlineRequest
    private let tables: [OnlineTable]
    private let backup: Schema?
    private let live: Schema?
    private let missing: [OnlineTable]
    /// What keeps a table from being made.
    private let problems: [String]

    /// What the backup says of its tables; nil where nobody asked in CQL when it was made.
    ///
    /// - Throws: `RunError` for a `schema.json` that cannot be read.
    static func backup(_ selection: RestoreSelection) throws(RunError) -> Schema? {
        guard let text = selection.document(ManifestDocument.schema) else { return nil }
        func unreadable(_ reason: String, _ cause: (any Error)? = nil) -> RunError {
            RunError(.failed, "read \(ManifestDocument.schema) of", "\(selection.id)", reason, cause: cause)
        }
        let schema: Schema
        do { schema = try JSONDecoder().decode(Schema.self, from: Data(text.utf8)) } catch {
            throw unreadable("", error)
        }
        guard schema.format <= Schema.currentFormat else { throw unreadable("a later ringvault has written it") }
        return schema
    }

    /// - Parameter progress: what an earlier run of this restore has made, or was about to make when it ended.
    init(
        _ request: OnlineRequest,
        _ survey: OnlineSurvey,
        backup: Schema?,
        node: OnlineNode,
        _ progress: OnlineProgress
    ) {
        let made = progress.created
        self.request = request
        tables = survey.tables
        self.backup = backup
        live = request.schema == .none ? nil : node.schema
        guard let live else {
            (statements, created, missing, problems) = ([], made, [], [])
            return
        }
        // Of a run that was killed among the statements, all are carried out again: they make what is not there.
        missing = tables.filter { table in
            live.directoryID(of: table.target) == nil || !progress.isSchemaMade && made.contains(table.target)
        }
        guard request.schema == .create, let backup else {
            (statements, created, problems) = ([], made, [])
            return
        }
        var changes = SchemaScript.Changes()
        changes.datacenters = request.datacenters
        changes.replication = request.replication
        changes.keepsIDs = request.newIDs == .keep
        var script = SchemaScript(
            from: backup,
            to: live,
            changes,
            release: node.facts.releaseVersion,
            datacenters: Set(node.ring.members.map(\.datacenter))
        )
        for table in tables {
            let isMissing = missing.contains(table)
            // What is there gets the indexes that it lacks; another table is as somebody has made it.
            guard isMissing || request.target == .same else { continue }
            script.add(table.name, as: table.target, isUnfinished: isMissing && made.contains(table.target))
        }
        (statements, problems) = (script.statements, script.problems)
        created = made.union(missing.map(\.target))
    }

    /// Puts into the plan whether the tables are there and can hold the backup's rows.
    func check(_ plan: inout RestorePlan, _ directories: OnlineDirectories) {
        for problem in problems { plan.check("schema", .failed, problem) }
        guard let live else { return checkDirectories(&plan, directories) }
        switch request.schema {
        case .none: break
        case .check:
            if !missing.isEmpty {
                plan.check(
                    "tables exist",
                    .failed,
                    "\(OnlineChecks.list(missing.map { "\($0.target)" })) "
                        + (missing.count == 1 ? "does not exist here" : "do not exist here")
                        + ": --schema create makes what is missing, or leave it out with --exclude-table"
                )
            }
        case .create:
            if backup == nil, !missing.isEmpty {
                plan.check(
                    "tables exist",
                    .failed,
                    "\(OnlineChecks.list(missing.map { "\($0.target)" })) cannot be made: the backup has no schema, as no CQL was "
                        + "asked when it was taken; make it by hand (each table's schema.cql is among its files)"
                )
            }
        }
        guard let backup else {
            return plan.check(
                "schema",
                .warning,
                "the backup has no schema: whether the tables' columns fit was not checked"
            )
        }
        let comparison = SchemaComparison(backup: backup, live: live)
        let fits = tables.filter { !missing.contains($0) }.map { comparison.fit(of: $0.name, into: $0.target) }
        let problems = fits.flatMap(\.problems)
        if problems.isEmpty {
            plan.check("schema", .ok, "the tables that are there can hold the backup's rows")
        } else {
            plan.check("schema", .failed, problems.joined(separator: "; "))
        }
        for warning in fits.flatMap(\.warnings) { plan.check("schema", .warning, warning) }
    }

    /// Where nobody can be asked in CQL, a table is what has a directory.
    private func checkDirectories(_ plan: inout RestorePlan, _ directories: OnlineDirectories) {
        plan.check(
            "schema",
            .warning,
            "the node is not asked in CQL: whether the tables can hold the backup's rows was not checked"
        )
        let absent = tables.filter { directories.candidates($0.target).isEmpty }.map { "\($0.target)" }
        if !absent.isEmpty {
            plan.check("tables exist", .failed, "\(OnlineChecks.list(absent)) has no directory in the data directories")
        }
        for table in tables where directories.candidates(table.target).count > 1 {
            guard directories.table(table.target, nil) == nil else { continue }
            let ids = directories.candidates(table.target).compactMap(\.id).joined(separator: ", ")
            plan.check(
                "tables exist",
                .failed,
                "\(table.target) has directories with the ids \(ids), and nothing says which is alive: --table-id names it"
            )
        }
    }
}
