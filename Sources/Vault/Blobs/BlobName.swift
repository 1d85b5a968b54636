package import ObjectStorage
package import TransferEngine

/// A blob's name: `<hash>[.<generation>][.zst|.lz4][.enc]`, stored under `blobs/<first two hex digits>/`.
package struct BlobName: Sendable, Hashable, Comparable, CustomStringConvertible {
    private static let sealedSuffix = "enc"

    /// What the plain content is called in the vault.
    package let content: ContentName
    /// 0, and left out of the name, unless an earlier generation of the same content may not be used any more.
    package let generation: Int
    /// Of what is stored, or of what was sealed.
    package let format: FrameFormat
    /// Whether what is stored is encrypted: in an encrypted vault, all are.
    package let isSealed: Bool

    package init(_ content: ContentName, generation: Int = 0, format: FrameFormat, isSealed: Bool) {
        self.content = content
        self.generation = generation
        self.format = format
        self.isSealed = isSealed
    }

    /// The name of a content in a vault that is not encrypted.
    package init(plain digest: SHA256Digest, generation: Int = 0, format: FrameFormat) {
        self.init(ContentName(plain: digest), generation: generation, format: format, isSealed: false)
    }

    /// Nil if `text` is not exactly what `description` gives for some name.
    package init?(_ text: String) {
        // By bytes: a dot before a combining mark is another Character than a dot, and would be no name either.
        let parts = text.utf8.split(separator: 0x2E, omittingEmptySubsequences: false)
        guard let first = parts.first, let content = ContentName(hex: Substring(first)) else { return nil }
        var rest = parts.dropFirst().map { Substring($0) }[...]
        var isSealed = false
        if let last = rest.last, last == Self.sealedSuffix {
            isSealed = true
            rest = rest.dropLast()
        }
        var format = FrameFormat.plain
        if let last = rest.last, let found = FrameFormat(rawValue: "." + last), found != .plain {
            format = found
            rest = rest.dropLast()
        }
        var generation = 0
        if let number = rest.popFirst() {
            guard let value = Int(number), value > 0, String(value) == number else { return nil }
            generation = value
        }
        guard rest.isEmpty else { return nil }
        self.init(content, generation: generation, format: format, isSealed: isSealed)
    }

    package var description: String {
        "\(content)" + (generation > 0 ? ".\(generation)" : "") + format.rawValue
            + (isSealed ? ".\(Self.sealedSuffix)" : "")
    }

    /// Appends `description`.
    func append(to text: inout [UInt8]) {
        content.append(to: &text)
        if generation > 0 { text += ".\(generation)".utf8 }
        text += format.rawValue.utf8
        if isSealed { text += ".\(Self.sealedSuffix)".utf8 }
    }

    package var key: ObjectKey {
        get throws(ObjectKeyError) {
            let name = description
            return try ObjectKey("blobs/\(name.prefix(2))/\(name)")
        }
    }

    /// Another object of the same content.
    func ofGeneration(_ generation: Int) -> BlobName {
        BlobName(content, generation: generation, format: format, isSealed: isSealed)
    }

    package static func < (left: Self, right: Self) -> Bool { left.description < right.description }
}

extension BlobName {
    /// In 40 bytes.
    ///
    /// - Throws: `VaultError` with code `.damaged` for a generation that no vault can have reached.
    var compact: CompactName {
        get throws(VaultError) {
            guard let compact = CompactName(self) else {
                throw VaultError(.damaged, "use the blob", description, "its generation cannot be right")
            }
            return compact
        }
    }
}
