internal import ArgumentParser
internal import Operations
internal import TransferEngine
internal import Vault

/// The command `ringvault backup delete NAME`.
struct BackupDelete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Move a backup into the trash.",
        discussion: """
            Of every node. It can be brought back with 'backup undelete' until 'vault collect' purges it; space is \
            freed after that. A backup that is deleted halfway, because the command was killed, is deleted on by the \
            same command.
            """
    )

    @Argument(help: "Name of the backup.")
    var name: String

    @OptionGroup var store: StoreOptions
    @OptionGroup var engine: EngineOptions
    @OptionGroup var marking: MarkingOptions

    @Option(help: ArgumentHelp("The cluster, where several have such a backup.", valueName: "cluster"))
    var cluster: String?

    @Flag(help: "Also the last complete backup of its cluster.")
    var force = false

    @Flag(help: "Purge it from the trash at once: it cannot be brought back.")
    var now = false

    @Flag(name: .customLong("skip-sizes"), help: "Do not work out what is freed, which reads every manifest.")
    var skipSizes = false

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let session = try Session(global, store, engine)
        let vault = try await session.vault()
        let cluster = try session.settings.string(.cluster, cluster)
        let id = try await Catalogue(vault).find(name, cluster: cluster).id
        let space = try marking.space(session)
        let (isForced, isPurged, countsSpace) = (force, now, !skipSizes)
        let result = try await withTaskExecutorPreference(session.context.io) {
            if !isForced { try await Pruning(vault).checkNotLast(id) }
            let account = countsSpace ? try await SpaceAccount.of([id], in: vault, space: space) : nil
            let trash = Trash(vault)
            let move = try await trash.delete(id)
            if isPurged { try await trash.purge(id) }
            return BackupDeleteResult(id: id, move: move, isPurged: isPurged, space: account)
        }
        try session.output.print(result)
    }
}

/// What a deletion did.
struct BackupDeleteResult: Renderable {
    struct JSON: Encodable {
        let cluster: String
        let backup: String
        let nodes: [HostID]
        let isPurged: Bool
        let space: SpaceAccount?
    }

    let id: BackupID
    let move: Trash.Move
    let isPurged: Bool
    let space: SpaceAccount?

    var json: JSON {
        JSON(cluster: id.cluster, backup: id.backup, nodes: move.nodes, isPurged: isPurged, space: space)
    }

    var text: String {
        let place = isPurged ? "is deleted for good" : "is in the trash"
        return "\(id) \(place): \(move.summary)\n" + (space?.text ?? "")
    }
}

extension Trash.Move {
    /// `3 nodes`.
    var summary: String { nodes.count == 1 ? "1 node" : "\(nodes.count) nodes" }
}

extension SpaceAccount {
    /// Two lines, for people.
    var text: String {
        """
        freed by collecting  \(ByteCount(freed.bytes)) in \(freed.blobs) blobs
        shared with others   \(ByteCount(shared.bytes)) in \(shared.blobs) blobs

        """
    }
}
