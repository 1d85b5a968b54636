internal import ArgumentParser
internal import Operations
internal import TransferEngine
internal import Vault

/// The command `ringvault backup undelete NAME`.
struct BackupUndelete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "undelete",
        abstract: "Bring a deleted backup back from the trash.",
        discussion: "Without a name: list what is in the trash."
    )

    @Argument(help: "Name of the backup.")
    var name: String?

    @OptionGroup var store: StoreOptions
    @OptionGroup var engine: EngineOptions

    @Option(help: ArgumentHelp("The cluster, where several had such a backup.", valueName: "cluster"))
    var cluster: String?

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let session = try Session(global, store, engine)
        let vault = try await session.vault()
        let publication = Publication(vault)
        let cluster = try session.settings.string(.cluster, cluster)
        let items = try await Trash(vault).items(ofCluster: cluster)
        guard let name else { return try session.output.print(TrashResult(items: items)) }
        let found = items.filter { $0.id.backup.utf8.elementsEqual(name.utf8) }
        guard let item = found.first else {
            let known = items.suffix(5).map(\.id.description).joined(separator: ", ")
            throw VaultError(
                .notFound,
                "undelete the backup",
                "'\(name)'",
                known.isEmpty ? "the trash is empty" : "the last in the trash are: \(known)"
            )
        }
        guard found.count == 1 else {
            let clusters = found.map { "'\($0.id.cluster)'" }.joined(separator: ", ")
            throw VaultError(.invalid, "choose the backup", "'\(name)'", "clusters \(clusters) had one: say --cluster")
        }
        try session.context.checkMemory(chunkSize: vault.description.chunkSize)
        let pool = session.context.pool
        let move = try await withTaskExecutorPreference(session.context.io) {
            try await Trash(vault).undelete(item.id, by: publication, pool: pool)
        }
        try session.output.print(BackupUndeleteResult(id: item.id, move: move))
    }
}

/// A backup that is back.
struct BackupUndeleteResult: Renderable {
    struct JSON: Encodable {
        let cluster: String
        let backup: String
        let nodes: [HostID]
    }

    let id: BackupID
    let move: Trash.Move

    var json: JSON { JSON(cluster: id.cluster, backup: id.backup, nodes: move.nodes) }
    var text: String { "\(id) is back: \(move.summary)\n" }
}

/// What is in the trash.
struct TrashResult: Renderable {
    struct Entry: Encodable {
        let cluster: String
        let backup: String
        let trashed: Timestamp
    }

    let items: [Trash.Item]

    var json: [Entry] { items.map { Entry(cluster: $0.id.cluster, backup: $0.id.backup, trashed: $0.trashed) } }

    var text: String {
        if items.isEmpty { return "The trash is empty.\n" }
        var table = TextTable([("CLUSTER", .left), ("BACKUP", .left), ("TRASHED", .left)])
        for item in items { table.append([item.id.cluster, item.id.backup, item.trashed.description]) }
        return table.text
    }
}
