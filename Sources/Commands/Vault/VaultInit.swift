internal import ArgumentParser
internal import TransferEngine
internal import Vault

/// The command `ringvault vault init`.
struct VaultInit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Make a vault where there is none.",
        discussion: """
            'backup start' makes one by itself, with the defaults and without encryption. With --encrypt everything that a \
            backup stores is encrypted before it leaves the node, and can be read with a key alone: a key file \
            ('ringvault vault key generate FILE' writes one) or a passphrase. Whoever loses all keys loses the backups. An \
            existing vault can neither be encrypted nor decrypted.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var engine: EngineOptions
    @OptionGroup var global: GlobalOptions

    @Option(
        name: .customLong("chunk-size"),
        help: ArgumentHelp(
            "Most content of one object; a power of two from 1MiB to 64MiB, default 16MiB. It cannot be changed later.",
            valueName: "size"
        )
    )
    var chunkSize: String?

    @Flag(help: "Encrypt the vault for --key-file, or for a passphrase.")
    var encrypt = false

    @Option(help: ArgumentHelp("What 'vault key list' shall call the key.", valueName: "text"))
    var label: String?

    func run() async throws {
        let session = try Session(global, store, engine)
        var size = Vault.defaultChunkSize
        if let text = chunkSize {
            guard let count = ByteCount(text) else { throw ValidationError("'\(text)' cannot be used as chunk size") }
            size = Int(count.bytes)
        }
        let key = encrypt ? try await store.keys.newKey(session.settings, session.logger) : nil
        if !encrypt, session.keys.isGiven || label != nil {
            throw ValidationError("a key was given: say --encrypt, or leave it out")
        }
        let vault = try await Vault.create(
            in: session.store,
            chunkSize: size,
            encryptingFor: key,
            label: label ?? ""
        )
        try session.output.print(VaultResult(session, vault))
    }
}
