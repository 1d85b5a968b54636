internal import COpenSSL

/// Signs with an RSA key: RSASSA-PKCS1-v1_5 with SHA-256, which JSON Web Tokens call RS256.
///
/// RFC 7518, section 3.3. The key is in no description and no error.
@safe
package final class RS256: Sendable, CustomStringConvertible {
    // OpenSSL's keys are counted and may be used by many threads as long as none changes them; nobody does.
    private nonisolated(unsafe) let key: OpaquePointer

    /// - Parameter pem: an RSA private key without a password, PKCS #8 or PKCS #1, of at least 2048 bits.
    package init(pem: String) throws(CodecError) {
        var text = pem
        let key = text.withUTF8 { text -> OpaquePointer? in
            guard text.count <= Int(Int32.max) else { return nil }
            let source = unsafe BIO_new_mem_buf(text.baseAddress, Int32(text.count))
            defer { unsafe BIO_free(source) }
            // Without a function of ours, OpenSSL would ask the terminal for the password of a key that has one.
            return unsafe PEM_read_bio_PrivateKey(source, nil, { _, _, _, _ in -1 }, nil)
        }
        // Else what OpenSSL noted on this thread would be taken for another call's error.
        ERR_clear_error()
        guard let key = unsafe key else {
            throw CodecError(.corrupt, "read the private key", "not a key in PEM form, or one with a password")
        }
        unsafe self.key = key
        guard unsafe EVP_PKEY_is_a(key, "RSA") == 1 else {
            throw CodecError(.corrupt, "read the private key", "not an RSA key")
        }
        let bits = unsafe EVP_PKEY_get_bits(key)
        guard bits >= 2048 else {
            throw CodecError(.corrupt, "read the private key", "\(bits) bits, which is less than 2048")
        }
    }

    deinit { unsafe EVP_PKEY_free(key) }

    package var description: String { "an RSA private key" }

    /// The signature of `message`: as many bytes as the key has.
    package func sign(_ message: Span<UInt8>) throws(CodecError) -> [UInt8] {
        let context = unsafe EVP_MD_CTX_new()
        defer { unsafe EVP_MD_CTX_free(context) }
        var size = unsafe Int(EVP_PKEY_get_size(key))
        var signature = [UInt8](repeating: 0, count: size)
        let isDone = unsafe message.withUnsafeBufferPointer { message in
            unsafe EVP_DigestSignInit(context, nil, EVP_sha256(), nil, key) == 1
                && EVP_DigestSign(context, &signature, &size, message.baseAddress, message.count) == 1
        }
        guard isDone else {
            ERR_clear_error()
            throw CodecError(.failed, "sign with the private key", "OpenSSL refused")
        }
        return Array(signature[..<size])
    }

    /// The signature of a text's UTF-8.
    package func sign(_ message: String) throws(CodecError) -> [UInt8] { try sign(Array(message.utf8).span) }
}
