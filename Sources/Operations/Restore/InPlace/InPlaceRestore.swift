package import Cassandra
package import SystemPackage
internal import TransferEngine
package import Vault

/// Puts a backup's files into the data directories of a node that is stopped, in place of what it has.
///
/// 1. All that is wanted is staged beside its place and verified; what the node has already is linked, not fetched.
/// 2. What is replaced is set aside, by renaming.
/// 3. What is staged gets to its place, by renaming.
///
/// Before the first rename the plan is fixed on disk, and each step is noted in a synced journal: a run that was killed
/// goes on where it was, and `InPlaceUndo` brings back what was there from any step. Nothing of the node is deleted.
package struct InPlaceRestore: Sendable {
    /// Where a test makes it fail.
    package struct Faults: Sendable {
        package var beforeNote: (@Sendable (RestoreJournal.Record) throws -> Void)?
        package var beforeMove: (@Sendable (FilePath) throws -> Void)?

        package init() {}
    }

    private let request: RestoreRequest
    private let layout: NodeLayout
    private let vault: Vault
    private let control: any NodeControl
    private let context: RunContext
    private let rate: Double?
    private let proc: FilePath
    private let faults: Faults

    /// - Parameters:
    ///   - control: of the node, which must not answer.
    ///   - rate: plain bytes a second of earlier restores.
    ///   - proc: the process file system.
    package init(
        _ request: RestoreRequest,
        _ layout: NodeLayout,
        in vault: Vault,
        control: any NodeControl,
        _ context: RunContext,
        rate: Double? = nil,
        proc: FilePath = "/proc",
        faults: Faults = Faults()
    ) {
        self.request = request
        self.layout = layout
        self.vault = vault
        self.control = control
        self.context = context
        self.rate = rate
        self.proc = proc
        self.faults = faults
    }

    /// What `run` would do; changes nothing.
    ///
    /// - Throws: `RunError`, `VaultError`, `StoreError`, `CassandraError`, `FileError`.
    package func plan() async throws -> RestorePlan {
        try await withTaskExecutorPreference(context.io) { try await decide().plan }
    }

    /// - Throws: as `plan`; `RestoreRefused` before anything was changed; `RunStopped`.
    package func run() async throws -> RestoreOutcome {
        try await context.control.run {
            try await withTaskExecutorPreference(context.io) { try await restore() }
        }
    }

    private func decide() async throws -> InPlacePlanner.Decision {
        let planner = InPlacePlanner(request: request, layout: layout, vault: vault, rate: rate)
        var decision = try await planner.decide()
        if let moves = try InPlaceMoves.read(decision.folders), decision.plan.stage?.hasTouched == true {
            // Half way: what stands on disk now is no ground for another plan.
            let (stage, refusals) = (decision.plan.stage, decision.plan.failures.filter { Self.holds($0) })
            decision.plan = moves.plan
            decision.plan.stage = stage
            decision.plan.checks.removeAll { $0.name == "node is stopped" }
            decision.plan.checks += refusals
        }
        let mayRun = request.stopsWhenStaged && decision.plan.stage?.hasTouched != true
        let stopped = NodeStopped(control: control, directories: guarded, proc: proc)
        decision.plan.checks += await stopped.checks(mayRun: mayRun)
        return decision
    }

    /// Of checks on a restore that is half way, those that are not of what it has moved itself.
    private static func holds(_ check: RestorePlan.Check) -> Bool {
        check.name == "no other restore" || check.name == "not done yet"
    }

    /// What a running node has files open in.
    private var guarded: [FilePath] { request.dataDirectories + layout.sides.map(\.path) }

    // MARK: Running

    private func restore() async throws -> RestoreOutcome {
        let locks = try request.dataDirectories.map { try DirectoryLock($0, "restore to") }
        defer { withExtendedLifetime(locks) {} }
        let decision = try await decide()
        try decision.plan.checkAccepted()
        let header = RestoreJournal.Header(request, decision.selection, id: decision.plan.id)
        let journal = try RestoreJournal.open(decision.folders, header, beforeNote: faults.beforeNote)
        if journal.stage.hasTouched {
            guard let moves = try InPlaceMoves.read(decision.folders), !journal.has(.undoing) else {
                throw RunError(
                    .conflict,
                    "go on with the restore",
                    "\(decision.folders.name)",
                    "it is being undone: 'ringvault restore undo' goes on with that"
                )
            }
            try swap(decision.folders, moves, journal)
            return try outcome(decision.folders, moves, journal, nil)
        }
        try await LiveLinker(decision.folders, decision.route).link(decision.selection, in: vault)
        let staging = RestoreStaging(decision.folders, decision.selection, decision.route, in: vault, context)
        let report = try await staging.fill()
        try journal.note(.staged)
        if request.stopsWhenStaged {
            var plan = decision.plan
            plan.stage = .staged
            return RestoreOutcome(plan: plan, report: report, aside: nil)
        }
        // Hours may have passed.
        var plan = decision.plan
        plan.checks.removeAll { $0.name == "node is stopped" }
        plan.checks += await NodeStopped(control: control, directories: guarded, proc: proc).checks(mayRun: false)
        try plan.checkAccepted()
        let moves = try fix(decision, plan)
        try moves.write(decision.folders)
        try journal.note(.moving)
        try swap(decision.folders, moves, journal)
        return try outcome(decision.folders, moves, journal, report)
    }

    /// Writes down what will be moved, since what stands on disk tells less with each move.
    private func fix(_ decision: InPlacePlanner.Decision, _ plan: RestorePlan) throws -> InPlaceMoves {
        let places = SidePlaces(folders: decision.folders)
        let sides = decision.sides.filter { (try? FileStatus(of: $0.path, followingLinks: true)) != nil }
        let created = request.dataDirectories.indices.map { index -> [String] in
            decision.replaced.flatMap { table -> [String] in
                guard (try? FileStatus(of: decision.folders.stage(index).appending(table))) != nil else { return [] }
                let keyspace = table.split(separator: "/").first.map(String.init) ?? table
                return [keyspace, table].filter { path in
                    (try? FileStatus(of: request.dataDirectories[index].appending(path), followingLinks: true)) == nil
                }
            }
        }
        return InPlaceMoves(
            plan: plan,
            replaced: decision.replaced,
            emptied: decision.emptied,
            created: created.map { Array(Set($0)).sorted() },
            sides: try sides.map { try places.choose($0) }
        )
    }

    private func swap(_ folders: RestoreFolders, _ moves: InPlaceMoves, _ journal: RestoreJournal) throws {
        context.control.enter(.finishing)
        let swap = InPlaceSwap(folders, moves, beforeMove: faults.beforeMove)
        if !journal.has(.aside) {
            try swap.setAside()
            let count = try swap.countAside()
            try journal.note(.aside, facts: ["files": "\(count.files)", "bytes": "\(count.bytes)"])
        }
        if !journal.has(.placed) {
            try swap.place()
            try journal.note(.placed)
        }
        if !journal.has(.done) { try journal.note(.done) }
    }

    private func outcome(
        _ folders: RestoreFolders,
        _ moves: InPlaceMoves,
        _ journal: RestoreJournal,
        _ report: RestoreReport?
    ) throws -> RestoreOutcome {
        var plan = moves.plan
        plan.stage = journal.stage
        let count = try InPlaceSwap(folders, moves).countAside()
        return RestoreOutcome(plan: plan, report: report, aside: count)
    }
}

/// What a restore into a node has done.
package struct RestoreOutcome: Sendable, Hashable {
    /// With the stage that it has come to.
    package let plan: RestorePlan
    /// Of the staging; nil where an earlier run had done that.
    package let report: RestoreReport?
    /// What was set aside; nil where nothing was touched.
    package let aside: InPlaceMoves.Count?

    package init(plan: RestorePlan, report: RestoreReport?, aside: InPlaceMoves.Count?) {
        self.plan = plan
        self.report = report
        self.aside = aside
    }
}
