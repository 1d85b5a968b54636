internal import ArgumentParser
internal import Cassandra
internal import Logging
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
            The running node is examined, takes a snapshot under a tag of this run's own, and is asked for what a restore \
            needs besides: schema, tokens, settings. Tables of which compaction has removed files meanwhile go first, and \
            each table's snapshot is cleared as soon as it is stored. Snapshots of others are never touched.

            Only what the vault does not hold yet is read, compressed and stored. The node's manifest is written last: \
            exit status 0 means that the backup can be restored. A run that was stopped or killed is simply started \
            again: it goes on where it was, with the same snapshot.

            Of the system's keyspaces all but system_traces are backed up; name that with --keyspace to have it as well. \
            With --snapshot or --live no node is needed.
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
            "A data directory; may be given several times; default: data_file_directories of cassandra.yaml.",
            valueName: "directory"
        )
    )
    var dataDirectory: [String] = []

    @OptionGroup var source: SnapshotOptions

    @Option(
        help: ArgumentHelp(
            "Name of the Cassandra cluster; default: as the node says, 'default' without one.",
            valueName: "cluster"
        )
    )
    var cluster: String?

    @Option(
        name: .customLong("host-id"),
        help: ArgumentHelp(
            "Host id of this node ('nodetool info'); default: as the node says, without one made from the machine's id and "
                + "the data directories.",
            valueName: "uuid"
        )
    )
    var hostID: String?

    @Option(
        name: .customLong("expect-host-id"),
        help: ArgumentHelp(
            "A node without which the backup is not complete; give all of them, on every node; default: all nodes of the "
                + "ring, where the node is asked.",
            valueName: "uuid"
        )
    )
    var expectedHostID: [String] = []

    @Option(
        help: ArgumentHelp("Data center of this node, for the record; default: as the node says.", valueName: "name")
    )
    var datacenter: String?

    @Option(help: ArgumentHelp("Rack of this node, for the record; default: as the node says.", valueName: "name"))
    var rack: String?

    @OptionGroup var filter: FilterOptions
    @OptionGroup var node: NodeOptions
    @OptionGroup var cql: CQLOptions

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
        let asked = try AskedNode(self, session)
        if source.preflight {
            guard let asked else {
                throw ValidationError("--preflight examines the node: leave out --snapshot and --live")
            }
            return try await asked.show(session)
        }
        let options = try options(session.settings, asked?.directories, try await asked?.identity())
        let identity = RunIdentity(
            .backup,
            name: options.id.backup,
            cluster: options.id.cluster,
            host: options.host.description,
            location: session.location
        )
        let hosted = try HostedRun(session, state, hours, identity)
        let (report, preflight) = try await hosted.run { context in
            if asked != nil { context.control.enter(.snapshot) }
            let opened: Result<Vault, any Error>
            do { opened = .success(try await session.vaultOrNew()) } catch { opened = .failure(error) }
            let preflight = try await asked?.examine(opened)
            let vault = try opened.get()
            hosted.open(vault)
            let (directory, manifests) = (hosted.directory, try manifests(vault, session))
            let run = BackupRun(
                vault,
                options,
                context,
                directory: directory,
                node: asked?.node,
                manifests: manifests
            )
            return (try await run.run(), preflight)
        }
        for warning in preflight?.warnings ?? [] { session.logger.warning("\(warning)") }
        session.log(report.warnings)
        try session.output.print(
            BackupStartResult(report: report, preflight: preflight, requests: session.requests)
        )
    }

    /// Where a node that may only write keeps what it has published; nil where it need not, or there is no place.
    private func manifests(_ vault: Vault, _ session: Session) throws -> OwnManifests? {
        guard !vault.canRead, let directory = try state.directory(session.settings, logger: session.logger) else {
            return nil
        }
        return try OwnManifests(in: directory, of: vault, io: session.context.io)
    }

    /// The data directories: as given, or as cassandra.yaml names them.
    func directories(_ settings: Settings) throws -> (paths: [FilePath], configuration: CassandraConfiguration?) {
        let given = settings.strings(.dataDirectory, dataDirectory).map { FilePath($0) }
        do {
            let configuration = try node.configuration(settings)
            return (given.isEmpty ? configuration.tableDirectories : given, configuration)
        } catch {
            guard given.isEmpty else { return (given, nil) }
            throw ValidationError("--data-dir is missing, and cassandra.yaml does not tell: \(error)")
        }
    }

    /// - Parameters:
    ///   - paths: nil where no node is asked: then as `directories` says.
    ///   - identity: as the node says it.
    private func options(
        _ settings: Settings,
        _ paths: [FilePath]?,
        _ identity: AskedNode.Identity?
    ) throws -> BackupOptions {
        let paths = try paths ?? directories(settings).paths
        let host: HostID
        if let text = try settings.string(.hostID, hostID) {
            host = try HostIDArgument.parse(text)
        } else if let identity {
            host = identity.host
        } else {
            host = try HostIdentity.derived(from: paths)
        }
        let cluster = try settings.string(.cluster, cluster) ?? identity?.facts.clusterName
        var options = BackupOptions(
            id: try BackupID(
                cluster: cluster ?? BackupID.defaultCluster,
                backup: try BackupNameArgument.choose(name, legacyName)
            ),
            host: host,
            dataDirectories: paths,
            source: try source.source
        )
        options.ownSnapshot = try self.source.own
        options.datacenter = try settings.string(.datacenter, datacenter) ?? identity?.facts.datacenter
        options.rack = try settings.string(.rack, rack) ?? identity?.facts.rack
        options.expectedNodes =
            expectedHostID.isEmpty ? identity?.expectedNodes : try expectedHostID.map(HostIDArgument.parse)
        options.filter = try filter.filter(settings).leavingOut()
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
