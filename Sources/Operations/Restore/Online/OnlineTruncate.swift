internal import Cassandra

/// Empties a table on all nodes, and notes the snapshots that Cassandra takes of it before.
struct OnlineTruncate {
    let node: any NodeControl
    let session: any CQLSession
    let journal: RestoreJournal
    let request: RestoreRequest

    /// What was there before the first attempt is noted: a run that was killed between the statement and the note
    /// empties the table again, and both snapshots count then.
    ///
    /// - Parameter stage: what it is noted as.
    /// - Throws: `CassandraError`.
    func run(_ name: TableName, noting stage: RestoreStage) async throws {
        let key = "\(name)"
        let before = try known(name)
        let seen = OnlineProgress.Fact.before(stage)
        let earlier = journal.records.first { $0.stage == .snapshot && $0.table == key && $0.facts?[seen] != nil }
        if earlier == nil {
            try journal.note(.snapshot, table: key, facts: [seen: before.sorted().joined(separator: ",")])
        }
        let old = earlier?.facts?[seen].map { Set($0.split(separator: ",").map(String.init)) } ?? before
        try await session.execute(["TRUNCATE \(CQLText.name(name.keyspace, name.name))"])
        let new = try known(name).subtracting(old)
        try journal.note(stage, table: key, facts: [OnlineProgress.Fact.snapshots: new.sorted().joined(separator: ",")])
    }

    private func known(_ name: TableName) throws -> Set<String> {
        let tables = try OnlineDirectories(request, [name]).candidates(name)
        return Set(try tables.flatMap { try $0.truncateSnapshots().map(\.name) })
    }
}
