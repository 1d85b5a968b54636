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
    /// Sums that do not fit stay at the largest number: totals come from the store, which may be hostile.
    mutating func add(_ other: Self) {
        tables.addClamping(other.tables)
        sstables.addClamping(other.sstables)
        files.addClamping(other.files)
        bytes.addClamping(other.bytes)
        reusedFiles.addClamping(other.reusedFiles)
        reusedBytes.addClamping(other.reusedBytes)
        storedBlobs.addClamping(other.storedBlobs)
        storedBytes.addClamping(other.storedBytes)
    }
}

extension FixedWidthInteger {
    fileprivate mutating func addClamping(_ other: Self) {
        let (sum, overflows) = addingReportingOverflow(other)
        self = overflows ? (other < 0 ? .min : .max) : sum
    }
}
