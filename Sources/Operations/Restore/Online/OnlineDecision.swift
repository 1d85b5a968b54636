internal import Cassandra
internal import SystemPackage
internal import Vault

/// What a restore into a running node has found and decided, before it changes anything.
struct OnlineDecision: Sendable {
    var plan: RestorePlan
    let selection: RestoreSelection
    let folders: RestoreFolders
    let survey: OnlineSurvey
    let node: OnlineNode
    let schema: OnlineSchema
    /// The bases among the tables that are there: what TRUNCATE is said of.
    let truncated: [TableName]
    /// Tables that are there and will be touched, views with them: what is kept for an undo.
    let kept: [TableName]
}

/// Makes the decision: asks the node, reads the backup, looks at the disks.
struct OnlinePlanner {
    let vault: Vault
    let request: OnlineRequest
    let node: any NodeControl
    /// Nil: the node is not asked in CQL.
    let session: (any CQLSession)?
    let autoSnapshot: Bool?
    /// Plain bytes a second of earlier restores; nil where there were none.
    let rate: Double?

    /// - Throws: `RunError`, `CassandraError`, `VaultError` for what cannot be planned at all; what speaks against a plan is
    ///   a check in it.
    func decide() async throws -> OnlineDecision {
        try checkRequest()
        let node = try await OnlineNode(node, session, autoSnapshot: autoSnapshot)
        let identity = NodeIdentity(
            host: HostID(node.facts.hostID),
            tokens: Set(node.facts.tokens),
            means: self.node.means
        )
        let selection = try await RestoreSelection.find(request.restore, for: identity, in: vault)
        let journaled = request.journaled
        let id = RestoreID(journaled, selection, target: request.target.text)
        var plan = RestorePlan(journaled, selection, id: id)
        let executions = try RestoreExecutions(in: request.restore.dataDirectories)
        let folders = executions.folders(journaled, &plan)
        let records = executions.entries.first { $0.folders == folders }?.content?.records ?? []

        let backup = try await OnlineSchema.backup(selection, in: vault)
        let survey = try await OnlineSurvey(selection, request, schema: backup, in: vault)
        let schema = OnlineSchema(
            request,
            survey,
            backup: backup,
            node: node,
            OnlineProgress(records)
        )
        let names = survey.tables.map(\.target)
        let directories = try OnlineDirectories(request.restore, names)
        var standing: [TableName: Table] = [:]
        for name in names { standing[name] = directories.table(name, node.schema) }

        let checks = OnlineChecks(
            request: request,
            selection: selection,
            survey: survey,
            node: node,
            backup: backup,
            topology: try await topology(selection, node, names),
            standing: standing,
            created: schema.created,
            emptyCounters: try await emptyCounters(names, node)
        )
        checks.check(&plan)
        schema.check(&plan, directories)
        OnlineProgress(records).check(request, &plan)

        let there = names.filter { standing[$0] != nil && !schema.created.contains($0) }
        let views = there.flatMap { name in
            node.views(of: name).map { TableName(keyspace: name.keyspace, name: $0.name) }
        }
        let decision = OnlineDecision(
            plan: try await filled(plan, selection, folders, survey),
            selection: selection,
            folders: folders,
            survey: survey,
            node: node,
            schema: schema,
            truncated: request.truncates ? there.filter { !node.isView($0) }.sorted() : [],
            kept: Set(there + views).sorted()
        )
        return decision.told(request)
    }

    private func checkRequest() throws(RunError) {
        let restore = request.restore
        guard restore.strategy.isOnline else {
            throw RunError(
                .invalid,
                "restore",
                restore.backup,
                "the strategy \(restore.strategy.rawValue) needs no running node"
            )
        }
        if session == nil, request.schema == .create {
            throw RunError(.invalid, "restore", restore.backup, "--schema create needs CQL")
        }
        if session == nil, request.truncates {
            throw RunError(.invalid, "restore", restore.backup, "--truncate needs CQL")
        }
    }

