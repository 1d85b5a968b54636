internal import ArgumentParser
internal import Logging
internal import SystemPackage
internal import TransferEngine
internal import Vault

/// A key that a vault is to get.
struct NewKeyOptions: ParsableArguments {
    @Option(
        name: .customLong("new-key-file"),
        help: ArgumentHelp("Key file that shall open the vault.", valueName: "file")
    )
    var keyFile: String?

    @Option(
        name: .customLong("new-passphrase-file"),
        help: ArgumentHelp(
            "File with the passphrase that shall open the vault; without both, the terminal is asked twice.",
            valueName: "file"
        )
    )
    var passphraseFile: String?

    @Option(help: ArgumentHelp("What 'vault key list' shall call it.", valueName: "text"))
    var label: String?

    func key(_ logger: Logger) async throws -> NewKey {
        switch (keyFile, passphraseFile) {
        case (_?, _?): throw ValidationError("give either --new-key-file or --new-passphrase-file")
        case (let path?, nil): try KeyOptions.newKey(in: FilePath(path), logger)
        case (nil, let path?): try NewKey(passphrase: try KeyOptions.passphrase(in: FilePath(path), logger))
        case (nil, nil): try await KeyOptions.askedKey(orGive: "--new-key-file or --new-passphrase-file")
        }
    }
}

/// A file with a secret, which was not there before and only its owner may read.
enum SecretFile {
    static func write(_ bytes: [UInt8], to path: FilePath) throws(FileError) {
        let file = try WritableFile(path, creation: .mustBeNew, mode: 0o600)
        try file.write(bytes.span, at: 0)
        try file.sync()
        try FileTree.syncDirectory(path.removingLastComponent())
    }
}
