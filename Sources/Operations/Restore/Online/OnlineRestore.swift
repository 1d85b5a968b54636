package import Cassandra
internal import SystemPackage
internal import TransferEngine
package import Vault

/// A restore into a node that runs, by `nodetool import` or `nodetool refresh`.
///
/// All files are staged and verified before anything of the node is changed. Then missing tables are made, the node takes a
/// snapshot of what will be touched, tables are emptied where that is wanted, and one table after the other is given to
/// the node; in the end the node shows, by a snapshot of its own view, that it has them. Each step is in the journal
/// before the next begins, and a run that goes on does none twice.
package struct OnlineRestore: Sendable {
    private let vault: Vault
    private let request: OnlineRequest
    private let node: any NodeControl
    private let session: (any CQLSession)?
    private let autoSnapshot: Bool?
    private let context: RunContext
    private let rate: Double?
    private let clock: any Clock<Duration>
    private let beforeNote: (@Sendable (RestoreJournal.Record) throws -> Void)?

    /// - Parameters:
    ///   - node: the one whose data directories the request names.
    ///   - session: to the same node; nil: its schema is not looked at, and nothing is emptied or made.
    ///   - autoSnapshot: of its cassandra.yaml; nil where that is not known.
    ///   - rate: plain bytes a second of earlier restores.
    ///   - beforeNote: called before each step is written to the journal, for tests.
    package init(
        _ vault: Vault,
        _ request: OnlineRequest,
        node: any NodeControl,
        session: (any CQLSession)?,
        autoSnapshot: Bool?,
        _ context: RunContext,
        rate: Double? = nil,
        clock: any Clock<Duration> = ContinuousClock(),
        beforeNote: (@Sendable (RestoreJournal.Record) throws -> Void)? = nil
    ) {
        self.vault = vault
        self.request = request
        self.node = node
        self.session = session
        self.autoSnapshot = autoSnapshot
        self.context = context
        self.rate = rate
        self.clock = clock
        self.beforeNote = beforeNote
    }

    /// What `run` would do; changes nothing.
    package func plan() async throws -> RestorePlan {
        try await withTaskExecutorPreference(context.io) { try await decide().plan }
    }

    /// Does it, or goes on with it.
    ///
    /// - Throws: `RestoreRefused` where a check of the plan has failed; `RunError`, `CassandraError`, and what
    ///   `RestoreRun.run` throws. The journal has what was done.
    package func run() async throws -> OnlineReport {
        try await context.control.run { try await withTaskExecutorPreference(context.io) { try await restore() } }
    }

    private func decide() async throws -> OnlineDecision {
        let planner = OnlinePlanner(
            vault: vault,
            request: request,
            node: node,
            session: session,
            autoSnapshot: autoSnapshot,
            rate: rate
        )
        return try await planner.decide()
    }

    private func restore() async throws -> OnlineReport {
        context.control.enter(.preparing)
        let start = ContinuousClock.now
        let locks = try request.restore.dataDirectories.map { try DirectoryLock($0, "restore to") }
        defer { withExtendedLifetime(locks) {} }
        let decision = try await decide()
        try decision.plan.checkAccepted()
        let folders = decision.folders
        let header = RestoreJournal.Header(request.journaled, decision.selection, id: decision.plan.id)
        let journal = try RestoreJournal.open(folders, header, beforeNote: beforeNote)
        guard !journal.has(.undoing) else {
            throw RunError(
                .conflict,
                "go on with the restore",
                folders.name,
                "it is being undone: 'ringvault restore undo' goes on with that"
            )
        }
        try decision.plan.write(folders)
        var staged: RestoreReport?
        if !journal.has(.staged) {
            let staging = RestoreStaging(folders, decision.selection, decision.survey.route, in: vault, context)
            staged = try await staging.fill()
            try journal.note(.staged)
        }
        var report = OnlineReport(decision, staged, journal, elapsed: start.duration(to: .now))
        guard !request.restore.stopsWhenStaged else { return report }
        guard context.control.admitsWork() else {
            try context.control.checkStopped()
            throw CancellationError()
        }

        context.control.enter(.finishing)
        let steps = OnlineSteps(
            request: request,
            decision: decision,
            journal: journal,
            node: node,
            session: session,
            control: context.control,
            clock: clock
        )
        try await steps.run()
        report = OnlineReport(decision, staged, journal, elapsed: start.duration(to: .now))
        return report
    }
}