    /// Tables, and what they need of the disks.
    private func filled(
        _ plan: RestorePlan,
        _ selection: RestoreSelection,
        _ folders: RestoreFolders,
        _ survey: OnlineSurvey
    ) async throws -> RestorePlan {
        var plan = plan
        for table in survey.tables {
            var entry = RestorePlan.Table(name: "\(table.name)", source: table.source, target: "\(table.target)")
            (entry.sstables, entry.files, entry.bytes) = (table.sstables, table.files, table.bytes)
            plan.tables.append(entry)
        }
        // What was staged and loaded since need not be fetched again.
        if plan.stage.map({ !$0.hasTouched && $0 != .staged }) ?? true {
            let needs = try await RestoreNeeds(selection, survey.route, stages: folders.stages, in: vault)
            try needs.fill(&plan, request.restore.dataDirectories)
        }
        plan.sumUp(rate: rate)
        return plan
    }

    private func topology(
        _ selection: RestoreSelection,
        _ node: OnlineNode,
        _ names: [TableName]
    ) async throws -> TopologyPlan {
        var target = TopologyPlan.Place(
            partitioner: node.facts.partitioner,
            tokens: node.facts.tokens,
            ringSize: node.ring.members.count
        )
        guard let record = selection.record else {
            return TopologyPlan(from: .init(partitioner: node.facts.partitioner, tokens: []), to: target)
        }
        var source = TopologyPlan.Place(
            partitioner: record.partitioner,
            tokens: record.tokens,
            ringSize: record.ring.isEmpty ? nil : record.ring.count
        )
        let plan = TopologyPlan(from: source, to: target)
        guard case .other = plan else { return plan }
        // Only for the words: what the others own.
        source.otherTokens = try await otherTokens(selection)
        for keyspace in Set(names.map(\.keyspace)).sorted().prefix(1) {
            let ranges = (try? await self.node.ranges(ofKeyspace: keyspace)) ?? []
            target.otherTokens = ranges.map(\.end).filter { !node.facts.tokens.contains($0) }
        }
        return TopologyPlan(from: source, to: target)
    }

    private func otherTokens(_ selection: RestoreSelection) async throws -> [String] {
        let listing = try await Catalogue(vault).find(selection.header.backup, cluster: selection.header.cluster)
        var tokens: [String] = []
        for host in listing.nodes where host != selection.header.hostId {
            tokens += try await RestoreSelection(listing.id, host, .named, in: vault).record?.tokens ?? []
        }
        return tokens
    }

    /// Asks for one row of each counter table that takes counters.
    private func emptyCounters(_ names: [TableName], _ node: OnlineNode) async throws -> Set<TableName> {
        let counters = names.filter { node.schema?.table($0.keyspace, $0.name)?.isCounter == true }.sorted()
        guard let session, !counters.isEmpty, !request.truncates else { return [] }
        let selects = counters.map { "SELECT JSON * FROM \(CQLText.name($0.keyspace, $0.name)) LIMIT 1" }
        let answers = try await session.rows(selects)
        return Set(zip(counters, answers).filter { $0.1.isEmpty }.map(\.0))
    }
}

extension OnlineDecision {
    /// With what will be touched, and what somebody has to do.
    fileprivate func told(_ request: OnlineRequest) -> OnlineDecision {
        var told = self
        for statement in schema.statements { told.plan.touches.append(.init(.executed, statement.text)) }
        if !kept.isEmpty {
            let names = OnlineChecks.list(kept.map { "\($0)" })
            told.plan.touches.append(
                .init(.snapshot, "\(OnlineProgress.undoPrefix(folders))… of \(names), for an undo")
            )
        }
        for name in truncated { told.plan.touches.append(.init(.truncated, "\(name), on every node")) }
        for table in survey.tables where table.sstables > 0 {
            told.plan.touches.append(.init(.loaded, "\(table.target)", files: table.files, bytes: table.bytes))
        }
        if request.restore.stopsWhenStaged {
            told.plan.instructions.append(
                "When every node is staged, give the same command without --until staged, with --truncate on one of them only."
            )
        } else if !node.isAlone {
            told.plan.instructions.append("When every node is restored, run a repair of the tables.")
        }
        return told
    }
}
