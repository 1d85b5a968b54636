internal import ArgumentParser
internal import SystemPackage
internal import TransferEngine
internal import Vault

/// The command `ringvault vault key generate FILE`.
struct VaultKeyGenerate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Write a new key file.",
        discussion: """
            It opens nothing yet: 'vault init --encrypt --key-file FILE' makes a vault for it, 'vault key add \
            --new-key-file FILE' adds it to one. Keep a copy apart from the vault and from the nodes: without a key nobody \
            can restore.
            """
    )

    @Argument(help: "The file, which must not be there.")
    var file: String

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let output = try global.output(try global.settings())
        let path = FilePath(file)
        try SecretFile.write(Array(KeyFile.text(of: .random(32)).utf8), to: path)
        try output.print(WrittenKeyResult(file: path.string, kind: "key file"))
    }
}

/// That a file with a key was written.
struct WrittenKeyResult: Renderable {
    struct JSON: Encodable {
        let file: String
        let kind: String
    }

    let file: String
    let kind: String

    var json: JSON { JSON(file: file, kind: kind) }

    var text: String { "Wrote the \(kind) \(file), for its owner alone to read.\n" }
}
