internal import ArgumentParser
internal import TransferEngine
internal import Vault

/// The command `ringvault vault show`.
struct VaultShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Tell what a vault is.")

    @OptionGroup var store: StoreOptions
    @OptionGroup var engine: EngineOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let session = try Session(global, store, engine)
        let vault = try await session.vault()
        try session.output.print(VaultResult(session, vault))
    }
}

/// A vault's description.
struct VaultResult: Renderable {
    struct JSON: Encodable {
        let location: String
        let vault: Vault.Description
    }

    private let location: String
    private let vault: Vault.Description

    init(_ session: Session, _ vault: Vault) {
        location = session.location
        self.vault = vault.description
    }

    var json: JSON { JSON(location: location, vault: vault) }

    var text: String {
        """
        location    \(location)
        vault id    \(vault.id)
        format      version \(vault.version)
        chunk size  \(ByteCount(Int64(vault.chunkSize)))
        encryption  \(vault.encryption?.suite ?? "none")
        created     \(vault.created)

        """
    }
}
