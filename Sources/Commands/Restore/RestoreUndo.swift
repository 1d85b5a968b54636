internal import ArgumentParser
internal import Cassandra
internal import Operations
internal import SystemPackage
internal import TransferEngine
internal import Vault

/// The command `ringvault restore undo`.
struct RestoreUndo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "undo",
        abstract: "Bring back what this node had before a restore into it.",
        discussion: """
            Of a restore in place the node must be stopped: files get back to where they were by renaming. Of one by import \
            or refresh it must run: tables are emptied, and what was kept of them is loaded. What came since is moved aside, \
            or kept in a snapshot, and not deleted. From whatever step a restore has come to; an undo that was killed is \
            simply started again.
            """
    )

    @Option(
        help: ArgumentHelp(
            "The restore, as 'restore cleanup' lists them, where there are several: restore-3e2816e0e538.",
            valueName: "id"
        )
    )
    var id: String?

    @Flag(
        name: .customLong("no-truncate"),
        help: """
            Of a restore by import or refresh, on all nodes of a ring but the first: do not empty the tables, which the undo \
            on the first node has done everywhere.
            """
    )
    var noTruncate = false

    @Flag(
        name: .customLong("dry-run"),
        help: "Of a restore by import or refresh: print what would be done and all checks, and change nothing."
    )
    var dryRun = false

    @OptionGroup var place: NodePlaceOptions
    @OptionGroup var cql: CQLOptions
    @OptionGroup var engine: EngineOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let settings = try global.settings()
        let (output, logger) = (try global.output(settings), try global.logger(settings))
        let directories = try place.dataDirectories(settings)
        let folders = try RestoreLeftovers(in: directories).folders(id, "undo") { $0.stage != nil && $0.stage != .undone }
        let control = try place.node.control(settings, logger)
        let context = try engine.context(settings, isGentle: false, logger: logger)
        guard let content = try RestoreJournal.Content(of: folders.journal), content.header.strategy.isOnline else {
            if dryRun { throw ValidationError("--dry-run goes with restores by import and refresh") }
            let plan = try await InPlaceUndo(folders, control: control, context).run()
            return try output.print(RestoreUndoResult(name: folders.name, plan: plan))
        }
        guard let shell = try cql.session(settings, logger) else {
            throw ValidationError("tables are emptied by TRUNCATE: --cqlsh none cannot go with it")
        }
        let undo = OnlineUndo(folders, node: control, session: shell, truncates: !noTruncate, context)
        if dryRun {
            let plan = try await undo.plan()
            try output.print(RestorePlanResult(plan: plan))
            return try plan.checkAccepted()
        }
        try output.print(RestoreUndoResult(name: folders.name, plan: try await undo.run()))
    }
}

/// What an undo did.
struct RestoreUndoResult: Renderable {
    struct JSON: Encodable {
        let restore: String
        let stage: RestoreStage
        /// Nil where the restore had not touched anything.
        let plan: RestorePlan?
    }

    let name: String
    let plan: RestorePlan?

    var json: JSON { JSON(restore: name, stage: plan?.stage ?? .undone, plan: plan) }

    var text: String {
        guard let plan else { return "\(name) had not touched the node; it is noted as undone.\n" }
        var text = "Undone: \(name), the restore of '\(plan.backup)' (\(plan.strategy.rawValue)).\n"
        if plan.strategy == .inPlace {
            text += "The node's files are as they were before. What stood in their places is kept beside the data:\n"
            text += "'ringvault restore cleanup --discard-aside' deletes it.\n"
        } else {
            text += plan.adviceText
        }
        return text
    }
}
