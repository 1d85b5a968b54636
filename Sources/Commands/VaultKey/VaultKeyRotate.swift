internal import ArgumentParser
internal import Vault

/// The command `ringvault vault key rotate`.
struct VaultKeyRotate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate",
        abstract: "Replace the key that was given by another.",
        discussion: """
            The new one is added and tried before the old one is removed. Nothing is encrypted anew: who has kept the old key \
            and a copy of what it opened under keys/ can still read the vault. After a key has leaked, make a new vault.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var engine: EngineOptions
    @OptionGroup var new: NewKeyOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let session = try Session(global, store, engine)
        let (vault, id) = try await Vault.opening(session.store, with: session.keys)
        let key = try await new.key(session.logger)
        let ring = KeyRing(session.store)
        let added = try await ring.replace(id ?? "", by: key, label: new.label, of: vault)
        try session.output.print(ChangedKeysResult(added: added, removed: id))
    }
}
