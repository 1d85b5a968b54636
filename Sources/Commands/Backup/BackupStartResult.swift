internal import Cassandra
internal import ObjectStorage
internal import Operations
internal import TransferEngine
internal import Vault

/// What a backup did.
struct BackupStartResult: Renderable {
    struct JSON: Encodable {
        struct Snapshot: Encodable {
            let tag: String
            let kept: Bool
            /// Tables whose part was cleared before the backup was published.
            let clearedTables: Int
            /// Tags of earlier backups whose leftovers were cleared.
            let swept: [String]
        }

        let backup: ManifestHeader
        let complete: Bool?
        let readBytes: Int64
        let resumedBytes: Int64
        let seconds: Double
        let requests: MeasuredStore.Counts
        let warnings: [String]
        /// Nil where the node took none for this backup.
        let snapshot: Snapshot?
        let preflight: PreflightReport?
    }

    let report: BackupReport
    let preflight: PreflightReport?
    let requests: MeasuredStore.Counts

    var json: JSON {
        JSON(
            backup: report.header,
            complete: report.isComplete,
            readBytes: report.readBytes,
            resumedBytes: report.resumedBytes,
            seconds: report.elapsed / .seconds(1),
            requests: requests,
            warnings: report.warnings.texts,
            snapshot: report.snapshot.map { tag in
                JSON.Snapshot(
                    tag: tag,
                    kept: report.isSnapshotKept,
                    clearedTables: report.clearedTables,
                    swept: report.sweptSnapshots
                )
            },
            preflight: preflight
        )
    }

    var text: String {
        let header = report.header
        let totals = header.totals
        var text = """
            Backed up node \(header.hostId) as '\(header.backup)' of cluster '\(header.cluster)'.
              \(totals.tables) tables, \(totals.sstables) SSTables, \(totals.files) files, \(ByteCount(totals.bytes))
              read     \(ByteCount(report.readBytes))
              reused   \(ByteCount(totals.reusedBytes)) in \(totals.reusedFiles) files
              stored   \(ByteCount(totals.storedBytes)) in \(totals.storedBlobs) blobs
              took     \(shortText(report.elapsed))

            """
        if totals.recheckedBlobs > 0 {
            text += "  checked  \(totals.recheckedBlobs) of the blobs reused, repaired \(totals.repairedBlobs)\n"
        }
        if report.resumedBytes > 0 {
            text += "  resumed  \(ByteCount(report.resumedBytes)) that earlier runs had finished\n"
        }
        if let tag = report.snapshot {
            let rest = report.isSnapshotKept ? "stays" : "cleared, \(report.clearedTables) tables as they were stored"
            text += "  snapshot \(tag): \(rest)\n"
        }
        if !report.sweptSnapshots.isEmpty {
            text += "  swept    \(report.sweptSnapshots.joined(separator: ", ")), left by earlier backups\n"
        }
        switch report.isComplete {
        case true: text += "  The backup is complete: every expected node has finished.\n"
        case false: text += "  Other expected nodes have not finished yet.\n"
        case nil: break
        }
        return text
    }
}
