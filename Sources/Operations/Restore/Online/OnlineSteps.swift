internal import Cassandra
internal import SystemPackage
internal import TransferEngine
internal import Vault

/// The steps of a restore that change a running node, each once.
struct OnlineSteps {
    /// How long nodes may take to agree on a new schema, and how often they are asked.
    static let agreement = (limit: Duration.seconds(120), pause: Duration.seconds(1))
    /// How long the snapshot of a check lasts if this process dies before it clears it.
    static let checkLifetime = Duration.seconds(3600)

    let request: OnlineRequest
    let decision: OnlineDecision
    let journal: RestoreJournal
    let node: any NodeControl
    let session: (any CQLSession)?
    let control: RunControl
    let clock: any Clock<Duration>

    private var folders: RestoreFolders { decision.folders }
    private var progress: OnlineProgress { OnlineProgress(journal.records) }

    func run() async throws {
        try await makeSchema()
        try checkStop()
        try await keep()
        try await truncate()
        // Tables that have just been made have ids of their own.
        let schema = decision.schema.created.isEmpty ? decision.node.schema : try await newSchema()
        try await load(schema)
        try await prove(schema)
        if !journal.has(.done) { try journal.note(.done) }
        try clean()
    }

    /// Stages and links are of no use any more; the journal stays.
    private func clean() throws {
        for index in folders.dataDirectories.indices {
            try FileTree.removeAll(folders.stage(index))
            try FileTree.removeAll(folders.load(index))
        }
    }

    private func checkStop() throws {
        if !control.admitsWork() { try control.checkStopped() }
    }

    // MARK: Schema

    private func makeSchema() async throws {
        guard !journal.has(.schema) else { return }
        if let session, !decision.schema.statements.isEmpty {
            let created = OnlineProgress.text(decision.schema.created.sorted())
            try journal.note(.staged, facts: [OnlineProgress.Fact.created: created])
            try await session.execute(decision.schema.statements.map(\.text))
            try await awaitAgreement()
        }
        try journal.note(
            .schema,
            facts: [
                OnlineProgress.Fact.truncate: request.truncates ? "yes" : "no",
                OnlineProgress.Fact.created: OnlineProgress.text(decision.schema.created.sorted()),
            ]
        )
    }

    private func awaitAgreement() async throws {
        var waited = Duration.zero
        while true {
            let ring = try await node.ring()
            if ring.agreesOnSchema { return }
            guard waited < Self.agreement.limit else {
                let versions = ring.schemaVersions.values.map { $0.joined(separator: ", ") }.sorted()
                throw RunError(
                    .failed,
                    "restore",
                    decision.plan.backup,
                    "tables were made, and after \(Self.agreement.limit) the nodes do not agree on the schema: "
                        + "\(versions.joined(separator: " / ")); the same command goes on when they do"
                )
            }
            try await clock.sleep(for: Self.agreement.pause)
            waited += Self.agreement.pause
        }
    }

    // MARK: What is there

    /// Has the node take a snapshot of all that will be touched, and sees that it is in the data directories.
    private func keep() async throws {
        guard !journal.has(.snapshot) else { return }
        guard !decision.kept.isEmpty else { return try journal.note(.snapshot, facts: [:]) }
        let tag = try await freeTag()
        try await node.takeSnapshot(tag, of: .tables(decision.kept), ttl: nil, skipsFlush: false)
        let directories = try OnlineDirectories(request.restore, decision.kept)
        try noteEmptied(directories)
        for name in decision.kept {
            let found = directories.candidates(name).contains { !$0.directories(of: tag).isEmpty }
            guard !found else { continue }
            throw RunError(
                .failed,
                "restore into",
                "\(name)",
                "the node has taken the snapshot \(tag), and it is not in the data directories "
                    + "\(folders.dataDirectories.map(\.string).joined(separator: ", ")): are they this node's? "
                    + "Nothing was changed"
            )
        }
        let facts = [OnlineProgress.Fact.tag: tag.name, OnlineProgress.Fact.tables: OnlineProgress.text(decision.kept)]
        try journal.note(.snapshot, facts: facts)
    }

    /// Notes what another node's restore has emptied since this one was staged: what was there before is in the snapshots that
    /// Cassandra took of it here, and not in the one that was just taken.
    private func noteEmptied(_ directories: OnlineDirectories) throws {
        guard !request.truncates, let staged = journal.record(.staged)?.time else { return }
        for name in decision.kept {
            let tags = try directories.candidates(name).flatMap { try $0.truncateSnapshots() }
                .filter { ($0.truncated ?? 0) / 1000 >= staged.seconds }
            guard !tags.isEmpty else { continue }
            let text = tags.map(\.name).joined(separator: ",")
            try journal.note(.truncated, table: "\(name)", facts: [OnlineProgress.Fact.snapshots: text])
        }
    }

