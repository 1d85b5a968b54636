package import ObjectStorage
package import TransferEngine

/// A blob's name: `<hash>[.<generation>][.zst|.lz4]`, stored under `blobs/<first two hex digits>/`.
package struct BlobName: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// SHA-256 of the plain content.
    package let digest: SHA256Digest
    /// 0, and left out of the name, unless an earlier generation of the same content may not be used any more.
    package let generation: Int
    package let format: FrameFormat

    package init(_ digest: SHA256Digest, generation: Int = 0, format: FrameFormat) {
        self.digest = digest
        self.generation = generation
        self.format = format
    }

    /// Nil if `text` is not exactly what `description` gives for some name.
    package init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard let first = parts.first, let digest = SHA256Digest(hex: first) else { return nil }
        var rest = parts.dropFirst()
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
        self.init(digest, generation: generation, format: format)
    }

    package var description: String {
        "\(digest)" + (generation > 0 ? ".\(generation)" : "") + format.rawValue
    }

    package var key: ObjectKey {
        get throws(ObjectKeyError) {
            let name = description
            return try ObjectKey("blobs/\(name.prefix(2))/\(name)")
        }
    }

    package static func < (left: Self, right: Self) -> Bool { left.description < right.description }
}
