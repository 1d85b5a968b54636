package import Cassandra
internal import SystemPackage
internal import TransferEngine

/// Brings back what tables had before a restore into a running node, from any step that one has come to.
///
/// Tables that were touched are emptied (Cassandra keeps a snapshot of what they have now), and what was kept of them is
/// loaded: the snapshot that Cassandra took when the restore emptied them, else the one that was taken before. What was
/// not touched stays as it is. Tables that the restore has made stay, and are told of.
package struct OnlineUndo: Sendable {
    private let folders: RestoreFolders
    private let node: any NodeControl
    private let session: any CQLSession
    private let truncates: Bool
    private let context: RunContext
    private let beforeNote: (@Sendable (RestoreJournal.Record) throws -> Void)?

    /// - Parameters:
    ///   - folders: of the restore that is undone.
    ///   - truncates: false on all nodes of a ring but the first: its undo has emptied the tables everywhere.
    package init(
        _ folders: RestoreFolders,
        node: any NodeControl,
        session: any CQLSession,
        truncates: Bool = true,
        _ context: RunContext,
        beforeNote: (@Sendable (RestoreJournal.Record) throws -> Void)? = nil
    ) {
        self.folders = folders
        self.node = node
        self.session = session
        self.truncates = truncates
        self.context = context
        self.beforeNote = beforeNote
    }

    /// What `run` would do; changes nothing.
    ///
    /// - Throws: `RunError`, `CassandraError`, `FileError`.
    package func plan() async throws -> RestorePlan {
        try await withTaskExecutorPreference(context.io) {
            guard let content = try RestoreJournal.Content(of: folders.journal) else { throw missing }
            return try await decide(content.header, content.records).plan
        }
    }

    /// - Returns: the plan, with the stage `undone`.
    /// - Throws: as `plan`; `RestoreRefused` before anything was changed.
    package func run() async throws -> RestorePlan {
        try await context.control.run { try await withTaskExecutorPreference(context.io) { try await undo() } }
    }

    private var missing: RunError {
        RunError(.notFound, "undo the restore", folders.name, "it has no journal in \(folders.folder(0))")
    }

    private func decide(
        _ header: RestoreJournal.Header,
        _ records: [RestoreJournal.Record]
    ) async throws -> UndoDecision {
        guard header.strategy.isOnline else {
            throw RunError(
                .invalid,
                "undo as one into a running node",
                folders.name,
                "it is one \(header.strategy.rawValue)"
            )
        }
        let planner = UndoPlanner(
            folders: folders,
            records: records,
            session: session,
            node: node,
            truncates: truncates
        )
        return try await planner.decide()
    }

    private func undo() async throws -> RestorePlan {
        let locks = try folders.dataDirectories.map { try DirectoryLock($0, "undo a restore in") }
        defer { withExtendedLifetime(locks) {} }
        guard let journal = try RestoreJournal.existing(folders.journal, beforeNote: beforeNote) else { throw missing }
        guard !journal.has(.undone) else {
            throw RunError(.invalid, "undo the restore", folders.name, "it was undone already")
        }
        var decision = try await decide(journal.header, journal.records)
        try decision.plan.checkAccepted()
        if !journal.has(.undoing) { try journal.note(.undoing) }

        let request = decision.request
        for index in folders.dataDirectories.indices { try FileTree.removeAll(folders.load(index)) }
        for base in decision.bases where truncates && !journal.has(.takenOut, table: "\(base)") {
            // Waits for an import that may still be under way since its caller was killed.
            try await node.refresh(base)
            try await OnlineTruncate(node: node, session: session, journal: journal, request: request)
                .run(base, noting: .takenOut)
        }
        var loaded: [(source: LoadSource, table: Table)] = []
        for one in decision.tables {
            try takeBack(one.name, one.places, journal)
            let key = "undo \(one.name)"
            loaded.append((one.source, one.table))
            guard !journal.has(.loaded, table: key) else { continue }
            _ = try await RefreshLoading(
                source: one.source,
                places: one.places,
                journal: journal,
                node: node,
                key: key
            ).load()
            try journal.note(.loaded, table: key)
        }
        try await prove(loaded)
        try journal.note(.undone)
        for index in folders.dataDirectories.indices { try FileTree.removeAll(folders.stage(index)) }
        decision.plan.stage = .undone
        return decision.plan
    }

    /// Takes files out again that the restore has placed and the node has not taken: a refresh would bring them in.
    private func takeBack(_ name: TableName, _ places: [FilePath?], _ journal: RestoreJournal) throws {
        let names = journal.names(of: "\(name)")
        guard !names.isEmpty, !journal.has(.placed, table: "undo \(name)") else { return }
        for index in folders.dataDirectories.indices {
            guard let place = places[index] else { continue }
            let keyspace = folders.stage(index).appending(name.keyspace)
            let staged = (try? DirectoryListing(of: keyspace).names) ?? []
            for directory in staged where TableDirectory(directory)?.table == name.name {
                let stage = keyspace.appending(directory)
                for set in try SSTableFolder(stage, readingContents: false).sets {
                    guard let prefix = names[LoadSource.key(index, set)] else { continue }
                    try SSTablePlacing.unlink(set, in: stage, from: place, as: prefix)
                }
            }
        }
    }

    private func prove(_ tables: [(source: LoadSource, table: Table)]) async throws {
        let check = LoadCheck(node: node, tag: try OnlineProgress.checkTag(folders), ttl: nil)
        guard !(try await check.unseen(tables)).isEmpty else { return }
        for (source, _) in tables { try await node.refresh(source.table) }
        guard let first = try await check.unseen(tables).first else { return }
        throw RunError(
            .failed,
            "undo the restore",
            folders.name,
            "the node does not have \(first.path) of \(first.table): its log (system.log) says why; the same command tries again"
        )
    }
}
