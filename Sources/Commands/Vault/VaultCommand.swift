internal import ArgumentParser

/// The command `ringvault vault …`.
struct VaultCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vault",
        abstract: "Make, look at and check vaults.",
        subcommands: [VaultInit.self, VaultShow.self, VaultCheck.self, VaultKeyCommand.self]
    )
}
