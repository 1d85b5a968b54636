internal import COpenSSL

/// AES-256-GCM under one key: encrypts bytes where they lie, and notices when they are not as they were.
///
/// NIST SP 800-38D. One context serves all messages of a key: only the nonce is set anew for each. A nonce must not be used for
/// two messages under the same key.
@safe
package struct AESGCM: ~Copyable {
    package enum Direction { case sealing, opening }

    /// Bytes of a key.
    package static let keySize = 32
    package static let nonceSize = 12
    /// Bytes of the tag that proves a message.
    package static let tagSize = 16

    // Fetched once for the process, as in `SHA256`; never freed.
    private static nonisolated(unsafe) let algorithm = unsafe EVP_CIPHER_fetch(nil, "AES-256-GCM", nil)

    private let context: OpaquePointer
    private let direction: Direction

    package init(_ key: SecretBytes, _ direction: Direction) {
        precondition(key.count == Self.keySize, "a key is 32 bytes")
        guard let context = unsafe EVP_CIPHER_CTX_new() else { preconditionFailure("out of memory") }
        unsafe self.context = context
        self.direction = direction
        let answer = key.withBytes { key in
            unsafe key.withUnsafeBufferPointer { key in
                unsafe EVP_CipherInit_ex2(
                    context,
                    Self.algorithm,
                    key.baseAddress,
                    nil,
                    direction == .sealing ? 1 : 0,
                    nil
                )
            }
        }
        precondition(answer == 1, "OpenSSL has no AES-256-GCM")
    }

    /// Wipes the key as well.
    deinit { unsafe EVP_CIPHER_CTX_free(context) }

    /// Encrypts `bytes` where they lie.
    ///
    /// - Parameters:
    ///   - nonce: 12 bytes, never used before under this key.
    ///   - associated: is proved by the tag, too, and stays as it is.
    ///   - tag: 16 bytes, written.
    package func seal(
        _ bytes: inout MutableSpan<UInt8>,
        nonce: [UInt8],
        associated: [UInt8] = [],
        tag: inout MutableSpan<UInt8>
    ) {
        precondition(direction == .sealing && nonce.count == Self.nonceSize && tag.count == Self.tagSize)
        let isBegun = begin(nonce, associated) && update(&bytes)
        let isDone = unsafe tag.withUnsafeMutableBufferPointer { tag in
            var count: Int32 = 0
            return unsafe EVP_CipherFinal_ex(context, tag.baseAddress, &count) == 1
                && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(tag.count), tag.baseAddress) == 1
        }
        precondition(isBegun && isDone, "OpenSSL could not encrypt")
    }

    /// Decrypts `bytes` where they lie, if they and what is associated with them are what was sealed.
    ///
    /// - Returns: false if not: `bytes` then hold nothing that may be used.
    package func open(
        _ bytes: inout MutableSpan<UInt8>,
        nonce: [UInt8],
        associated: [UInt8] = [],
        tag: Span<UInt8>
    ) -> Bool {
        precondition(direction == .opening && nonce.count == Self.nonceSize && tag.count == Self.tagSize)
        var expected = tag.indices.map { tag[$0] }
        let isDone =
            unsafe begin(nonce, associated) && update(&bytes)
            && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(expected.count), &expected) == 1
        var last: [UInt8] = [0]
        var count: Int32 = 0
        guard isDone, unsafe EVP_CipherFinal_ex(context, &last, &count) == 1 else {
            // Else what OpenSSL noted on this thread would be taken for another call's error.
            ERR_clear_error()
            return false
        }
        return true
    }

    private func begin(_ nonce: [UInt8], _ associated: [UInt8]) -> Bool {
        var count: Int32 = 0
        guard unsafe EVP_CipherInit_ex2(context, nil, nil, nonce, -1, nil) == 1 else { return false }
        return unsafe associated.isEmpty
            || EVP_CipherUpdate(context, nil, &count, associated, Int32(associated.count)) == 1
    }

    private func update(_ bytes: inout MutableSpan<UInt8>) -> Bool {
        guard !bytes.isEmpty else { return true }
        precondition(bytes.count <= Int32.max)
        return unsafe bytes.withUnsafeMutableBufferPointer { bytes in
            var count: Int32 = 0
            return unsafe EVP_CipherUpdate(context, bytes.baseAddress, &count, bytes.baseAddress, Int32(bytes.count))
                == 1
        }
    }
}
