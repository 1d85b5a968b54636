/// Names that people choose (clusters, backups), as one part of an object's key: `Test Cluster` is `Test%20Cluster`.
///
/// Letters, digits, `-`, `_` and `.` stay; every other byte of the UTF-8 text becomes `%` and two upper-case hex digits
/// (RFC 3986, section 2.1), and so does a `.` at the start, so that no name is `.` or `..` or hidden.
package enum KeyName {
    /// Bytes that the encoded name may take.
    private static let most = 200

    /// - Throws: `VaultError` for an empty or overlong name, or one with control characters.
    package static func encode(_ name: String, as kind: String) throws(VaultError) -> String {
        guard !name.isEmpty else { throw VaultError(.invalid, "use as a \(kind)", "''", "it is empty") }
        guard !name.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
            throw VaultError(.invalid, "use as a \(kind)", name.debugDescription, "it has a control character")
        }
        var text = ""
        for byte in name.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x5F: text.unicodeScalars.append(Unicode.Scalar(byte))
            case 0x2E where !text.isEmpty: text += "."
            default:
                text += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        guard text.utf8.count <= most else {
            throw VaultError(.invalid, "use as a \(kind)", "'\(name)'", "it takes more than \(most) bytes")
        }
        return text
    }

    /// Nil if `text` is not what `encode` makes.
    package static func decode(_ text: some StringProtocol) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == 0x25 else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else {
                return nil
            }
            rest = rest.dropFirst(2)
            bytes.append(value)
        }
        guard let name = String(validating: bytes, as: UTF8.self), (try? encode(name, as: "name")) == String(text)
        else { return nil }
        return name
    }
}
