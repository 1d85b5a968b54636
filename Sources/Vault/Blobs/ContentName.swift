package import TransferEngine

/// What a content is called in a vault: its SHA-256 in a plain one, a keyed hash of that in an encrypted one.
///
/// A type of its own, so that nobody takes it for the hash of bytes: only `ContentNaming` knows the way from one to the other.
package struct ContentName: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Also of a keyed hash: 32 bytes that look alike.
    private let hash: SHA256Digest

    fileprivate init(_ hash: SHA256Digest) { self.hash = hash }

    /// - Parameter hex: exactly 64 lower-case hex digits; anything else gives nil.
    package init?(hex: Substring) {
        guard let hash = SHA256Digest(hex: hex) else { return nil }
        self.hash = hash
    }

    /// The name that a content has in a vault that is not encrypted.
    package init(plain digest: SHA256Digest) { hash = digest }

    /// 64 lower-case hex digits.
    package var description: String { hash.description }

    /// Appends the 64 digits.
    func append(to text: inout [UInt8]) { hash.append(to: &text) }

    /// The 32 bytes as four big-endian words.
    var words: (UInt64, UInt64, UInt64, UInt64) { hash.words }

    init(words: (UInt64, UInt64, UInt64, UInt64)) { hash = SHA256Digest(words: words) }

    /// The 32 bytes in order.
    package var bytes: [UInt8] { hash.bytes }

    package static func < (left: Self, right: Self) -> Bool { left.hash < right.hash }
}

/// How a vault calls contents.
package struct ContentNaming: Sendable {
    /// Nil in a vault that is not encrypted.
    private let key: SecretBytes?

    init(key: SecretBytes?) { self.key = key }

    /// Whether names are keyed, so that they tell nothing of the content.
    package var isKeyed: Bool { key != nil }

    /// The name of the content with this SHA-256: HMAC-SHA-256 of the digest's 32 bytes under the vault's name key.
    package func name(of digest: SHA256Digest) -> ContentName {
        guard let key else { return ContentName(digest) }
        return key.withBytes { key in ContentName(HMACSHA256.code(of: digest.bytes.span, key: key)) }
    }

    /// Whether content with this SHA-256 is what `proof` is of.
    package func isProved(_ digest: SHA256Digest, by proof: ContentProof?) -> Bool {
        switch proof {
        case .digest(let known): known == digest
        case .name(let known): known == name(of: digest)
        case nil: false
        }
    }
}

/// What a manifest says of a piece's content, by which it can be known again.
package enum ContentProof: Sendable, Hashable {
    /// The SHA-256 of the piece, which is the whole file.
    case digest(SHA256Digest)
    /// The name of the blob that the piece is the whole content of.
    case name(ContentName)
}

extension ManifestFile {
    /// What is known of the content of a piece; nil if the file has no such piece, or its line lacks what it must have.
    package func proof(ofPiece index: Int) -> ContentProof? {
        guard pieces.indices.contains(index) else { return nil }
        // A single piece may be a part of a pack, whose name is not the file's.
        guard pieces.count > 1 else { return digest.map { .digest($0) } }
        return .name(pieces[index].blob.content)
    }
}
