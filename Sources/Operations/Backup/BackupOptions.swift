package import Cassandra
package import SystemPackage
package import TransferEngine
package import Vault

/// What to back up, of which node, under which name.
package struct BackupOptions: Sendable {
    /// What the user wants of the node's files.
    package enum Source: Sendable, Hashable {
        /// A snapshot that stands already.
        case snapshot(SnapshotTag)
        /// The live SSTables, by a snapshot of hard links that is made now and removed at the end.
        case live
        /// A snapshot that the node takes for this run, under a tag of ours; it is cleared table by table.
        case own
    }

    package var id: BackupID
    package var host: HostID
    package var datacenter: String?
    package var rack: String?
    /// Nodes without which the backup is not complete; nil if unknown.
    package var expectedNodes: [HostID]?
    package var dataDirectories: [FilePath]
    package var source: Source
    package var filter: TableFilter
    package var compression: Compression
    /// In so many runs every blob that is reused unread is looked at once; nil: none is.
    package var recheckSlices: Int? = 100
    /// For `Source.own`.
    package var ownSnapshot = OwnSnapshotOptions()
    /// Bytes of a pass over tables that hold nothing, at least; nil for the usual.
    ///
    /// For tests.
    var leastPass: Int64?

    package init(
        id: BackupID,
        host: HostID,
        dataDirectories: [FilePath],
        source: Source,
        filter: TableFilter = .everything,
        compression: Compression = .auto
    ) {
        self.id = id
        self.host = host
        self.dataDirectories = dataDirectories
        self.source = source
        self.filter = filter
        self.compression = compression
    }
}

/// What a finished backup has done.
package struct BackupReport: Sendable, Hashable {
    /// As published in the node's manifest.
    package let header: ManifestHeader
    /// Whether all nodes that were expected have published; nil if nobody said which.
    package let isComplete: Bool?
    /// What someone should look at: files left out, damaged SSTables.
    package let warnings: Warnings
    /// Plain bytes read from the node's disks, by all runs of the backup together.
    package let readBytes: Int64
    /// Plain bytes that earlier runs of it, stopped or killed, had finished.
    package let resumedBytes: Int64
    package let elapsed: Duration
    /// Of the snapshot that the run took for itself; nil where it took none.
    package var snapshot: String?
    /// Whether that one stays.
    package var isSnapshotKept = false
    /// Tables of it that were cleared before the backup was published.
    package var clearedTables = 0
    /// Snapshots of earlier runs that were cleared at the start.
    package var sweptSnapshots: [String] = []
}
