internal import ArgumentParser
internal import TransferEngine
internal import Vault

/// The command `ringvault backup list`.
struct BackupList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the backups in the vault."
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var engine: EngineOptions

    @Option(help: ArgumentHelp("Only this cluster's.", valueName: "cluster"))
    var cluster: String?

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let session = try Session(global, store, engine)
        let catalogue = Catalogue(try await session.vault())
        let summaries = try await catalogue.summaries(ofCluster: try session.settings.string(.cluster, cluster))
        try session.output.print(BackupListResult(backups: summaries))
    }
}

/// All backups, a line each.
struct BackupListResult: Renderable {
    let backups: [BackupSummary]

    var json: [BackupSummary] { backups }

    var text: String {
        if backups.isEmpty { return "The vault has no backups.\n" }
        var table = TextTable([
            ("CLUSTER", .left), ("BACKUP", .left), ("STATE", .left), ("STARTED", .left), ("NODES", .right),
            ("FILES", .right), ("SIZE", .right), ("STORED", .right),
        ])
        for backup in backups {
            let nodes = "\(backup.nodes.count)"
            let expected = backup.missingNodes.isEmpty ? "" : "/\(backup.nodes.count + backup.missingNodes.count)"
            let totals = backup.totals
            table.append([
                backup.cluster, backup.backup, backup.state.rawValue, backup.started.map(\.description) ?? "-",
                nodes + expected, "\(totals.files)", ByteCount(totals.bytes).description,
                ByteCount(totals.storedBytes).description,
            ])
        }
        return table.text
    }
}
