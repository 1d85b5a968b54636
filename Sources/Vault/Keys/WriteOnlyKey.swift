internal import FoundationEssentials
internal import TransferEngine

/// All that a node needs to back up into an encrypted vault, and not to read from it: a file of its own.
///
/// It stands for `vault.json` as well, which such a node need not be able to read.
package struct WriteOnlyKey: Sendable {
    /// The file.
    private struct File: Codable {
        var format = File.currentFormat
        var version = 1
        var vault: String
        var chunkSize: Int
        var created: Timestamp
        var publicKey: String
        var writerKey: String
        var nameKey: String
        /// SHA-256 of the document's bytes with 64 zeros in its place.
        var sha256: String

        static let currentFormat = "ringvault write-only key"
    }

    /// Of the vault.
    let id: String
    let chunkSize: Int
    let created: Timestamp
    let keys: VaultKeys

    init(_ description: Vault.Description, _ keys: VaultKeys) {
        id = description.id
        chunkSize = description.chunkSize
        created = description.created
        self.keys = VaultKeys(publicKey: keys.publicKey, writer: keys.writer, name: keys.name)
    }

    /// Whether a key file is one of these, by its first letter.
    package static func isOne(_ text: [UInt8]) -> Bool {
        text.first { $0 != 0x20 && $0 != 0x0A && $0 != 0x0D && $0 != 0x09 } == UInt8(ascii: "{")
    }

    /// - Throws: `VaultError` with code `.invalid`, or `.unsupported` for one that a later version wrote; the text holds nothing of
    ///   the file's.
    package init(from text: [UInt8]) throws(VaultError) {
        let file = try Self.file(text)
        keys = try Self.keys(file)
        id = file.vault
        chunkSize = file.chunkSize
        created = file.created
    }

    private static func wrong(_ reason: String) -> VaultError {
        VaultError(.invalid, "use", "the write-only key", reason)
    }

    private static func file(_ text: [UInt8]) throws(VaultError) -> File {
        let file: File
        do {
            file = try JSONDecoder().decode(File.self, from: Data(text))
        } catch {
            throw wrong("it is not what 'ringvault vault key export --write-only' writes")
        }
        guard file.format == File.currentFormat else {
            throw wrong("it is not what 'ringvault vault key export --write-only' writes")
        }
        guard file.version == 1 else {
            throw VaultError(
                .unsupported,
                "use",
                "the write-only key",
                "it is of a later version: use a newer ringvault"
            )
        }
        guard let masked = MaskedText.masking([file.sha256], in: text),
            SHA256.digest(of: masked.span).description == file.sha256, Vault.isChunkSize(file.chunkSize)
        else { throw wrong("it was changed since it was written; export it again") }
        return file
    }

    private static func keys(_ file: File) throws(VaultError) -> VaultKeys {
        let values = [file.publicKey, file.writerKey, file.nameKey].compactMap { Base16.bytes(of: $0) }
        guard values.count == 3, values.allSatisfy({ $0.count == 32 }), isUsable(values[0]) else {
            throw wrong("its values cannot be right; export it again")
        }
        return VaultKeys(
            publicKey: values[0],
            writer: SecretBytes(copying: values[1]),
            name: SecretBytes(copying: values[2])
        )
    }

    private static func isUsable(_ publicKey: [UInt8]) -> Bool {
        let pair = X25519.random()
        return (try? pair.agreement(with: publicKey)) != nil
    }

    /// The file's text.
    package func text() throws -> [UInt8] {
        func digits(_ secret: SecretBytes) -> String {
            secret.withBytes { bytes in Base16.text(of: bytes.indices.map { bytes[$0] }) }
        }
        var file = File(
            vault: id,
            chunkSize: chunkSize,
            created: created,
            publicKey: Base16.text(of: keys.publicKey),
            writerKey: digits(keys.writer),
            nameKey: digits(keys.name),
            sha256: MaskedText.blank(64)
        )
        let blank = try Document.encode(file)
        file.sha256 = SHA256.digest(of: blank.span).description
        return try Document.encode(file)
    }

    /// What the vault is, as far as a writer must know.
    var description: Vault.Description {
        Vault.Description(
            version: Vault.Description.encryptedVersion,
            id: id,
            chunkSize: chunkSize,
            created: created,
            encryption: nil
        )
    }
}
