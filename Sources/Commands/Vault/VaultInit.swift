internal import ArgumentParser
internal import TransferEngine
internal import Vault

/// The command `ringvault vault init`.
struct VaultInit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Make a vault where there is none.",
        discussion: "'backup start' makes one by itself, with the defaults."
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

    func run() async throws {
        let session = try Session(global, store, engine)
        var size = Vault.defaultChunkSize
        if let text = chunkSize {
            guard let count = ByteCount(text) else { throw ValidationError("'\(text)' cannot be used as chunk size") }
            size = Int(count.bytes)
        }
        let vault = try await Vault.create(in: session.store, chunkSize: size)
        try session.output.print(VaultResult(session, vault))
    }
}
