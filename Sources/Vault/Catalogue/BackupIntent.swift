/// `backup.json`: that a backup of this name was begun, and by whom; written by the first node that starts it.
package struct BackupIntent: Sendable, Hashable, Codable {
    package static let currentVersion = 1

    package var type = "backup"
    package var version = BackupIntent.currentVersion
    package var cluster: String
    package var backup: String
    package var started: Timestamp
    /// Host ids of the nodes without whose manifests the backup is not complete; nil if nobody said.
    package var expectedNodes: [HostID]?

    package init(cluster: String, backup: String, started: Timestamp, expectedNodes: [HostID]?) {
        self.cluster = cluster
        self.backup = backup
        self.started = started
        self.expectedNodes = expectedNodes
    }
}

/// `complete.json`: every expected node's manifest stands; with their totals, so that a listing reads one small object.
package struct BackupCompletion: Sendable, Hashable, Codable {
    package static let currentVersion = 1

    package var type = "complete"
    package var version = BackupCompletion.currentVersion
    package var started: Timestamp
    /// When the last of the nodes had finished.
    package var finished: Timestamp
    /// In ascending order.
    package var nodes: [HostID]
    /// Sums over the nodes.
    package var totals: ManifestHeader.Totals

    package init(started: Timestamp, finished: Timestamp, nodes: [HostID], totals: ManifestHeader.Totals) {
        self.started = started
        self.finished = finished
        self.nodes = nodes
        self.totals = totals
    }
}
