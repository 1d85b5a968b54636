internal import ArgumentParser
internal import Vault

/// The command `ringvault vault key list`.
struct VaultKeyList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the keys that open a vault; needs none of them."
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var engine: EngineOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let session = try Session(global, store, engine)
        let keys = try await KeyRing(session.store).entries()
        try session.output.print(VaultKeyListResult(keys: keys))
        if let damaged = keys.first(where: { $0.damage != nil }) {
            throw VaultError(.damaged, "read", "keys/\(damaged.id).json", damaged.damage ?? "")
        }
    }
}

/// A vault's keys, a line each.
struct VaultKeyListResult: Renderable {
    let keys: [KeyRing.Entry]

    var json: [KeyRing.Entry] { keys }

    var text: String {
        if keys.isEmpty { return "The vault has no keys: it is not encrypted, or not there.\n" }
        var table = TextTable([("ID", .left), ("KIND", .left), ("CREATED", .left), ("LABEL", .left)])
        for key in keys {
            table.append([
                key.id, key.kind ?? "damaged", key.created?.description ?? "-", key.label ?? "",
            ])
        }
        return table.text
    }
}
