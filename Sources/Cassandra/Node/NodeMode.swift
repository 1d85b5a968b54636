/// What a node that answers is doing.
///
/// Source: `Mode` in org.apache.cassandra.service.StorageService, 3.11 to 5.0, as `nodetool netstats` prints it.
package enum NodeMode: Sendable, Hashable, CustomStringConvertible {
    case normal
    case starting
    case joining
    case leaving
    case moving
    case draining
    /// Serves nothing more and cannot go back without a restart; its process and JMX live.
    case drained
    case decommissioned
    /// Word for word, for instance `DECOMMISSION_FAILED`.
    case other(String)

    private static let known: [NodeMode] = [
        .normal, .starting, .joining, .leaving, .moving, .draining, .drained, .decommissioned,
    ]

    /// - Parameter word: `NORMAL`, in upper or lower case.
    package init(_ word: String) {
        self = Self.known.first { $0.description == word.uppercased() } ?? .other(word)
    }

    /// Cassandra's word: `NORMAL`.
    package var description: String {
        switch self {
        case .normal: "NORMAL"
        case .starting: "STARTING"
        case .joining: "JOINING"
        case .leaving: "LEAVING"
        case .moving: "MOVING"
        case .draining: "DRAINING"
        case .drained: "DRAINED"
        case .decommissioned: "DECOMMISSIONED"
        case .other(let word): word
        }
    }
}
