internal import FoundationEssentials

/// Bytes as text of 64 letters.
///
/// RFC 4648, sections 4 and 5.
package enum Base64 {
    /// With padding, without line ends.
    package static func text(of bytes: some Sequence<UInt8>) -> String { Data(bytes).base64EncodedString() }

    /// With `-` and `_` for `+` and `/`, and without padding: as JSON Web Tokens have it.
    package static func urlText(of bytes: some Sequence<UInt8>) -> String {
        let letters = text(of: bytes).utf8.compactMap { letter -> UInt8? in
            switch letter {
            case UInt8(ascii: "+"): UInt8(ascii: "-")
            case UInt8(ascii: "/"): UInt8(ascii: "_")
            case UInt8(ascii: "="): nil
            default: letter
            }
        }
        return String(decoding: letters, as: UTF8.self)
    }

    /// The bytes of a text with its padding; nil for anything that `text(of:)` would not have written.
    package static func bytes(of text: String) -> [UInt8]? {
        guard let bytes = Data(base64Encoded: text), self.text(of: bytes) == text else { return nil }
        return Array(bytes)
    }
}
