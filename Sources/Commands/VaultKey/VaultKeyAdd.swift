internal import ArgumentParser
internal import Vault

/// The command `ringvault vault key add`.
struct VaultKeyAdd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Let one more key file or passphrase open the vault."
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var engine: EngineOptions
    @OptionGroup var new: NewKeyOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let session = try Session(global, store, engine)
        let vault = try await session.vault()
        let key = try await new.key(session.logger)
        let id = try await KeyRing(session.store).add(key, label: new.label ?? "", to: vault)
        try session.output.print(ChangedKeysResult(added: id, removed: nil))
    }
}

/// What became of a vault's keys.
struct ChangedKeysResult: Renderable {
    struct JSON: Encodable {
        let added: String?
        let removed: String?
    }

    let added: String?
    let removed: String?

    var json: JSON { JSON(added: added, removed: removed) }

    var text: String {
        var text = ""
        if let added { text += "Added the key \(added), and opened the vault with it.\n" }
        if let removed { text += "Removed the key \(removed): it opens the vault no more.\n" }
        return text
    }
}