    /// A tag that no snapshot has: one that is there may be the only copy of what was there before.
    private func freeTag() async throws -> SnapshotTag {
        let taken = Set(try await node.snapshots().map(\.tag))
        let prefix = OnlineProgress.undoPrefix(folders)
        var number = 1
        while taken.contains("\(prefix)-\(number)") { number += 1 }
        return try SnapshotTag("\(prefix)-\(number)")
    }

    // MARK: Truncating

    private func truncate() async throws {
        guard progress.truncates == true, let session else { return }
        for name in decision.truncated where !journal.has(.truncated, table: "\(name)") {
            try await OnlineTruncate(node: node, session: session, journal: journal, request: request.restore)
                .run(name, noting: .truncated)
        }
    }

    // MARK: Loading

    /// Gives the node table after table; a table that fails does not keep the others from being loaded.
    private func load(_ schema: Schema?) async throws {
        var failures: [any Error] = []
        for table in decision.survey.tables where table.sstables > 0 {
            guard !journal.has(.loaded, table: "\(table.target)") else { continue }
            try checkStop()
            do {
                try await load(table, schema)
            } catch let error as CassandraError where [.refused, .notFound, .corrupt].contains(error.code) {
                failures.append(RunError(.failed, "load into", "\(table.target)", cause: error))
            } catch let error as RunError {
                failures.append(error)
            }
        }
        guard let first = failures.first else { return }
        if failures.count == 1 { throw first }
        throw RunError(
            .failed,
            "restore",
            decision.plan.backup,
            "\(failures.count) tables could not be loaded, the others were: "
                + failures.map { "\($0)" }.joined(separator: "; ")
        )
    }

    private func load(_ table: OnlineTable, _ schema: Schema?) async throws {
        let source = source(of: table)
        switch request.restore.strategy {
        case .importing:
            let loading = ImportLoading(
                source: source,
                directories: folders.dataDirectories.indices.map { folders.load($0).appending(table.place) },
                owners: try folders.dataDirectories.map { try FileOwner(of: $0) },
                journal: journal,
                node: node,
                options: ImportOptions(),
                key: "\(table.target)"
            )
            try await loading.load()
        case .refreshing:
            let standing = try standing(of: table, schema)
            let loading = RefreshLoading(
                source: source,
                places: standing.directories.places(of: standing.table),
                journal: journal,
                node: node,
                key: "\(table.target)"
            )
            let left = try await loading.load()
            if !left.isEmpty { try await prove([(source, standing.table)]) }
        case .files, .inPlace: preconditionFailure("the planner refuses strategies that are not online")
        }
        try journal.note(.loaded, table: "\(table.target)")
    }

    private func source(of table: OnlineTable) -> LoadSource {
        LoadSource(
            table: table.target,
            folders: folders.dataDirectories.indices.map {
                LoadSource.Folder(path: folders.stage($0).appending(table.place), directoryIndex: $0)
            }
        )
    }

    /// Where the node has the table now.
    private func standing(
        of table: OnlineTable,
        _ schema: Schema?
    ) throws -> (table: Table, directories: OnlineDirectories) {
        let directories = try OnlineDirectories(request.restore, [table.target])
        guard let standing = directories.table(table.target, schema) else {
            throw RunError(
                .failed,
                "load into",
                "\(table.target)",
                "it has no directory, or several, in \(folders.dataDirectories.map(\.string).joined(separator: ", "))"
            )
        }
        return (standing, directories)
    }

    private func newSchema() async throws -> Schema? {
        guard let session else { return nil }
        return try await OnlineNode.schema(session)
    }

    // MARK: Proof

    /// Sees that the node has all that was loaded; what it does not see, it is told to look for once more.
    private func prove(_ schema: Schema?) async throws {
        guard !journal.has(.done) else { return }
        var tables: [(source: LoadSource, table: Table)] = []
        for table in decision.survey.tables where table.sstables > 0 {
            tables.append((source(of: table), try standing(of: table, schema).table))
        }
        try await prove(tables)
    }

    private func prove(_ tables: [(source: LoadSource, table: Table)]) async throws {
        let release = decision.node.facts.releaseVersion
        let check = LoadCheck(
            node: node,
            tag: try OnlineProgress.checkTag(folders),
            ttl: release.hasSnapshotTTL ? Self.checkLifetime : nil
        )
        let unseen = try await check.unseen(tables)
        guard !unseen.isEmpty else { return }
        for name in Set(unseen.map(\.table)).sorted() { try await node.refresh(name) }
        let still = try await check.unseen(tables)
        guard let first = still.first else { return }
        throw RunError(
            .failed,
            "load into",
            OnlineChecks.list(Set(still.map { "\($0.table)" })),
            "the files stand in its directory, and the node does not have \(still.count) of its SSTables, for instance "
                + "\(first.path): its log (system.log) says why; the same command tries again"
        )
    }
}

extension RestoreFolders {
    /// Links that `nodetool import` is given and moves away.
    func load(_ index: Int) -> FilePath { folder(index).appending("load") }
}
