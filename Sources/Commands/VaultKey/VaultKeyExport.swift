internal import ArgumentParser
internal import SystemPackage
internal import TransferEngine
internal import Vault

/// The command `ringvault vault key export --write-only FILE`.
struct VaultKeyExport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write what a node needs to back up, and not to read.",
        discussion: """
            The node takes the file as --key-file, and may be given a credential that can create objects and do nothing \
            else. It holds the vault's id and chunk size, the public key, and the keys that names and headers are made with; \
            no object can be decrypted with it.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var engine: EngineOptions
    @OptionGroup var global: GlobalOptions

    @Option(
        name: .customLong("write-only"),
        help: ArgumentHelp("The file, which must not be there.", valueName: "file")
    )
    var writeOnly: String

    func run() async throws {
        let session = try Session(global, store, engine)
        let key = try await session.vault().writeOnlyKey()
        let path = FilePath(writeOnly)
        try SecretFile.write(try key.text(), to: path)
        try session.output.print(WrittenKeyResult(file: path.string, kind: "write-only key"))
    }
}
