/// HMAC-SHA-256: what requests to stores are signed with, piece by piece or at once.
///
/// RFC 2104 over `SHA256`, and so two contexts cheaper than OpenSSL's own HMAC, which looks its algorithm up anew for
/// each message. `finish` makes it ready for the next message under the same key.
package struct HMACSHA256: ~Copyable {
    /// Bytes of a block of SHA-256: what a key is filled up to.
    private static let blockSize = 64

    private var hash = SHA256()
    private let inner: [UInt8]
    private let outer: [UInt8]

    /// - Parameter key: of any length; one longer than a block counts as its digest.
    package init(key: Span<UInt8>) {
        var block = [UInt8](repeating: 0, count: Self.blockSize)
        if key.count > Self.blockSize {
            block.replaceSubrange(..<SHA256Digest.size, with: SHA256.digest(of: key).bytes)
        } else {
            for index in key.indices { block[index] = key[index] }
        }
        let inner = block.map { $0 ^ 0x36 }
        self.inner = inner
        outer = block.map { $0 ^ 0x5C }
        hash.update(inner.span)
    }

    package mutating func update(_ bytes: Span<UInt8>) { hash.update(bytes) }

    /// The code of all bytes since the last one; the next `update` starts anew.
    package mutating func finish() -> SHA256Digest {
        let (digest, inner, outer) = (hash.finish(), inner, outer)
        hash.update(outer.span)
        hash.update(digest.bytes.span)
        let code = hash.finish()
        hash.update(inner.span)
        return code
    }

    /// The code of `message` alone.
    package static func code(of message: Span<UInt8>, key: Span<UInt8>) -> SHA256Digest {
        var code = HMACSHA256(key: key)
        code.update(message)
        return code.finish()
    }

    /// The code of a text's UTF-8.
    ///
    /// In a chain of codes the `bytes` of one are the key of the next.
    package static func code(of message: String, key: [UInt8]) -> SHA256Digest {
        code(of: Array(message.utf8).span, key: key.span)
    }
}
