internal import ArgumentParser
internal import Logging
internal import SystemPackage
internal import TransferEngine
internal import Vault

/// What an encrypted vault is opened with.
///
/// Never a secret itself: the command line is seen by everyone on the machine.
struct KeyOptions: ParsableArguments {
    /// A passphrase in the environment, for those who have no better place.
    static let variable = "RINGVAULT_PASSPHRASE"

    @Option(
        name: .customLong("key-file"),
        help: ArgumentHelp(
            "Key file of an encrypted vault ('vault key generate'), or what 'vault key export --write-only' wrote.",
            valueName: "file"
        )
    )
    var keyFile: String?

    @Option(
        name: .customLong("passphrase-file"),
        help: ArgumentHelp(
            "File with the passphrase of an encrypted vault in its first line; without it RINGVAULT_PASSPHRASE, or the "
                + "terminal is asked.",
            valueName: "file"
        )
    )
    var passphraseFile: String?

    /// What was given; the terminal as the last resort.
    func source(_ settings: Settings, _ logger: Logger) throws -> KeySource {
        switch try given(settings) {
        case .keyFile(let path): return try Self.key(in: path, logger)
        case .passphraseFile(let path): return .passphrase(try Self.passphrase(in: path, logger))
        case .variable(let text): return .passphrase(try Passphrase.secret(from: Array(text.utf8)))
        case nil:
            guard TerminalPrompt.isPossible else { return .none }
            return .asking { try await TerminalPrompt.ask("Passphrase of the vault: ") }
        }
    }

    /// What a new vault is to be encrypted for; nobody is asked for a passphrase but twice.
    func newKey(_ settings: Settings, _ logger: Logger) async throws -> NewKey {
        switch try given(settings) {
        case .keyFile(let path): return try Self.newKey(in: path, logger)
        case .passphraseFile(let path): return try NewKey(passphrase: try Self.passphrase(in: path, logger))
        case .variable(let text): return try NewKey(passphrase: try Passphrase.secret(from: Array(text.utf8)))
        case nil: return try await Self.askedKey(orGive: "--key-file or --passphrase-file")
        }
    }

    private enum Given {
        case keyFile(FilePath)
        case passphraseFile(FilePath)
        case variable(String)
    }

    /// An option wins over all that stands elsewhere; of two that stand elsewhere none is the right one.
    private func given(_ settings: Settings) throws -> Given? {
        switch (keyFile, passphraseFile) {
        case (_?, _?): throw ValidationError("give either --key-file or --passphrase-file")
        case (let path?, nil): return .keyFile(FilePath(path))
        case (nil, let path?): return .passphraseFile(FilePath(path))
        case (nil, nil): break
        }
        let found = [
            try settings.string(.keyFile, nil).map { Given.keyFile(FilePath($0)) },
            try settings.string(.passphraseFile, nil).map { Given.passphraseFile(FilePath($0)) },
            settings.variable(Self.variable).map { Given.variable($0) },
        ].compactMap(\.self)
        guard found.count <= 1 else {
            throw ValidationError(
                "only one of key-file, passphrase-file and \(Self.variable) can be set in environment and configuration"
            )
        }
        return found.first
    }

    // MARK: Files

    static func newKey(in path: FilePath, _ logger: Logger) throws -> NewKey {
        guard case .keyFile(let secret) = try key(in: path, logger) else {
            throw ValidationError(
                "\(path) lets a node write and not read, and cannot open a vault; 'ringvault vault key generate' makes a key file"
            )
        }
        return NewKey(keyFile: secret)
    }

    static func askedKey(orGive options: String) async throws -> NewKey {
        guard TerminalPrompt.isPossible else {
            throw ValidationError("give \(options): there is no terminal to ask for a passphrase")
        }
        let first = try await TerminalPrompt.ask("New passphrase of the vault: ")
        let key = try NewKey(passphrase: first)
        let second = try await TerminalPrompt.ask("The same once more: ")
        guard first.isEqual(to: second) else { throw ValidationError("the two passphrases differ") }
        return key
    }

    static func passphrase(in path: FilePath, _ logger: Logger) throws -> SecretBytes {
        try naming(path) { try Passphrase.secret(from: try bytes(in: path, logger)) }
    }

    private static func key(in path: FilePath, _ logger: Logger) throws -> KeySource {
        try naming(path) {
            let text = try bytes(in: path, logger)
            if WriteOnlyKey.isOne(text) { return .writeOnly(try WriteOnlyKey(from: text)) }
            return .keyFile(try KeyFile.secret(from: text))
        }
    }

    /// Says of what is wrong with a file which one it is.
    private static func naming<Value>(_ path: FilePath, _ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch let error as VaultError {
            throw VaultError(error.code, error.operation, "\(error.subject) \(path)", error.reason)
        }
    }

    private static func bytes(in path: FilePath, _ logger: Logger) throws -> [UInt8] {
        do throws(FileError) {
            let others = try FileStatus(of: path, followingLinks: true).permissions & 0o077
            if others != 0 {
                logger.warning(
                    "others on this machine can use a secret: take their rights away with chmod 600",
                    metadata: ["file": "\(path)"]
                )
            }
            return try SmallFile.bytes(of: path, limit: 64 << 10, followingLinks: true)
        } catch {
            throw ValidationError("a key cannot be used: \(error)")
        }
    }
}

extension KeySource {
    /// Whether it lets this node write and not read.
    var isForWritingOnly: Bool {
        if case .writeOnly = self { true } else { false }
    }

    /// Whether something was given, and not only may be asked for.
    var isGiven: Bool {
        switch self {
        case .none, .asking: false
        case .keyFile, .passphrase, .writeOnly: true
        }
    }
}
