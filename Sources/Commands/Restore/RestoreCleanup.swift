internal import ArgumentParser
internal import Operations
internal import TransferEngine
internal import Vault

/// The command `ringvault restore cleanup`.
struct RestoreCleanup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cleanup",
        abstract: "Show what restores into this node have left beside its data, and delete it where that is said.",
        discussion: """
            Without --discard-stage and --discard-aside nothing is deleted. Nothing else of Ringvault ever deletes what was \
            set aside.
            """
    )

    @Option(
        help: ArgumentHelp(
            "The restore, as the list names it, where there are several: restore-3e2816e0e538.",
            valueName: "id"
        )
    )
    var id: String?

    @Flag(
        name: .customLong("discard-stage"),
        help: "Delete files that were fetched for a restore and not placed; of one that is half way they are kept."
    )
    var discardStage = false

    @Flag(
        name: .customLong("discard-aside"),
        help: """
            Delete all that a finished or undone restore has left: what the node had before, too. It can then no longer be \
            undone.
            """
    )
    var discardAside = false

    @OptionGroup var place: NodePlaceOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let settings = try global.settings()
        let output = try global.output(settings)
        let leftovers = RestoreLeftovers(in: try place.dataDirectories(settings))
        let before = try leftovers.entries()
        guard discardStage || discardAside else {
            return try output.print(RestoreCleanupResult(entries: before, removed: []))
        }
        let folders = try leftovers.folders(id, "clean up after") { entry in
            discardAside ? entry.isEnded : entry.stagedBytes > 0
        }
        if discardAside {
            try leftovers.discardAll(folders)
        } else {
            try leftovers.discardStage(folders)
        }
        let removed = before.filter { $0.name == folders.name }
        try output.print(RestoreCleanupResult(entries: try leftovers.entries(), removed: removed))
    }
}

/// What restores have left.
struct RestoreCleanupResult: Renderable {
    struct JSON: Encodable {
        /// What is there now.
        let restores: [RestoreLeftovers.Entry]
        /// What something was deleted of, as it was before.
        let cleaned: [RestoreLeftovers.Entry]
    }

    let entries: [RestoreLeftovers.Entry]
    let removed: [RestoreLeftovers.Entry]

    var json: JSON { JSON(restores: entries, cleaned: removed) }

    var text: String {
        var text = ""
        for entry in removed {
            let now = entries.first { $0.name == entry.name }
            let bytes = Self.bytes(entry) - (now.map(Self.bytes) ?? 0)
            text += "Deleted \(ByteCount(bytes)) of \(entry.name).\n"
        }
        guard !entries.isEmpty else { return text + "Restores have left nothing.\n" }
        var table = TextTable([
            ("RESTORE", .left), ("STRATEGY", .left), ("BACKUP", .left), ("STAGE", .left), ("SINCE", .left),
            ("STAGED", .right), ("ASIDE", .right), ("UNDONE", .right),
        ])
        for entry in entries {
            table.append([
                entry.name, entry.strategy?.rawValue ?? "-", entry.backup ?? "-", entry.stage?.rawValue ?? "-",
                entry.time?.description ?? "-", ByteCount(entry.stagedBytes).description,
                ByteCount(entry.asideBytes).description, ByteCount(entry.undoneBytes).description,
            ])
        }
        return text + table.text
    }

    private static func bytes(_ entry: RestoreLeftovers.Entry) -> Int64 {
        entry.stagedBytes + entry.asideBytes + entry.undoneBytes
    }
}
