internal import ArgumentParser

/// The command `ringvault vault …`.
struct VaultCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vault",
        abstract: "Make and look at vaults.",
        subcommands: [VaultInit.self, VaultShow.self, VaultKeyCommand.self]
    )
}
