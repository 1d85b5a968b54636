internal import Cassandra
internal import Logging
internal import TransferEngine

/// Clears a run's own snapshot table by table, as soon as the table is stored and its journal says so durably.
///
/// From then on the table is known from the journal alone. Nothing but `snapshots/<our tag>` is removed.
///
/// Small tables are cleared several at a time: making the journal durable takes as long for one as for many.
final class SnapshotClearing: Sendable {
    /// What is cleared at once: so many tables, or so many bytes.
    private static let batch = (tables: 16, bytes: Int64(64 << 20))

    private struct State {
        var due: [(path: String, journal: BackupJournal)] = []
        var dueBytes: Int64 = 0
        var cleared = 0
        var hasWarned = false
    }

    private let snapshot: LiveSnapshot
    private let tables: [String: Table]
    private let logger: Logger
    private let state = ThreadLock(State())

    /// - Parameter tables: what stands on disk, by path.
    init(_ snapshot: LiveSnapshot, _ tables: [String: Table], logger: Logger) {
        self.snapshot = snapshot
        self.tables = tables
        self.logger = logger
    }

    /// How many tables have been cleared.
    var count: Int { state.withLock { $0.cleared } }

    /// Says that all of the table is in the journal; nothing is cleared yet.
    ///
    /// - Parameter bytes: of the table.
    func note(_ path: String, _ journal: BackupJournal, bytes: Int64) {
        state.withLock {
            $0.due.append((path, journal))
            $0.dueBytes += bytes
        }
    }

    /// Clears what has been noted; blocks.
    ///
    /// What cannot be cleared stays until the end of the run, with one warning.
    ///
    /// - Parameter isEnd: whether nothing is worth waiting for.
    func clearDue(isEnd: Bool) {
        let due = state.withLock { state -> [(path: String, journal: BackupJournal)] in
            let isWorthwhile = state.due.count >= Self.batch.tables || state.dueBytes >= Self.batch.bytes
            guard isEnd || isWorthwhile else { return [] }
            defer { (state.due, state.dueBytes) = ([], 0) }
            return state.due
        }
        var synced: [ObjectIdentifier: Bool] = [:]
        for (path, journal) in due {
            let id = ObjectIdentifier(journal)
            let isSynced = synced[id] ?? journal.sync()
            synced[id] = isSynced
            guard isSynced, let table = tables[path] else { continue }
            do throws(CassandraError) {
                try snapshot.remove(from: table)
                state.withLock { $0.cleared += 1 }
                logger.debug("cleared the snapshot of a table that is stored", metadata: ["table": "\(table)"])
            } catch {
                let isFirst = state.withLock { state in
                    defer { state.hasWarned = true }
                    return !state.hasWarned
                }
                if isFirst {
                    logger.warning(
                        "the snapshot cannot be cleared table by table: it stays until the end of the run",
                        metadata: ["error": "\(error)"]
                    )
                }
            }
        }
    }
}
