package import TransferEngine

/// What someone has to open an encrypted vault with.
package enum KeySource: Sendable {
    /// Nothing was given: enough for a vault that is not encrypted.
    case none
    /// The secret in a key file.
    case keyFile(SecretBytes)
    case passphrase(SecretBytes)
    /// Someone sits before the machine; asked only if the vault wants a passphrase.
    case asking(@Sendable () async throws -> SecretBytes)
    /// What lets a node write and not read.
    case writeOnly(WriteOnlyKey)

    /// What it is, for errors; nil for nothing.
    var name: String? {
        switch self {
        case .none, .asking: nil
        case .keyFile: "key file"
        case .passphrase: "passphrase"
        case .writeOnly: "write-only key"
        }
    }
}

/// A passphrase as people give it.
package enum Passphrase {
    /// Characters that a new one must have: a vault may be copied, and then guessed at for years.
    package static let least = 12

    /// A passphrase in a file or a variable: what stands before the first line end.
    ///
    /// - Throws: `VaultError` with code `.invalid` if nothing does.
    package static func secret(from bytes: [UInt8]) throws(VaultError) -> SecretBytes {
        let line = bytes.prefix { $0 != 0x0A && $0 != 0x0D }
        guard !line.isEmpty else { throw VaultError(.invalid, "use", "the passphrase", "it is empty") }
        return SecretBytes(copying: line)
    }

    /// - Throws: `VaultError` with code `.invalid` for one that is too easily guessed.
    package static func check(new passphrase: SecretBytes) throws(VaultError) {
        // Characters as bytes that begin one.
        let count = passphrase.withBytes { bytes in bytes.indices.count { bytes[$0] & 0xC0 != 0x80 } }
        guard count >= least else {
            throw VaultError(
                .invalid,
                "use",
                "the new passphrase",
                "it has \(count) characters; a vault needs one of at least \(least), or a key file"
            )
        }
    }
}
