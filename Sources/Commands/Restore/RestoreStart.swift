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
        abstract: "Restore a node's files into directories.",
        discussion: """
            Writes <keyspace>/<table>-<id>/<files> below the targets, which are filled evenly. Every byte is checked \
            against its hash before it is written, and a file gets its name only when it is whole. Files that stand \
            there already are read and compared; one that differs is an error unless --overwrite is given. A restore \
            that was stopped or killed is simply started again: it goes on where it was.
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
        help: ArgumentHelp("The node whose files are wanted, where the backup has several.", valueName: "uuid")
    )
    var hostID: String?

    @Option(
        help: ArgumentHelp("Directory to restore to; may be given several times.", valueName: "directory")
    )
    var target: [String]

    @Flag(help: "Replace files in the targets that differ from the backup's.")
    var overwrite = false

    @OptionGroup var filter: FilterOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let session = try Session(global, store, engine)
        let settings = session.settings
        var options = RestoreOptions(
            backup: try BackupNameArgument.choose(name, legacyName),
            targets: target.map { FilePath($0) }
        )
        options.cluster = try settings.string(.cluster, cluster)
        options.host = try settings.string(.hostID, hostID).map(HostIDArgument.parse)
        options.filter = try filter.filter(settings)
        options.overwrites = overwrite
        let identity = RunIdentity(
            .restore,
            name: options.backup,
            cluster: options.cluster,
            host: options.host?.description,
            location: session.location,
            targets: options.targets
        )
        let hosted = try HostedRun(session, state, hours, identity)
        let report = try await hosted.run { [options] context in
            let vault = try await session.vault()
            hosted.open(vault)
            return try await RestoreRun(vault, options, context).run()
        }
        session.log(report.warnings)
        try session.output.print(RestoreStartResult(report: report))
    }
}

/// What a restore did.
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
