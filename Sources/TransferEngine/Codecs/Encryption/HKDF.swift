internal import COpenSSL

/// HKDF with SHA-256: keys made of a secret, one for each purpose.
///
/// RFC 5869.
package enum HKDF {
    // Fetched once for the process, as in `SHA256`; never freed.
    private static nonisolated(unsafe) let algorithm = unsafe EVP_KDF_fetch(nil, "HKDF", nil)

    /// - Parameters:
    ///   - info: what the key is for: another text gives a key that tells nothing of this one.
    ///   - count: bytes, at most 8,160.
    package static func derive(
        from secret: SecretBytes,
        salt: [UInt8],
        info: [UInt8],
        count: Int = 32
    ) -> SecretBytes {
        guard let context = unsafe EVP_KDF_CTX_new(algorithm) else { preconditionFailure("OpenSSL has no HKDF") }
        defer { unsafe EVP_KDF_CTX_free(context) }
        return SecretBytes(count: count) { key in
            let answer = secret.withBytes { secret in
                unsafe secret.withUnsafeBufferPointer { secret in
                    unsafe key.withUnsafeMutableBufferPointer { key in
                        unsafe copenssl_hkdf_sha256(
                            context,
                            secret.baseAddress,
                            secret.count,
                            salt,
                            salt.count,
                            info,
                            info.count,
                            key.baseAddress.unsafelyUnwrapped,
                            key.count
                        )
                    }
                }
            }
            precondition(answer == 1, "OpenSSL could not derive a key")
        }
    }

    /// The same with a text.
    package static func derive(
        from secret: SecretBytes,
        salt: [UInt8] = [],
        info: String,
        count: Int = 32
    ) -> SecretBytes {
        derive(from: secret, salt: salt, info: Array(info.utf8), count: count)
    }
}
