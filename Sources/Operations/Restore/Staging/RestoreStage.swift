/// A step of a restore into a node that is done, in the order of steps; a strategy goes through some of them.
package enum RestoreStage: String, Sendable, Hashable, Codable, CaseIterable {
    /// The restore has begun: nothing but its own directories was made.
    case planned
    /// All files are there and verified.
    case staged
    /// Missing keyspaces and tables were made.
    case schema
    /// The node has made a snapshot of what will be touched.
    case snapshot
    /// Tables are empty; noted for each.
    case truncated
    /// What the node has begins to be moved aside.
    case moving
    /// All that will be replaced has been moved aside.
    case aside
    /// A table's files begin to be given to the node that runs; noted for each.
    case loading
    /// A table's files were taken by the node; noted for each.
    case loaded
    /// All files stand in their places.
    case placed
    /// The restore is finished.
    case done
    /// What was there before begins to be brought back.
    case undoing
    /// What the restore has placed was taken out of the node again.
    case takenOut
    /// It is as it was before the restore.
    case undone

    /// Whether nothing of it is left to do.
    package var isEnd: Bool { self == .done || self == .undone }

    /// Whether the node may have been touched when this was noted last.
    package var hasTouched: Bool {
        switch self {
        case .planned, .staged, .undone: false
        case .schema, .snapshot, .truncated, .moving, .aside, .loading, .loaded, .placed, .done, .undoing, .takenOut:
            true
        }
    }
}
