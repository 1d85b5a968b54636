package import Cassandra
package import SystemPackage
internal import TransferEngine

/// Brings back what a node had before a restore in place, from any step that one has come to: the same files under the
/// same names.
///
/// What stands there now, also what the node has written since, is moved to `undone/` of the restore: nothing is deleted.
package struct InPlaceUndo: Sendable {
    private let layout: NodeLayout
    private let folders: RestoreFolders
    private let control: any NodeControl
    private let proc: FilePath
    private let faults: InPlaceRestore.Faults

    /// - Parameter folders: of the restore that is undone.
    package init(
        _ folders: RestoreFolders,
        _ layout: NodeLayout,
        control: any NodeControl,
        proc: FilePath = "/proc",
        faults: InPlaceRestore.Faults = InPlaceRestore.Faults()
    ) {
        self.folders = folders
        self.layout = layout
        self.control = control
        self.proc = proc
        self.faults = faults
    }

    /// Blocks now and then.
    ///
    /// - Returns: the plan of the restore, with the stage `undone`.
    /// - Throws: `RestoreRefused` while the node runs, or where not all that was set aside is there any more; `RunError`,
    ///   `FileError`.
    package func run() async throws -> RestorePlan? {
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
