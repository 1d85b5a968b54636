package import Cassandra
package import SystemPackage
internal import TransferEngine
internal import Vault

/// Brings back what a node had before a restore in place, from any step that one has come to: the same files under the
/// same names.
///
/// What stands there now, also what the node has written since, is moved to `undone/` of the restore: nothing is deleted.
package struct InPlaceUndo: Sendable {
    private let folders: RestoreFolders
    private let control: any NodeControl
    private let context: RunContext
    private let proc: FilePath
    private let faults: InPlaceRestore.Faults

    /// - Parameter folders: of the restore that is undone.
    package init(
        _ folders: RestoreFolders,
        control: any NodeControl,
        _ context: RunContext,
        proc: FilePath = "/proc",
        faults: InPlaceRestore.Faults = InPlaceRestore.Faults()
    ) {
        self.folders = folders
        self.control = control
        self.context = context
        self.proc = proc
        self.faults = faults
    }

    /// - Returns: the plan of the restore, with the stage `undone`; nil where that had not touched anything.
    /// - Throws: `RestoreRefused` while the node runs, or where not all that was set aside is there any more; `RunError`,
    ///   `FileError`.
    package func run() async throws -> RestorePlan? {
        try await withTaskExecutorPreference(context.io) { try await undo() }
    }

    private func undo() async throws -> RestorePlan? {
        let locks = try folders.dataDirectories.map { try DirectoryLock($0, "undo a restore in") }
        defer { withExtendedLifetime(locks) {} }
        guard let journal = try RestoreJournal.existing(folders.journal, beforeNote: faults.beforeNote) else {
            throw RunError(.notFound, "undo the restore", folders.name, "it has no journal in \(folders.folder(0))")
        }
        guard journal.header.strategy == .inPlace else {
            throw RunError(
                .invalid,
                "undo as one in place",
                folders.name,
                "it is one by \(journal.header.strategy.rawValue)"
            )
        }
        guard journal.stage != .undone else {
            throw RunError(.invalid, "undo the restore", folders.name, "it was undone already")
        }
        guard journal.has(.moving), let moves = try InPlaceMoves.read(folders) else {
            // Nothing of the node was touched.
            try journal.note(.undone)
            return nil
        }
        let swap = InPlaceSwap(folders, moves, beforeMove: faults.beforeMove)
        var plan = moves.plan
        plan.checks = await NodeStopped(
            control: control,
            directories: folders.dataDirectories + moves.sides.map { FilePath($0.path) },
            proc: proc
        ).checks(mayRun: false)
        try checkLater(journal, &plan)
        if !journal.has(.undoing), let noted = journal.record(.aside)?.facts { try checkAside(noted, swap, &plan) }
        try plan.checkAccepted()

        if !journal.has(.undoing) { try journal.note(.undoing) }
        // Until all had been set aside nothing was placed, and what stands there is what always stood there.
        if journal.has(.aside), !journal.has(.takenOut) {
            try swap.takeOut()
            try journal.note(.takenOut)
        }
        try swap.bringBack()
        try journal.note(.undone)
        plan.stage = .undone
        return plan
    }

    /// A restore that came after this one has taken its files for the node's own.
    private func checkLater(_ journal: RestoreJournal, _ plan: inout RestorePlan) throws {
        guard let own = journal.record(.moving)?.time else { return }
        for entry in try RestoreExecutions(in: folders.dataDirectories).entries where entry.folders.name != folders.name {
            guard let content = entry.content, content.header.strategy == .inPlace, content.stage.hasTouched,
                let time = content.records.first(where: { $0.stage == .moving })?.time,
                (time, entry.folders.execution) > (own, folders.execution)
            else { continue }
            plan.check("no later restore", .failed, "\(entry.folders.name) came after it: undo that first")
        }
    }

    private func checkAside(_ noted: [String: String], _ swap: InPlaceSwap, _ plan: inout RestorePlan) throws {
        let count = try swap.countAside()
        let isWhole = noted["files"] == "\(count.files)" && noted["bytes"] == "\(count.bytes)"
        plan.check(
            "what was set aside",
            isWhole ? .ok : .failed,
            "\(count.files) files, \(ByteCount(count.bytes))"
                + (isWhole
                    ? "" : ", of \(noted["files"] ?? "?") files and \(noted["bytes"] ?? "?") bytes that were set aside")
        )
    }
}
