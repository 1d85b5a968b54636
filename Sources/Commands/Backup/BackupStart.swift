internal import ArgumentParser
internal import Cassandra
internal import ObjectStorage
internal import Operations
internal import SystemPackage
internal import TransferEngine
internal import Vault

/// The command `ringvault backup start`.
struct BackupStart: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start",
        abstract: "Back up this node's SSTables into the vault.",
        discussion: """
            Only what the vault does not hold yet is read, compressed and stored. The node's manifest is written last: \
            exit status 0 means that the backup can be restored. A run that was stopped or killed is simply started \
            again: it goes on where it was.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var engine: EngineOptions
    @OptionGroup var state: StateOptions
    @OptionGroup var hours: HoursOptions

    @Option(help: ArgumentHelp("Name of the backup; the same on every node of the ring.", valueName: "name"))
    var name: String?

    /// As the DC/OS command has it.
    @Option(name: .customLong("backup_name"), help: .hidden)
    var legacyName: String?

    @Option(
        name: .customLong("data-dir"),
        help: ArgumentHelp(
            "A data directory (data_file_directories in cassandra.yaml); may be given several times.",
            valueName: "directory"
        )
    )
    var dataDirectory: [String] = []

    @Option(help: ArgumentHelp("Back up the snapshot that nodetool took under this tag.", valueName: "tag"))
    var snapshot: String?

    @Flag(help: "Back up the live SSTables, held by hard links while the backup runs; memtables are not flushed.")
    var live = false

    @Option(help: ArgumentHelp("Name of the Cassandra cluster; default 'default'.", valueName: "cluster"))
    var cluster: String?

    @Option(
        name: .customLong("host-id"),
        help: ArgumentHelp(
            "Host id of this node ('nodetool info'); default: made from the machine's id and the data directories.",
            valueName: "uuid"
        )
    )
    var hostID: String?

    @Option(
        name: .customLong("expect-host-id"),
        help: ArgumentHelp(
            "A node without which the backup is not complete; give all of them, on every node.",
            valueName: "uuid"
        )
    )
    var expectedHostID: [String] = []

    @Option(help: ArgumentHelp("Data center of this node, for the record.", valueName: "name"))
    var datacenter: String?

    @Option(help: ArgumentHelp("Rack of this node, for the record.", valueName: "name"))
    var rack: String?

    @OptionGroup var filter: FilterOptions

    @Option(
        help: ArgumentHelp(
            "none, lz4, zstd, zstd:1 to zstd:19, or auto: zstd where a sample shrinks by 3 %; default auto.",
            valueName: "codec"
        )
    )
    var compression: String?

    @Option(
        help: ArgumentHelp(
            "Look at this share of the blobs that are reused without reading their files, the next share on the next "
                + "run, and store anew what is missing or wrong; default 1%, 0% for none.",
            valueName: "percent"
        )
    )
    var recheck: String?

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let session = try Session(global, store, engine, isGentle: true)
        let options = try options(session.settings)
        let identity = RunIdentity(
            .backup,
            name: options.id.backup,
            cluster: options.id.cluster,
            host: options.host.description,
            location: session.location
        )
        let hosted = try HostedRun(session, state, hours, identity)
        let report = try await hosted.run { context in
            let vault = try await session.vaultOrNew()
            hosted.open(vault)
            let (directory, manifests) = (hosted.directory, try manifests(vault, session))
            return try await BackupRun(vault, options, context, directory: directory, manifests: manifests).run()
        }
        session.log(report.warnings)
        try session.output.print(BackupStartResult(report: report, requests: session.requests))
    }

    /// Where a node that may only write keeps what it has published; nil where it need not, or there is no place.
    private func manifests(_ vault: Vault, _ session: Session) throws -> OwnManifests? {
        guard !vault.canRead, let directory = try state.directory(session.settings, logger: session.logger) else {
            return nil
        }
        return try OwnManifests(in: directory, of: vault, io: session.context.io)
    }

    private func options(_ settings: Settings) throws -> BackupOptions {
        let source: BackupOptions.Source
        switch (snapshot, live) {
        case (let tag?, false): source = .snapshot(try SnapshotTag(tag))
        case (nil, true): source = .live
        default: throw ValidationError("give either --snapshot or --live")
        }
        let directories = settings.strings(.dataDirectory, dataDirectory).map { FilePath($0) }
        guard !directories.isEmpty else { throw ValidationError("--data-dir is missing") }
        var host: HostID
        if let text = try settings.string(.hostID, hostID) {
            host = try HostIDArgument.parse(text)
        } else {
            host = try HostIdentity.derived(from: directories)
        }
        let cluster = try settings.string(.cluster, cluster) ?? BackupID.defaultCluster
        var options = BackupOptions(
            id: try BackupID(cluster: cluster, backup: try BackupNameArgument.choose(name, legacyName)),
            host: host,
            dataDirectories: directories,
            source: source
        )
        options.datacenter = try settings.string(.datacenter, datacenter)
        options.rack = try settings.string(.rack, rack)
        if !expectedHostID.isEmpty { options.expectedNodes = try expectedHostID.map(HostIDArgument.parse) }
        options.filter = try filter.filter(settings)
        options.compression = try settings.value(
            .compression,
            compression,
            default: .auto,
            expecting: "none, lz4, zstd, zstd:1 to zstd:19 or auto"
        ) { Compression($0) }
        options.recheckSlices = try settings.value(
            .recheck,
            recheck,
            default: .some(100),
            expecting: "a share as 1%, from 0.01% to 100%, or 0%"
        ) { RecheckArgument.slices($0) }
        return options
    }
}

/// How much of what is reused is looked at, as it is given on the command line.
enum RecheckArgument {
    /// In how many runs all is; nil inside: never; nil outside: no such share.
    static func slices(_ text: String) -> Int?? {
        guard let share = PercentArgument.parse(text) else { return nil }
        guard share > 0 else { return .some(nil) }
        guard share >= 0.0001 else { return nil }
        return .some(Int((1 / share).rounded()))
    }
}

/// The name of a backup, which has two spellings.
enum BackupNameArgument {
    static func choose(_ name: String?, _ legacyName: String?) throws -> String {
        switch (name, LegacyOptions.given(legacyName)) {
        case (let name?, nil), (nil, let name?): name
        case (nil, nil): throw ValidationError("--name is missing")
        case (_?, _?): throw ValidationError("give either --name or --backup_name")
        }
    }
}

/// A host id as it is given on the command line.
enum HostIDArgument {
    static func parse(_ text: String) throws -> HostID {
        guard let id = HostID(text) else {
            throw ValidationError("'\(text)' is no host id: expected a UUID, as 'nodetool info' prints it")
        }
        return id
    }
}

/// What a backup did.
struct BackupStartResult: Renderable {
    struct JSON: Encodable {
        let backup: ManifestHeader
        let complete: Bool?
        let readBytes: Int64
        let resumedBytes: Int64
        let seconds: Double
        let requests: MeasuredStore.Counts
        let warnings: [String]
    }

    let report: BackupReport
    let requests: MeasuredStore.Counts

    var json: JSON {
        JSON(
            backup: report.header,
            complete: report.isComplete,
            readBytes: report.readBytes,
            resumedBytes: report.resumedBytes,
            seconds: report.elapsed / .seconds(1),
            requests: requests,
            warnings: report.warnings.texts
        )
    }

    var text: String {
        let header = report.header
        let totals = header.totals
        var text = """
            Backed up node \(header.hostId) as '\(header.backup)' of cluster '\(header.cluster)'.
              \(totals.tables) tables, \(totals.sstables) SSTables, \(totals.files) files, \(ByteCount(totals.bytes))
              read     \(ByteCount(report.readBytes))
              reused   \(ByteCount(totals.reusedBytes)) in \(totals.reusedFiles) files
              stored   \(ByteCount(totals.storedBytes)) in \(totals.storedBlobs) blobs
              took     \(shortText(report.elapsed))

            """
        if totals.recheckedBlobs > 0 {
            text += "  checked  \(totals.recheckedBlobs) of the blobs reused, repaired \(totals.repairedBlobs)\n"
        }
        if report.resumedBytes > 0 {
            text += "  resumed  \(ByteCount(report.resumedBytes)) that earlier runs had finished\n"
        }
        switch report.isComplete {
        case true: text += "  The backup is complete: every expected node has finished.\n"
        case false: text += "  Other expected nodes have not finished yet.\n"
        case nil: break
        }
        return text
    }
}
