internal import COpenSSL

/// A key pair of Curve25519: whoever knows the public key can agree on a secret with who has the private one.
///
/// RFC 7748.
@safe
package struct X25519: ~Copyable {
    /// Bytes of a key, private or public, and of what two agree on.
    package static let size = 32

    private let key: OpaquePointer
    package let publicKey: [UInt8]

    /// - Parameter seed: the private key, 32 bytes of any value.
    package init(_ seed: SecretBytes) {
        precondition(seed.count == Self.size, "a private key is 32 bytes")
        let key = unsafe seed.withBytes { seed in
            unsafe seed.withUnsafeBufferPointer { seed in
                unsafe EVP_PKEY_new_raw_private_key_ex(nil, "X25519", nil, seed.baseAddress, seed.count)
            }
        }
        var bytes = [UInt8](repeating: 0, count: Self.size)
        var count = bytes.count
        guard let key = unsafe key, unsafe EVP_PKEY_get_raw_public_key(key, &bytes, &count) == 1, count == Self.size
        else { preconditionFailure("OpenSSL has no X25519") }
        unsafe self.key = key
        publicKey = bytes
    }

    deinit { unsafe EVP_PKEY_free(key) }

    /// A pair that nobody has had before.
    package static func random() -> X25519 { X25519(SecretBytes.random(size)) }

    /// What this pair and the other's agree on.
    ///
    /// Not to be used as a key itself, but to derive keys from, bound to both public keys.
    ///
    /// - Throws: `CodecError` with code `.corrupt` for a public key of the wrong size, or one of the few with which
    ///   everyone would agree on nothing.
    package func agreement(with other: [UInt8]) throws(CodecError) -> SecretBytes {
        let peer = unsafe EVP_PKEY_new_raw_public_key_ex(nil, "X25519", nil, other, other.count)
        defer { unsafe EVP_PKEY_free(peer) }
        let context = unsafe EVP_PKEY_CTX_new_from_pkey(nil, key, nil)
        defer {
            unsafe EVP_PKEY_CTX_free(context)
            // Else what OpenSSL noted on this thread would be taken for another call's error.
            ERR_clear_error()
        }
        guard unsafe peer != nil, unsafe EVP_PKEY_derive_init(context) == 1,
            unsafe EVP_PKEY_derive_set_peer(context, peer) == 1
        else { throw CodecError(.corrupt, "agree on a key", "not a public key") }
        return try SecretBytes(count: Self.size) { (secret) throws(CodecError) in
            let isDone = unsafe secret.withUnsafeMutableBufferPointer { secret in
                var count = secret.count
                return unsafe EVP_PKEY_derive(context, secret.baseAddress, &count) == 1 && count == secret.count
            }
            guard isDone else { throw CodecError(.corrupt, "agree on a key", "not a public key") }
        }
    }
}
