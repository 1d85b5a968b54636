/// How files of a backup come back.
package enum RestoreStrategy: String, Sendable, Hashable, Codable, CaseIterable {
    /// Into directories of their own; no node is touched.
    case files
    /// Into the data directories of a node that is stopped, in place of what it has.
    case inPlace = "in-place"
    /// Into a node that runs, by `nodetool import`: Cassandra 4.0 and later.
    case importing = "import"
    /// Into a node that runs, by hard links and `nodetool refresh`: every version.
    case refreshing = "refresh"

    /// Whether the node takes the files while it runs.
    package var isOnline: Bool {
        switch self {
        case .files, .inPlace: false
        case .importing, .refreshing: true
        }
    }
}
