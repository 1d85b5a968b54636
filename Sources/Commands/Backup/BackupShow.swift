internal import ArgumentParser
internal import TransferEngine
internal import Vault

/// The command `ringvault backup show NAME`.
struct BackupShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show one backup: its nodes, and what each stored."
    )

    @Argument(help: "Name of the backup.")
    var name: String

    @OptionGroup var store: StoreOptions
    @OptionGroup var engine: EngineOptions

    @Option(help: ArgumentHelp("The cluster, where several have such a backup.", valueName: "cluster"))
    var cluster: String?

    @Flag(help: "Tell of each table what was new, what was reused, and why.")
    var why = false

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let session = try Session(global, store, engine)
        let vault = try await session.vault()
        let catalogue = Catalogue(vault)
        let listing = try await catalogue.find(name, cluster: try session.settings.string(.cluster, cluster))
        var result = BackupShowResult(detail: try await catalogue.detail(of: listing))
        if why {
            var reasons: [BackupReasons] = []
            for host in listing.nodes { reasons.append(try await BackupReasons.of(host, in: listing.id, vault)) }
            result.reasons = reasons
        }
        try session.output.print(result)
    }
}

/// One backup in full.
struct BackupShowResult: Renderable {
    struct JSON: Encodable {
        let cluster: String
        let backup: String
        let state: BackupSummary.State
        let started: Timestamp?
        let finished: Timestamp?
        let missingNodes: [HostID]
        let totals: ManifestHeader.Totals
        let nodes: [ManifestHeader]
        let why: [BackupReasons]?
    }

    let detail: BackupDetail
    var reasons: [BackupReasons]?

    var json: JSON {
        let backup = detail.summary
        return JSON(
            cluster: backup.cluster,
            backup: backup.backup,
            state: backup.state,
            started: backup.started,
            finished: backup.finished,
            missingNodes: backup.missingNodes,
            totals: backup.totals,
            nodes: detail.nodes,
            why: reasons
        )
    }

    var text: String {
        let backup = detail.summary
        var text = """
            backup    \(backup.backup)
            cluster   \(backup.cluster)
            state     \(backup.state.rawValue)
            started   \(backup.started.map(\.description) ?? "-")
            finished  \(backup.finished.map(\.description) ?? "-")


            """
        var table = TextTable([
            ("NODE", .left), ("DC", .left), ("RACK", .left), ("SOURCE", .left), ("TABLES", .right),
            ("SSTABLES", .right), ("FILES", .right), ("SIZE", .right), ("REUSED", .right), ("STORED", .right),
        ])
        for node in detail.nodes {
            let totals = node.totals
            table.append([
                node.hostId.description, node.datacenter ?? "-", node.rack ?? "-", node.source, "\(totals.tables)",
                "\(totals.sstables)", "\(totals.files)", ByteCount(totals.bytes).description,
                ByteCount(totals.reusedBytes).description, ByteCount(totals.storedBytes).description,
            ])
        }
        text += table.text
        for host in backup.missingNodes { text += "\(host) was expected and has not finished\n" }
        for node in reasons ?? [] { text += "\n" + BackupReasonsText(reasons: node).text }
        return text
    }
}
