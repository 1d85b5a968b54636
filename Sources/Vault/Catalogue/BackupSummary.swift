/// What people want to know of one backup at a glance.
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
    /// Those that have published, in ascending order.
    package let nodes: [HostID]
    /// Expected, but without a manifest.
    package let missingNodes: [HostID]
    /// Sums over the nodes that have published.
    package let totals: ManifestHeader.Totals

    /// As `complete.json` has it.
    init(_ id: BackupID, _ completion: BackupCompletion) {
        cluster = id.cluster
        backup = id.backup
        state = .complete
        started = completion.started
        finished = completion.finished
        nodes = completion.nodes
        missingNodes = []
        totals = completion.totals
    }

    /// As the manifests' headers have it.
    init(_ id: BackupID, intent: BackupIntent?, _ headers: [ManifestHeader]) {
        cluster = id.cluster
        backup = id.backup
        nodes = headers.map(\.hostId).sorted()
        let present = Set(nodes)
        missingNodes = (intent?.expectedNodes ?? []).filter { !present.contains($0) }
        state = missingNodes.isEmpty && !headers.isEmpty ? .complete : .incomplete
        started = intent?.started ?? headers.map(\.started).min()
        finished = state == .complete ? headers.map(\.finished).max() : nil
        totals = headers.reduce(into: ManifestHeader.Totals()) { $0.add($1.totals) }
    }
}

/// One backup in full: with the header of every node's manifest.
package struct BackupDetail: Sendable, Hashable {
    package let summary: BackupSummary
    /// In the order of host ids.
    package let nodes: [ManifestHeader]
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
        recheckedBlobs.addClamping(other.recheckedBlobs)
        repairedBlobs.addClamping(other.repairedBlobs)
    }
}

extension FixedWidthInteger {
    fileprivate mutating func addClamping(_ other: Self) {
        let (sum, overflows) = addingReportingOverflow(other)
        self = overflows ? (other < 0 ? .min : .max) : sum
    }
}
