internal import COpenSSL

/// SHA-256 over bytes that come piece by piece, by OpenSSL's EVP interface.
///
/// `finish` makes it ready for the next message, so one value serves a worker for its whole life.
@safe
package struct SHA256: ~Copyable {
    // Fetched once for the process: an implicit fetch for each message takes a lock and a hash lookup. OpenSSL's
    // EVP_MD is reference-counted and safe to share; this one is never freed.
    private static nonisolated(unsafe) let algorithm = unsafe EVP_MD_fetch(nil, "SHA256", nil)

    private let context: OpaquePointer

    package init() {
        guard let context = unsafe EVP_MD_CTX_new() else { preconditionFailure("out of memory: EVP_MD_CTX_new") }
        unsafe self.context = context
        start()
    }

    deinit { unsafe EVP_MD_CTX_free(context) }

    package mutating func update(_ bytes: Span<UInt8>) {
        unsafe bytes.withUnsafeBufferPointer { buffer in
            let answer = unsafe EVP_DigestUpdate(context, buffer.baseAddress, buffer.count)
            precondition(answer == 1, "EVP_DigestUpdate refused")
        }
    }

    /// Forgets what was begun, such as by a read that failed.
    package mutating func reset() { start() }

    /// The digest of all bytes since the last one; the next `update` starts anew.
    package mutating func finish() -> SHA256Digest {
        var bytes = [UInt8](repeating: 0, count: 32)
        let answer = unsafe EVP_DigestFinal_ex(context, &bytes, nil)
        precondition(answer == 1, "EVP_DigestFinal_ex refused")
        start()
        guard let digest = SHA256Digest(bytes.span) else { preconditionFailure("SHA-256 is 32 bytes") }
        return digest
    }

    /// The digest of `bytes` alone.
    package static func digest(of bytes: Span<UInt8>) -> SHA256Digest {
        var hash = SHA256()
        hash.update(bytes)
        return hash.finish()
    }

    private func start() {
        let answer = unsafe EVP_DigestInit_ex2(context, Self.algorithm, nil)
        precondition(answer == 1, "OpenSSL has no SHA-256")
    }
}
