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

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let session = try Session(global, store, engine)
        let catalogue = Catalogue(try await session.vault())
        let listing = try await catalogue.find(name, cluster: try session.settings.string(.cluster, cluster))
        try session.output.print(BackupShowResult(detail: try await catalogue.detail(of: listing)))
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
    }

    let detail: BackupDetail

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
            nodes: detail.nodes
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
        return text
    }
}
