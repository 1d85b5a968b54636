/// What people want to know of one backup.
package struct BackupSummary: Sendable, Hashable, Codable {
    package enum State: String, Sendable, Hashable, Codable {
        /// Every node that was expected has published; where nobody said which, at least one has.
        case complete
        case incomplete
    }

    package let cluster: String
    package let backup: String
    package let state: State
    package let started: Timestamp?
    package let finished: Timestamp?
    package let nodes: [ManifestHeader]
    /// Expected, but without a manifest.
    package let missingNodes: [HostID]

    init(_ id: BackupID, intent: BackupIntent?, nodes: [ManifestHeader]) {
        cluster = id.cluster
        backup = id.backup
        self.nodes = nodes
        let present = Set(nodes.map(\.hostId))
        missingNodes = (intent?.expectedNodes ?? []).filter { !present.contains($0) }
        state = missingNodes.isEmpty && !nodes.isEmpty ? .complete : .incomplete
        started = intent?.started ?? nodes.map(\.started).min()
        finished = state == .complete ? nodes.map(\.finished).max() : nil
    }

    /// Sums over the nodes that have published.
    package var totals: ManifestHeader.Totals {
        nodes.reduce(into: ManifestHeader.Totals()) { $0.add($1.totals) }
    }
}

extension ManifestHeader.Totals {
    mutating func add(_ other: Self) {
        tables += other.tables
        sstables += other.sstables
        files += other.files
        bytes += other.bytes
        reusedFiles += other.reusedFiles
        reusedBytes += other.reusedBytes
        storedBlobs += other.storedBlobs
        storedBytes += other.storedBytes
    }
}
