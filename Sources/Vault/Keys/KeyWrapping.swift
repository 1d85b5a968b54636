internal import FoundationEssentials
internal import ObjectStorage
package import TransferEngine

/// `keys/<id>.json`: the vault key, encrypted under one key file or passphrase.
///
/// Written once. Every byte counts: the code `sha256` tells damage from a wrong key, and what opens the vault key proves
/// the whole document besides.
struct KeyWrapping: Sendable, Codable {
    enum Kind: String, Sendable, Codable {
        case keyFile = "key file"
        case passphrase
    }

    /// How a passphrase becomes a key.
    struct Stretching: Sendable, Codable {
        var n: Int
        var r: Int
        var p: Int
    }

    static let currentVersion = 1
    static let prefix = "keys/"
    /// Bytes; ours have some 700.
    static let limit = 16 << 10

    var type = "key"
    var version = KeyWrapping.currentVersion
    var id: String
    /// `Vault.Description.id`.
    var vault: String
    var kind: Kind
    var label: String
    var created: Timestamp
    var salt: String
    var scrypt: Stretching?
    /// The vault key's 32 bytes encrypted, and a tag; the document's bytes with zeros here and in `sha256` are associated with it.
    var sealedKey = MaskedText.blank(96)
    /// Of the document's bytes with zeros in its place.
    var sha256 = MaskedText.blank(64)

    static func key(ofID id: some StringProtocol) throws(ObjectKeyError) -> ObjectKey {
        try ObjectKey("\(prefix)\(id).json")
    }

    /// Nil for a key of an object that is no wrapping.
    static func id(of key: ObjectKey) -> String? {
        let parts = key.segments
        guard parts.count == 2, parts[0] == "keys", parts[1].hasSuffix(".json") else { return nil }
        let id = String(parts[1].dropLast(5))
        return Base16.bytes(of: id)?.count == 8 ? id : nil
    }

    // MARK: Making

    /// Wraps a vault key.
    ///
    /// - Returns: the document's id and bytes.
    static func make(
        _ vaultKey: SecretBytes,
        vault: String,
        label: String,
        with secret: NewKey
    ) async throws -> (id: String, bytes: [UInt8]) {
        let salt = SecureRandom.bytes(32)
        let stretching = secret.kind == .passphrase ? Scrypt.standard : nil
        var wrapping = KeyWrapping(
            id: Base16.text(of: SecureRandom.bytes(8)),
            vault: vault,
            kind: secret.kind,
            label: label,
            created: .now,
            salt: Base16.text(of: salt),
            scrypt: stretching.map { Stretching(n: $0.cost, r: $0.blockSize, p: $0.parallelism) }
        )
        let key = try await wrappingKey(secret.secret, salt: salt, vault: vault, stretching)
        let associated = try Document.encode(wrapping)
        var sealed = vaultKey.withBytes { key in key.indices.map { key[$0] } }
        var tag = [UInt8](repeating: 0, count: AESGCM.tagSize)
        var span = sealed.mutableSpan
        var tagSpan = tag.mutableSpan
        AESGCM(key, .sealing).seal(&span, nonce: nonce, associated: associated, tag: &tagSpan)
        wrapping.sealedKey = Base16.text(of: sealed + tag)
        let blank = try Document.encode(wrapping)
        wrapping.sha256 = SHA256.digest(of: blank.span).description
        return (wrapping.id, try Document.encode(wrapping))
    }
}

extension KeyWrapping {
    // MARK: Opening

    /// Reads a document that lies at `key`.
    ///
    /// - Throws: `VaultError`: `.damaged`, also for one that lay elsewhere; `.unsupported`.
    init(from bytes: [UInt8], at key: ObjectKey) throws(VaultError) {
        self = try Document.decode(KeyWrapping.self, from: bytes, key: key)
        try Document.check((type, version), against: ("key", Self.currentVersion), key: key)
        guard let masked = MaskedText.masking([sha256], in: bytes),
            SHA256.digest(of: masked.span).description == sha256, Self.id(of: key) == id
        else { throw VaultError(.damaged, "read", key.description, "it was changed since it was written") }
    }

    /// The vault key; nil if `secret` is not what wrapped it.
    ///
    /// - Parameter bytes: the document's.
    /// - Throws: `VaultError` with code `.damaged` for values that no wrapping has.
    func vaultKey(_ secret: SecretBytes, in bytes: [UInt8], at key: ObjectKey) async throws -> SecretBytes? {
        func damaged(_ reason: String) -> VaultError { VaultError(.damaged, "read", key.description, reason) }
        guard let salt = Base16.bytes(of: salt), salt.count == 32, let sealed = Base16.bytes(of: sealedKey),
            sealed.count == 32 + AESGCM.tagSize, (kind == .passphrase) == (scrypt != nil),
            let associated = MaskedText.masking([sealedKey, sha256], in: bytes)
        else { throw damaged("its values cannot be right") }
        let stretching: Scrypt?
        do throws(CodecError) {
            stretching = try scrypt.map { (value) throws(CodecError) in
                try Scrypt(checking: value.n, blockSize: value.r, parallelism: value.p)
            }
        } catch {
            throw damaged("\(error)")
        }
        let wrapping = try await Self.wrappingKey(secret, salt: salt, vault: vault, stretching)
        let cipher = AESGCM(wrapping, .opening)
        var isRight = false
        let vaultKey = SecretBytes(count: 32) { span in
            for index in 0..<32 { span[index] = sealed[index] }
            isRight = cipher.open(
                &span,
                nonce: Self.nonce,
                associated: associated,
                tag: Array(sealed.suffix(AESGCM.tagSize)).span
            )
        }
        return isRight ? vaultKey : nil
    }

    /// The key is used once: its salt is random.
    private static let nonce = [UInt8](repeating: 0, count: AESGCM.nonceSize)

    private static func wrappingKey(
        _ secret: SecretBytes,
        salt: [UInt8],
        vault: String,
        _ stretching: Scrypt?
    ) async throws -> SecretBytes {
        guard let stretching else {
            return HKDF.derive(from: secret, salt: salt, info: "ringvault key file")
        }
        // Half a second of computing: a thread of its own, not the cooperative pool's.
        return try await IOExecutor(threads: 1).run { () throws(CodecError) in
            try stretching.key(of: secret, salt: salt)
        }
    }
}

/// What a vault key is to be wrapped with.
package struct NewKey: Sendable {
    let kind: KeyWrapping.Kind
    let secret: SecretBytes

    /// - Parameter keyFile: the secret in it.
    package init(keyFile: SecretBytes) {
        kind = .keyFile
        secret = keyFile
    }

    /// - Throws: `VaultError` with code `.invalid` for one that is too easily guessed.
    package init(passphrase: SecretBytes) throws(VaultError) {
        try Passphrase.check(new: passphrase)
        kind = .passphrase
        secret = passphrase
    }

    /// The same, to open with.
    var source: KeySource { kind == .keyFile ? .keyFile(secret) : .passphrase(secret) }
}
