internal import ArgumentParser

/// The command `ringvault restore …`.
struct RestoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Restore a node's files from the vault, into directories or into the node.",
        subcommands: [
            RestoreStart.self, RestoreStop.self, RestoreStatus.self, RestoreLimit.self, RestoreUndo.self,
            RestoreCleanup.self,
        ]
    )
}
