internal import Cassandra

/// What becomes of rows that are there: of the tables themselves, of their views, of counters.
extension OnlineChecks {
    private var targets: Set<TableName> { Set(survey.tables.map(\.target)) }

    /// A table's rows come without those of its views, and truncating it empties them.
    func checkViews(_ plan: inout RestorePlan) {
        let verb = request.truncates ? "would be emptied with" : "would not have the restored rows of"
        for table in survey.tables {
            for view in node.views(of: table.target) {
                let name = TableName(keyspace: table.target.keyspace, name: view.name)
                guard !targets.contains(name) else { continue }
                let backedUp = backup?.view(table.name.keyspace, view.name) != nil && request.target == .same
                plan.check(
                    "views",
                    .failed,
                    "the view \(name) \(verb) \(table.target): "
                        + (backedUp
                            ? "restore it as well, --table \(name)"
                            : "drop it, and create it after the restore; Cassandra builds it then")
                )
            }
            guard let view = node.schema?.view(table.target.keyspace, table.target.name) else { continue }
            let base = TableName(keyspace: table.target.keyspace, name: view.baseTable)
            guard !targets.contains(base) else { continue }
            plan.check("views", .failed, "\(table.target) is a view of \(base): restore that as well, --table \(base)")
        }
        let views = survey.tables.filter { node.isView($0.target) }
        if !views.isEmpty {
            plan.check("views", .ok, "loaded as they were: \(Self.list(views.map { "\($0.target)" }))")
        }
        let indexes = survey.tables.flatMap { table in
            node.schema?.table(table.target.keyspace, table.target.name)?.indexes.map {
                "\(table.target.keyspace).\($0.name)"
            }
                ?? []
        }
        if !indexes.isEmpty {
            plan.check("indexes", .ok, "Cassandra builds them for what it loads: \(Self.list(indexes))")
        }
    }

    /// Counters are merged by their shards' clocks: what is loaded beside them is not added, and does not win by its time.
    func checkCounters(_ plan: inout RestorePlan) {
        let counters = survey.tables.filter { table in
            let there = node.schema?.table(table.target.keyspace, table.target.name)
            return (there ?? backup?.table(table.name.keyspace, table.name.name))?.isCounter == true
                && table.sstables > 0
        }
        guard !counters.isEmpty, !request.truncates else { return }
        let mixed = counters.filter { !created.contains($0.target) && !emptyCounters.contains($0.target) }
        guard !mixed.isEmpty else { return }
        plan.check(
            "counters",
            .failed,
            "\(Self.list(mixed.map { "\($0.target)" })) holds counters: beside those that are there, the result would be neither "
                + "the backup's nor today's; use --truncate, or restore it --as another table"
        )
    }

    func checkTruncate(_ plan: inout RestorePlan) {
        guard request.truncates else { return }
        if node.down.isEmpty {
            plan.check("all nodes are up", .ok, "TRUNCATE needs every node, and all are up")
        } else {
            plan.check(
                "all nodes are up",
                .failed,
                "TRUNCATE needs every node, and \(Self.list(node.down)) is down: start it, or restore without --truncate"
            )
        }
        guard !node.isAlone else {
            if node.autoSnapshot == false {
                plan.check(
                    "auto_snapshot",
                    .warning,
                    "it is off: what is written while the restore begins cannot be brought back"
                )
            }
            return
        }
        if node.autoSnapshot == false {
            plan.check(
                "auto_snapshot",
                .failed,
                "TRUNCATE empties the tables on every node, and auto_snapshot is off: nothing of what the other nodes have could be "
                    + "brought back; turn it on, or truncate by hand and restore without --truncate"
            )
        }
        plan.check(
            "the other nodes",
            .warning,
            "TRUNCATE empties the tables on all \(node.ring.members.count) nodes: first restore each of them with --until staged, "
                + "give --truncate on exactly one, then restore the others without it"
        )
    }

    func tellWhatStays(_ plan: inout RestorePlan) {
        guard !request.truncates else { return }
        let old = survey.tables.filter { !created.contains($0.target) }
        guard !old.isEmpty else { return }
        plan.check(
            "what is newer stays",
            .warning,
            "without --truncate the backup's rows are added to \(Self.list(old.map { "\($0.target)" })): what was written or deleted "
                + "since the backup is newer, and wins"
        )
    }
}
