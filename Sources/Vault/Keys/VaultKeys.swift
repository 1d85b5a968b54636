internal import TransferEngine

/// The keys of an encrypted vault: all are derived from one, which is nowhere stored but wrapped.
///
/// Each purpose has a key of its own (HKDF-SHA-256 without salt, the purpose as info), so that a node may be given some and
/// learns nothing of the others.
struct VaultKeys: Sendable {
    /// What only those who may read have.
    struct Secret: Sendable {
        /// What all others come from.
        let vault: SecretBytes
        /// Opens what was sealed to the public key.
        let privateKey: SecretBytes
        /// Proves `vault.json`.
        let document: SecretBytes
    }

    /// What every object's data key is sealed to.
    let publicKey: [UInt8]
    /// Without it nothing can be sealed that a reader would take: the public key alone is no secret.
    let writer: SecretBytes
    /// Names contents.
    let name: SecretBytes
    /// Nil for a node that may write and not read.
    let secret: Secret?

    /// - Parameter vault: 32 random bytes, of all keys the one that must not be lost.
    init(_ vault: SecretBytes) {
        let privateKey = HKDF.derive(from: vault, info: "ringvault private key")
        publicKey = X25519(privateKey).publicKey
        writer = HKDF.derive(from: vault, info: "ringvault writer key")
        name = HKDF.derive(from: vault, info: "ringvault name key")
        let document = HKDF.derive(from: vault, info: "ringvault document key")
        secret = Secret(vault: vault, privateKey: privateKey, document: document)
    }

    /// Those of a node that may only write.
    init(publicKey: [UInt8], writer: SecretBytes, name: SecretBytes) {
        self.publicKey = publicKey
        self.writer = writer
        self.name = name
        secret = nil
    }
}
