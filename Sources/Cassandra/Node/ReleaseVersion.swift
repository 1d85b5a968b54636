/// A release of Cassandra: `4.0.14`, `5.0-beta1`, `4.1.7-SNAPSHOT`; stored as that text.
package struct ReleaseVersion: Sendable, Hashable, Codable, CustomStringConvertible {
    /// As the node says it.
    package let description: String
    package let major: Int
    package let minor: Int

    /// Nil unless `text` begins with two numbers with a full stop between them.
    package init?(_ text: String) {
        let fields = text.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false)
        guard fields.count >= 2, let major = Int(fields[0]),
            let minor = Int(fields[1].prefix { $0.isASCII && $0.isNumber }), major >= 0
        else { return nil }
        description = text
        self.major = major
        self.minor = minor
    }

    package func isAtLeast(_ major: Int, _ minor: Int) -> Bool {
        (self.major, self.minor) >= (major, minor)
    }

    /// `nodetool import`: CASSANDRA-6719, 4.0.
    package var hasImport: Bool { isAtLeast(4, 0) }
    /// `nodetool snapshot --ttl`: CASSANDRA-16789, 4.1.
    package var hasSnapshotTTL: Bool { isAtLeast(4, 1) }
    /// `DESCRIBE` is answered by the server: CASSANDRA-14825, 4.0.
    package var hasServerDescribe: Bool { isAtLeast(4, 0) }

    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let version = ReleaseVersion(text) else {
            let context = DecodingError.Context(
                codingPath: decoder.codingPath,
                debugDescription: "not a release of Cassandra: \(text)"
            )
            throw DecodingError.dataCorrupted(context)
        }
        self = version
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
