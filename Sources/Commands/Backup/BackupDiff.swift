internal import ArgumentParser
internal import TransferEngine
internal import Vault

/// The command `ringvault backup diff A B`.
struct BackupDiff: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Tell what differs between two backups, table by table.",
        discussion: """
            Compares content: a file that was only touched, or lies elsewhere in the vault, is the same. An SSTable \
            counts as changed if one of its components is. Reads the manifests, and no data.
            """
    )

    @Argument(help: "The first backup.")
    var first: String

    @Argument(help: "The second backup.")
    var second: String

    @OptionGroup var store: StoreOptions
    @OptionGroup var engine: EngineOptions

    @Option(help: ArgumentHelp("The cluster, where several have such backups.", valueName: "cluster"))
    var cluster: String?

    @Flag(help: "Tell every file that differs.")
    var files = false

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let session = try Session(global, store, engine)
        let vault = try await session.vault()
        let catalogue = Catalogue(vault)
        let cluster = try session.settings.string(.cluster, cluster)
        let difference = try await BackupDifference.between(
            try await catalogue.find(first, cluster: cluster),
            try await catalogue.find(second, cluster: cluster),
            vault,
            listsFiles: files
        )
        try session.output.print(BackupDiffResult(difference: difference))
    }
}

/// What differs between two backups.
struct BackupDiffResult: Renderable {
    let difference: BackupDifference

    var json: BackupDifference { difference }

    var text: String {
        var text = ""
        for host in difference.onlyInFirst { text += "node \(host) is in the first backup only\n" }
        for host in difference.onlyInSecond { text += "node \(host) is in the second backup only\n" }
        let tables = difference.tables.filter { !$0.isSame }
        let same = difference.tables.count - tables.count
        guard !tables.isEmpty else { return text + "All \(same) tables are the same.\n" }
        var table = TextTable([
            ("NODE", .left), ("TABLE", .left), ("ADDED", .right), ("SIZE", .right), ("REMOVED", .right),
            ("SIZE", .right), ("CHANGED", .right), ("SIZE", .right), ("SAME", .right), ("SIZE", .right),
        ])
        for one in tables {
            let counts = [one.added, one.removed, one.changed, one.same]
            table.append(
                [one.host.description, one.table]
                    + counts.flatMap { ["\($0.groups)", ByteCount($0.bytes).description] }
            )
        }
        text += table.text
        if same > 0 { text += "\(same) tables more are the same.\n" }
        if !difference.files.isEmpty { text += "\n" }
        for file in difference.files {
            let sign =
                switch file.change {
                case .added: "+"
                case .removed: "-"
                case .changed: "~"
                }
            text += "\(sign) \(file.host) \(file.table)/\(file.path) \(ByteCount(file.size))\n"
        }
        if difference.omittedFiles > 0 { text += "and \(difference.omittedFiles) files more\n" }
        return text
    }
}
