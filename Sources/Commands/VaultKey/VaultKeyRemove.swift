internal import ArgumentParser
internal import Vault

/// The command `ringvault vault key remove ID`.
struct VaultKeyRemove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Take away a key's right to open the vault.",
        discussion: """
            The key that is given with --key-file or a passphrase must be another one, which stays: it is tried first, so the last \
            key cannot go.
            """
    )

    @Argument(help: "Which, as 'vault key list' tells.")
    var id: String

    @OptionGroup var store: StoreOptions
    @OptionGroup var engine: EngineOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let session = try Session(global, store, engine)
        let (vault, opener) = try await Vault.opening(session.store, with: session.keys)
        try await KeyRing(session.store).remove(id, from: vault, openedBy: opener)
        try session.output.print(ChangedKeysResult(added: nil, removed: id))
    }
}
