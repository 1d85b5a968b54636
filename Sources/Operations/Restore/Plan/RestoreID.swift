internal import Cassandra
internal import TransferEngine
internal import Vault

/// Names a restore: the same for the same backup, node, strategy and choice of tables, so that a run that goes on after a
/// killed one finds what that has left.
package struct RestoreID: Sendable, Hashable, Codable, CustomStringConvertible {
    /// 12 lower-case hex digits.
    package let description: String

    /// - Parameter target: another table or keyspace that takes the files; nil: their own.
    package init(_ request: RestoreRequest, _ selection: RestoreSelection, target: String? = nil) {
        let header = selection.header
        let parts =
            [header.vault, header.cluster, header.backup, header.hostId.description, request.strategy.rawValue]
            + [target ?? ""] + request.filter.entries.map(\.text).sorted()
            + request.filter.exclusions.map { "not \($0.text)" }.sorted()
        let text = Array(parts.map { "\($0.utf8.count):\($0)" }.joined().utf8)
        description = String(SHA256.digest(of: text.span).description.prefix(12))
    }

    /// - Parameter text: as `description` gives it; anything else gives nil.
    package init?(_ text: some StringProtocol) {
        guard text.utf8.count == 12, text.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
        else { return nil }
        description = String(text)
    }

    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let id = RestoreID(text) else {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(codingPath: decoder.codingPath, debugDescription: "no restore's id: \(text)")
            )
        }
        self = id
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
