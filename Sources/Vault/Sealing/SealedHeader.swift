internal import TransferEngine

/// What stands before the segments of a sealed object: 120 bytes.
///
/// | bytes | |
/// | --- | --- |
/// | 0 to 7 | `RVSEAL`, a byte 0, the version 1 |
/// | 8 to 39 | public key, of a pair that was made for this box |
/// | 40 to 87 | the writer's data key, sealed: 32 bytes and a tag |
/// | 88 to 119 | salt of the object's own key |
struct SealedHeader: Sendable, Hashable {
    static let size = 120
    private static let magic: [UInt8] = Array("RVSEAL".utf8) + [0, 1]
    private static let boxRange = 8..<88
    private static let saltRange = 88..<120

    let box: [UInt8]
    let salt: [UInt8]

    init(box: [UInt8], salt: [UInt8]) {
        precondition(box.count == Self.boxRange.count && salt.count == Self.saltRange.count)
        self.box = box
        self.salt = salt
    }

    /// Nil for bytes that are no such header; what follows them is left alone.
    init?(_ bytes: Span<UInt8>) {
        guard bytes.count >= Self.size, Self.magic.indices.allSatisfy({ bytes[$0] == Self.magic[$0] }) else {
            return nil
        }
        box = Self.boxRange.map { bytes[$0] }
        salt = Self.saltRange.map { bytes[$0] }
    }

    var bytes: [UInt8] { Self.magic + box + salt }
}

/// A data key, and the box that gives it to whoever has the vault's private key.
struct DataKey: Sendable {
    let key: SecretBytes
    /// 80 bytes: a public key, the data key encrypted, a tag.
    let box: [UInt8]

    /// A new one.
    init(for keys: VaultKeys, vault: String) {
        let pair = X25519.random()
        // Fails for a public key that is none; ours was derived, or came in a file with a checksum.
        guard let shared = try? pair.agreement(with: keys.publicKey) else {
            preconditionFailure("the vault's public key is none")
        }
        key = SecretBytes.random(32)
        let wrapping = Self.wrappingKey(shared, of: pair.publicKey, keys, vault: vault)
        var wrapped = key.withBytes { key in key.indices.map { key[$0] } }
        var tag = [UInt8](repeating: 0, count: AESGCM.tagSize)
        var wrappedSpan = wrapped.mutableSpan
        var tagSpan = tag.mutableSpan
        AESGCM(wrapping, .sealing).seal(&wrappedSpan, nonce: Self.nonce, tag: &tagSpan)
        box = pair.publicKey + wrapped + tag
    }

    /// The key in a box; nil if it was not sealed to this vault by one of its writers.
    static func key(in box: [UInt8], _ keys: VaultKeys, vault: String) -> SecretBytes? {
        guard let secret = keys.secret else { return nil }
        let sender = Array(box[..<X25519.size])
        let pair = X25519(secret.privateKey)
        guard let shared = try? pair.agreement(with: sender) else { return nil }
        let cipher = AESGCM(wrappingKey(shared, of: sender, keys, vault: vault), .opening)
        let sealed = box[X25519.size...]
        let tag = Array(sealed.suffix(AESGCM.tagSize))
        var isRight = false
        let key = SecretBytes(count: 32) { span in
            for index in 0..<32 { span[index] = sealed[sealed.startIndex + index] }
            isRight = cipher.open(&span, nonce: nonce, tag: tag.span)
        }
        return isRight ? key : nil
    }

    /// A key that is used once needs no other nonce.
    private static let nonce = [UInt8](repeating: 0, count: AESGCM.nonceSize)

    private static func wrappingKey(
        _ shared: SecretBytes,
        of sender: [UInt8],
        _ keys: VaultKeys,
        vault: String
    ) -> SecretBytes {
        let info = Array("ringvault box".utf8) + [0] + Array(vault.utf8) + [0] + sender + keys.publicKey
        return keys.writer.withBytes { writer in
            HKDF.derive(from: shared, salt: writer.indices.map { writer[$0] }, info: info)
        }
    }
}
