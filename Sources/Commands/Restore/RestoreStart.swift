internal import ArgumentParser
internal import Cassandra
internal import Operations
internal import SystemPackage
internal import TransferEngine
internal import Vault

/// The command `ringvault restore start`.
struct RestoreStart: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start",
        abstract: "Restore a node's files into directories, or into this node.",
        discussion: """
            Into directories (--target) files are written as <keyspace>/<table>-<id>/<files>; the targets are filled evenly. \
            Files that stand there already are read and compared; one that differs is an error unless --overwrite is given.

            Into this node (--strategy in-place, import, refresh) all files are first staged beside their places, in \
            .ringvault of each data directory, and verified. Then they get to their places by renaming, or the node is told \
            to take them. Nothing that the node has is deleted: it is set aside, or kept in snapshots, and 'restore undo' \
            brings it back. --dry-run prints what would be done.

            Every byte is checked against its hash before a file gets its name. A restore that was stopped or killed is \
            simply started again: it goes on where it was.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var engine: EngineOptions
    @OptionGroup var state: StateOptions
    @OptionGroup var hours: HoursOptions

    @Option(help: ArgumentHelp("Name of the backup.", valueName: "name"))
    var name: String?

    /// As the DC/OS command has it.
    @Option(name: .customLong("backup_name"), help: .hidden)
    var legacyName: String?

    @Option(help: ArgumentHelp("The cluster, where several have such a backup.", valueName: "cluster"))
    var cluster: String?

    @Option(
        name: .customLong("host-id"),
        help: ArgumentHelp(
            "The node of the backup whose files are wanted; default: this node, where that can be told, or the only one.",
            valueName: "uuid"
        )
    )
    var hostID: String?

    @OptionGroup var placement: PlacementOptions
    @OptionGroup var online: OnlineRestoreOptions
    @OptionGroup var filter: FilterOptions
    @OptionGroup var node: NodeOptions
    @OptionGroup var cql: CQLOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let strategy = try placement.chosen()
        try placement.check(strategy)
        guard strategy.isOnline || !online.isGiven else {
            throw ValidationError(
                "--as, --truncate, --schema, --table-ids, --map-dc and --replication go with --strategy import and refresh"
            )
        }
        let session = try Session(global, store, engine)
        switch strategy {
        case .files: try await restoreFiles(session)
        case .inPlace: try await restoreInPlace(session)
        case .importing, .refreshing: try await restoreOnline(strategy, session)
        }
    }

    private func restoreFiles(_ session: Session) async throws {
        let settings = session.settings
        var options = RestoreOptions(
            backup: try BackupNameArgument.choose(name, legacyName),
            targets: placement.target.map { FilePath($0) }
        )
        options.cluster = try settings.string(.cluster, cluster)
        options.host = try settings.string(.hostID, hostID).map(HostIDArgument.parse)
        options.filter = try filter.filter(settings)
        options.overwrites = placement.overwrite
        let report = try await hosted(session, options.targets) { [options] vault, context in
            try await RestoreRun(vault, options, context).run()
        }
        session.log(report.warnings)
        try session.output.print(RestoreStartResult(report: report))
    }

    private func restoreInPlace(_ session: Session) async throws {
        let layout = try placement.layout(session.settings, node)
        let request = try request(.inPlace, layout.dataDirectories, session.settings)
        let control = try node.control(session.settings, session.logger)
        if placement.dryRun {
            let vault = try await session.vault()
            let restore = InPlaceRestore(
                request,
                layout,
                in: vault,
                control: control,
                session.context,
                rate: rate(session, vault)
            )
            return try show(try await restore.plan(), session)
        }
        let outcome = try await hosted(session, request.dataDirectories) { vault, context in
            try await InPlaceRestore(request, layout, in: vault, control: control, context).run()
        }
        if let report = outcome.report { session.log(report.warnings) }
        try session.output.print(InPlaceRestoreResult(outcome: outcome))
    }

    private func restoreOnline(_ strategy: RestoreStrategy, _ session: Session) async throws {
        let settings = session.settings
        let configuration = try? node.configuration(settings)
        let layout = try placement.layout(settings, node)
        let shell = try cql.session(settings, session.logger)
        let request = try online.request(
            try self.request(strategy, layout.dataDirectories, settings),
            asksCQL: shell != nil
        )
        let control = try node.control(settings, session.logger)
        let snapshots = configuration?.takesAutomaticSnapshots
        @Sendable func restore(_ vault: Vault, _ context: RunContext, rate: Double? = nil) -> OnlineRestore {
            OnlineRestore(vault, request, node: control, session: shell, autoSnapshot: snapshots, context, rate: rate)
        }
        if placement.dryRun {
            let vault = try await session.vault()
            return try show(try await restore(vault, session.context, rate: rate(session, vault)).plan(), session)
        }
        let report = try await hosted(session, layout.dataDirectories) { vault, context in
            try await restore(vault, context).run()
        }
        session.log(report.warnings)
        try session.output.print(OnlineRestoreResult(report: report))
    }

    // MARK: What all share

    private func request(
        _ strategy: RestoreStrategy,
        _ directories: [FilePath],
        _ settings: Settings
    ) throws -> RestoreRequest {
        var request = RestoreRequest(
            strategy,
            backup: try BackupNameArgument.choose(name, legacyName),
            cluster: try settings.string(.cluster, cluster),
            host: try settings.string(.hostID, hostID).map(HostIDArgument.parse),
            dataDirectories: directories,
            filter: try filter.filter(settings)
        )
        try placement.fill(&request)
        return request
    }

    /// Runs `body` as a run of this host, on the opened vault.
    private func hosted<Result: Sendable>(
        _ session: Session,
        _ directories: [FilePath],
        _ body: @escaping @Sendable (Vault, RunContext) async throws -> Result
    ) async throws -> Result {
        let identity = RunIdentity(
            .restore,
            name: try BackupNameArgument.choose(name, legacyName),
            cluster: try session.settings.string(.cluster, cluster),
            host: try session.settings.string(.hostID, hostID).map(HostIDArgument.parse)?.description,
            location: session.location,
            targets: directories
        )
        let hosted = try HostedRun(session, state, hours, identity)
        return try await hosted.run { context in
            let vault = try await session.vault()
            hosted.open(vault)
            return try await body(vault, context)
        }
    }

    /// Of earlier restores from the vault; nil where there were none.
    private func rate(_ session: Session, _ vault: Vault) -> Double? {
        guard let directory = try? state.directory(session.settings, logger: session.logger) else { return nil }
        return try? RateHistory(in: directory, vault: vault.description.id).rate(.restore)
    }

    private func show(_ plan: RestorePlan, _ session: Session) throws {
        try session.output.print(RestorePlanResult(plan: plan))
        try plan.checkAccepted()
    }
}

/// What a restore into directories did.
struct RestoreStartResult: Renderable {
    struct JSON: Encodable {
        let backup: ManifestHeader
        let files: Int
        let bytes: Int64
        let keptFiles: Int
        let keptBytes: Int64
        let receivedBytes: Int64
        let seconds: Double
        let warnings: [String]
    }

    let report: RestoreReport

    var json: JSON {
        JSON(
            backup: report.source,
            files: report.files,
            bytes: report.bytes,
            keptFiles: report.keptFiles,
            keptBytes: report.keptBytes,
            receivedBytes: report.receivedBytes,
            seconds: report.elapsed / .seconds(1),
            warnings: report.warnings.texts
        )
    }

    var text: String {
        """
        Restored node \(report.source.hostId) from '\(report.source.backup)' of cluster '\(report.source.cluster)'.
          \(report.files) files, \(ByteCount(report.bytes)), every byte checked
          kept      \(ByteCount(report.keptBytes)) that stood there already, \(report.keptFiles) whole files
          received  \(ByteCount(report.receivedBytes))
          took      \(shortText(report.elapsed))

        """
    }
}
