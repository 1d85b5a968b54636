internal import Cassandra
internal import Vault

/// What must be so before a running node is given a backup's files, looked at before anything is done.
struct OnlineChecks {
    let request: OnlineRequest
    let selection: RestoreSelection
    let survey: OnlineSurvey
    let node: OnlineNode
    /// As the backup has it; nil where it has none.
    let backup: Schema?
    let topology: TopologyPlan
    /// Tables of the restore that are there, by name: where they lie.
    let standing: [TableName: Table]
    /// Tables that are made by this restore, or were when it began.
    let created: Set<TableName>
    /// Counter tables that have no row.
    let emptyCounters: Set<TableName>

    func check(_ plan: inout RestorePlan) {
        checkNode(&plan)
        checkTopology(&plan)
        checkSelection(&plan)
        checkFormats(&plan)
        checkDirectories(&plan)
        checkViews(&plan)
        checkCounters(&plan)
        checkTruncate(&plan)
        tellWhatStays(&plan)
    }

    private func checkNode(_ plan: inout RestorePlan) {
        plan.check(
            "node is normal",
            node.mode == .normal ? .ok : .failed,
            node.mode == .normal
                ? "\(node.facts.address) is in mode NORMAL"
                : "\(node.facts.address) is in mode \(node.mode): wait until it is NORMAL"
        )
        let release = node.facts.releaseVersion
        if plan.strategy == .importing, !release.hasImport {
            plan.check(
                "release",
                .failed,
                "Cassandra \(release) has no import, which came with 4.0: use --strategy refresh"
            )
        } else {
            plan.check("release", .ok, "Cassandra \(release)")
        }
        if let cluster = selection.record?.clusterName, cluster != node.facts.clusterName {
            plan.check(
                "cluster",
                .warning,
                "the backup is of cluster '\(cluster)', this node is of '\(node.facts.clusterName)'"
            )
        }
        let versions = node.ring.schemaVersions
        if versions.count > 1 {
            let words = versions.sorted { $0.key < $1.key }
                .map { "\($0.key): \($0.value.sorted().joined(separator: ", "))" }
            plan.check(
                "schema agreement",
                .failed,
                "the nodes have different schemas: \(words.joined(separator: "; "))"
            )
        } else {
            plan.check("schema agreement", .ok, "all nodes that answer have the same schema")
        }
    }

    private func checkTopology(_ plan: inout RestorePlan) {
        switch topology {
        case .sameTokens: plan.check("tokens", .ok, "this node has the tokens of the backup's node")
        case .wholeRing:
            plan.check("tokens", .ok, "the backup's node was alone in its ring, and this one is: it owns every row")
        case .other(let explanation): plan.check("tokens", .failed, explanation)
        }
    }

    private func checkSelection(_ plan: inout RestorePlan) {
        if !survey.refused.isEmpty {
            plan.check(
                "system keyspaces",
                .failed,
                "\(Self.list(survey.refused)) cannot come into a node that runs: they describe this very node; leave them out, "
                    + "or restore in place"
            )
        }
        let chosen = Set(survey.tables.map(\.name.keyspace)).filter(Schema.isSystem)
        if !chosen.isEmpty {
            plan.check(
                "system keyspaces",
                .warning,
                "\(Self.list(chosen)): roles and permissions of the time of the backup are added to today's"
            )
        }
        if !survey.leftOut.isEmpty {
            plan.check("system keyspaces", .ok, "\(Self.list(survey.leftOut)) of the backup are left out")
        }
        for (name, sources) in survey.twice.sorted(by: { $0.key < $1.key }) {
            plan.check(
                "tables",
                .failed,
                "the backup has \(name) twice, \(sources.joined(separator: " and ")), and nothing says which one was alive: "
                    + "restore its files into a directory and load those of one by hand"
            )
        }
        let targets = Dictionary(grouping: survey.tables, by: \.target).filter { $0.value.count > 1 }
        for (name, tables) in targets.sorted(by: { $0.key < $1.key }) {
            plan.check(
                "tables",
                .failed,
                "\(Self.list(tables.map { "\($0.name)" })) would all become \(name): --as with a table takes one with --table, "
                    + "--as with a keyspace one with --keyspace"
            )
        }
        if survey.tables.isEmpty, survey.refused.isEmpty {
            plan.check("tables", .failed, "the backup has no table that was asked for")
        }
        let damaged = survey.tables.flatMap { table in table.damaged.map { "\(table.name) \($0)" } }
        if !damaged.isEmpty {
            plan.check("damage", .warning, "damaged on the node when it was backed up: \(Self.list(damaged))")
        }
    }

    private func checkFormats(_ plan: inout RestorePlan) {
        let release = node.facts.releaseVersion
        let strange = survey.tables.flatMap(\.samples).filter { !release.opens($0) }
        guard !strange.isEmpty else {
            plan.check("SSTables", .ok, "Cassandra \(release) reads the backup's SSTables")
            return
        }
        let origin = selection.header.releaseVersion.map { "Cassandra \($0)" } ?? "another release"
        plan.check(
            "SSTables",
            .failed,
            "Cassandra \(release) cannot read \(Self.list(Set(strange.map(\.prefix)))) of \(origin): restore to a node of the "
                + "backup's release or a later one"
        )
    }

    /// Only what is there: that a table is missing is told by the schema's check.
    private func checkDirectories(_ plan: inout RestorePlan) {
        let count = request.restore.dataDirectories.count
        let partial = standing.filter { $0.value.places.count < count }.keys.sorted()
        guard plan.strategy == .refreshing, !partial.isEmpty else { return }
        plan.check(
            "directories",
            .failed,
            "\(Self.list(partial.map { "\($0)" })) have no directory in each of the \(count) data directories: "
                + "are they the node's data_file_directories?"
        )
    }

    static func list(_ names: some Collection<String>) -> String {
        let shown = names.sorted().prefix(5).joined(separator: ", ")
        return names.count > 5 ? "\(shown) and \(names.count - 5) more" : shown
    }
}
