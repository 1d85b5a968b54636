package import Cassandra
package import Vault

/// What a restore into a running node has done.
package struct OnlineReport: Sendable, Hashable {
    package let plan: RestorePlan
    package let source: ManifestHeader
    package let stage: RestoreStage
    /// Tables whose rows the node has now, under the names that they have there.
    package let tables: [TableName]
    /// Plain bytes of their files.
    package let bytes: Int64
    /// Bytes got from the store by this run; nil where an earlier one had got everything.
    package let receivedBytes: Int64?
    /// The node's snapshot of what was there before; nil where there was nothing, or nothing was touched yet.
    package let undoTag: String?
    /// Cassandra's own snapshots of tables that were emptied.
    package let truncateTags: [String]
    /// Tables that were made.
    package let created: [TableName]
    package let warnings: Warnings
    package let elapsed: Duration

    init(_ decision: OnlineDecision, _ staged: RestoreReport?, _ journal: RestoreJournal, elapsed: Duration) {
        let progress = OnlineProgress(journal.records)
        plan = decision.plan
        source = decision.selection.header
        stage = journal.stage
        tables = decision.survey.tables.map(\.target).filter { journal.has(.loaded, table: "\($0)") }.sorted()
        bytes = decision.survey.tables.reduce(0) { $0 + $1.bytes }
        receivedBytes = staged?.receivedBytes
        undoTag = progress.kept?.tag
        truncateTags = Set(progress.truncated.values.joined()).sorted()
        created = progress.created.sorted()
        warnings = staged?.warnings ?? Warnings()
        self.elapsed = elapsed
    }
}
