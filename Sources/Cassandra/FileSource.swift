/// Which of a table's files are meant.
package enum FileSource: Sendable, Hashable, CustomStringConvertible {
    /// Those of the snapshot, in `snapshots/<tag>/`.
    case snapshot(SnapshotTag)
    /// Those the node reads from now, in the table's directory itself.
    case live

    package var description: String {
        switch self {
        case .snapshot(let tag): "snapshot \(tag)"
        case .live: "live files"
        }
    }
}
