internal import ArgumentParser

/// The command `ringvault vault key …`.
struct VaultKeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: "Make, add, replace and remove the keys of an encrypted vault.",
        discussion: """
            A vault is encrypted with one key of its own, which is stored wrapped: by one or several key files or \
            passphrases, each of which opens the vault. They can come and go without anything being stored anew.
            """,
        subcommands: [
            VaultKeyGenerate.self, VaultKeyList.self, VaultKeyAdd.self, VaultKeyRotate.self, VaultKeyRemove.self,
            VaultKeyExport.self,
        ]
    )
}
