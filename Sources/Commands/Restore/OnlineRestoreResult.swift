internal import Cassandra
internal import Operations
internal import TransferEngine
internal import Vault

/// What a restore into a running node did.
struct OnlineRestoreResult: Renderable {
    struct JSON: Encodable {
        let backup: ManifestHeader
        let restore: RestoreID
        let strategy: RestoreStrategy
        let stage: RestoreStage
        let tables: [String]
        let created: [String]
        let bytes: Int64
        let receivedBytes: Int64?
        let undoSnapshot: String?
        let truncateSnapshots: [String]
        let instructions: [String]
        let seconds: Double
        let warnings: [String]
    }

    let report: OnlineReport

    var json: JSON {
        JSON(
            backup: report.source,
            restore: report.plan.id,
            strategy: report.plan.strategy,
            stage: report.stage,
            tables: report.tables.map(\.description),
            created: report.created.map(\.description),
            bytes: report.bytes,
            receivedBytes: report.receivedBytes,
            undoSnapshot: report.undoTag,
            truncateSnapshots: report.truncateTags,
            instructions: report.plan.instructions,
            seconds: report.elapsed / .seconds(1),
            warnings: report.warnings.texts
        )
    }

    var text: String {
        let source = "'\(report.source.backup)' of cluster '\(report.source.cluster)', node \(report.source.hostId)"
        var lines: [String] = []
        if report.stage == .done {
            lines.append("Restored \(report.tables.count) tables from \(source), by \(report.plan.strategy.rawValue).")
            lines += report.tables.map { "  \($0)" }
        } else {
            lines.append("Staged and verified \(source); the node has not been touched.")
        }
        lines.append("  \(ByteCount(report.bytes)), every byte checked")
        if let received = report.receivedBytes { lines.append("  received  \(ByteCount(received))") }
        lines.append("  took      \(shortText(report.elapsed))")
        if !report.created.isEmpty {
            lines.append("Made: \(report.created.map(\.description).joined(separator: ", ")).")
        }
        if let tag = report.undoTag {
            lines.append("What was there before is in the snapshot \(tag); 'ringvault restore undo' brings it back.")
            lines.append("When nobody needs that any more: nodetool clearsnapshot -t \(tag)")
        }
        for tag in report.truncateTags { lines.append("  and of the TRUNCATE: nodetool clearsnapshot -t \(tag)") }
        lines += report.plan.instructions
        return lines.joined(separator: "\n") + "\n"
    }
}
