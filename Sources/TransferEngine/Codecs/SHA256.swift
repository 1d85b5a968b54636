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
    /// Whether nothing was hashed since the last start.
    private var isFresh = true

    package init() {
        guard let context = unsafe EVP_MD_CTX_new() else { preconditionFailure("out of memory: EVP_MD_CTX_new") }
        unsafe self.context = context
        start()
    }

    deinit { unsafe EVP_MD_CTX_free(context) }

    package mutating func update(_ bytes: Span<UInt8>) {
        isFresh = false
        unsafe bytes.withUnsafeBufferPointer { buffer in
            let answer = unsafe EVP_DigestUpdate(context, buffer.baseAddress, buffer.count)
            precondition(answer == 1, "EVP_DigestUpdate refused")
        }
    }

    /// Forgets what was begun, such as by a read that failed.
    package mutating func reset() {
        if !isFresh { start() }
        isFresh = true
    }

    /// The digest of all bytes since the last one; the next `update` starts anew.
    package mutating func finish() -> SHA256Digest {
        var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        let answer = unsafe withUnsafeMutableBytes(of: &words) { bytes in
            unsafe EVP_DigestFinal_ex(context, bytes.assumingMemoryBound(to: UInt8.self).baseAddress, nil)
        }
        precondition(answer == 1, "EVP_DigestFinal_ex refused")
        start()
        isFresh = true
        return SHA256Digest(
            words: (
                UInt64(bigEndian: words.0), UInt64(bigEndian: words.1), UInt64(bigEndian: words.2),
                UInt64(bigEndian: words.3)
            )
        )
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
