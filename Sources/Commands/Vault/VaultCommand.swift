internal import ArgumentParser

/// The command `ringvault vault …`.
struct VaultCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vault",
        abstract: "Make, look at, check and clean vaults, and manage their keys.",
        subcommands: [
            VaultInit.self, VaultShow.self, VaultStats.self, VaultCheck.self, VaultCollect.self, VaultKeyCommand.self,
        ]
    )
}
