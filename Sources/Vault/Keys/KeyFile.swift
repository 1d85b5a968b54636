package import TransferEngine

/// A key file: 32 random bytes as text, which can be printed and typed.
///
/// One line counts, `ringvault-key-1:<64 hex digits>:<8 hex digits>`, the last of which are the first of the SHA-256 of the 32 bytes,
/// so that a slip of the hand is told from a wrong key. Empty lines and such that begin with `#` are for people.
package enum KeyFile {
    private static let mark = "ringvault-key-1"

    /// A new one.
    package static func text(of secret: SecretBytes) -> String {
        let digits = secret.withBytes { bytes in Base16.text(of: bytes.indices.map { bytes[$0] }) }
        let check = secret.withBytes { bytes in Self.check(of: bytes) }
        return """
            # Ringvault key file. Who has it can read the vault that it was added to, and without it, or another key of
            # that vault, nobody can. Keep a copy apart from the vault and from the nodes.
            \(mark):\(digits):\(check)

            """
    }

    /// - Throws: `VaultError` with code `.invalid`; its text holds nothing of the file's.
    package static func secret(from text: [UInt8]) throws(VaultError) -> SecretBytes {
        func wrong(_ reason: String) -> VaultError { VaultError(.invalid, "use", "the key file", reason) }
        let lines = text.split { $0 == 0x0A || $0 == 0x0D }.filter { $0.first != UInt8(ascii: "#") }
        guard lines.count == 1 else {
            throw wrong("it holds \(lines.count) lines where a key should be; 'ringvault vault key generate' makes one")
        }
        let parts = String(decoding: lines[0], as: UTF8.self).split(separator: ":", omittingEmptySubsequences: false)
        guard parts.first.map(String.init) == mark else {
            throw wrong("it does not begin with '\(mark)'; 'ringvault vault key generate' makes one")
        }
        guard parts.count == 3, let bytes = Base16.bytes(of: parts[1]), bytes.count == 32 else {
            throw wrong("behind '\(mark):' there must be 64 hex digits, ':' and 8 more")
        }
        let secret = SecretBytes(copying: bytes)
        guard secret.withBytes({ check(of: $0) }) == parts[2] else {
            throw wrong("a digit is wrong, by the 8 at its end")
        }
        return secret
    }

    private static func check(of bytes: Span<UInt8>) -> String {
        String(SHA256.digest(of: bytes).description.prefix(8))
    }
}
