/// A Cassandra node's host id: a UUID in lower case, as `nodetool info` prints it.
///
/// It names the node's manifests.
package struct HostID: Sendable, Hashable, Comparable, Codable, CustomStringConvertible {
    package let description: String

    /// - Parameter text: 8-4-4-4-12 hex digits, in upper or lower case; anything else gives nil.
    package init?(_ text: some StringProtocol) {
        let groups = text.split(separator: "-", omittingEmptySubsequences: false)
        guard groups.map(\.utf8.count) == [8, 4, 4, 4, 12], text.utf8.count == 36,
            groups.allSatisfy({ $0.utf8.allSatisfy(Self.isHexDigit) })
        else { return nil }
        description = text.lowercased()
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x46, 0x61...0x66: true
        default: false
        }
    }

    package static func < (left: Self, right: Self) -> Bool { left.description < right.description }

    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let id = HostID(text) else {
            let context = DecodingError.Context(
                codingPath: decoder.codingPath,
                debugDescription: "not a host id: \(text)"
            )
            throw DecodingError.dataCorrupted(context)
        }
        self = id
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
