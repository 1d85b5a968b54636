/// The name of an object under a vault's prefix: segments parted by `/`, such as `blobs/ab/abcdef.zst`.
///
/// Checked once, here, so that no name can leave the prefix or a directory: a segment is 1 to 255 bytes of UTF-8, is
/// not `.` or `..`, and holds no control character; the whole is at most 800 bytes, which leaves room for the prefix
/// under the 1,024 bytes that S3, Azure and Google Cloud allow.
package struct ObjectKey: Sendable, Hashable, Comparable, CustomStringConvertible {
    package static let maxSegment = 255
    package static let maxLength = 800

    package let description: String

    package init(_ text: String) throws(ObjectKeyError) {
        guard text.utf8.count <= Self.maxLength else {
            throw ObjectKeyError(text, "it is over \(Self.maxLength) bytes")
        }
        for segment in Self.split(text) {
            if segment.isEmpty { throw ObjectKeyError(text, "it has an empty part") }
            if segment == "." || segment == ".." { throw ObjectKeyError(text, "it has a part that is '\(segment)'") }
            if segment.utf8.count > Self.maxSegment {
                throw ObjectKeyError(text, "it has a part of over \(Self.maxSegment) bytes")
            }
            if segment.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
                throw ObjectKeyError(text, "it has a control character")
            }
        }
        description = text
    }

    package var segments: [Substring] { Self.split(description) }

    /// At the byte `/`: a combining character behind it would hide it from a split by characters.
    private static func split(_ text: String) -> [Substring] {
        text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map { Substring($0) }
    }

    /// By bytes, as stores compare: Swift takes `é` and `e` with an accent for one text, a store for two objects.
    package static func == (left: Self, right: Self) -> Bool {
        left.description.utf8.elementsEqual(right.description.utf8)
    }

    package func hash(into hasher: inout Hasher) {
        var text = description
        text.withUTF8 { unsafe hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }

    /// By bytes, as every store lists.
    package static func < (left: Self, right: Self) -> Bool {
        left.description.utf8.lexicographicallyPrecedes(right.description.utf8)
    }
}

/// A text cannot be the name of an object.
package struct ObjectKeyError: Error, CustomStringConvertible {
    package let text: String
    package let reason: String

    init(_ text: String, _ reason: String) {
        self.text = String(text.prefix(200))
        self.reason = reason
    }

    package var description: String { "\(text.debugDescription) cannot name an object: \(reason)" }
}
