internal import Cassandra
internal import Logging
internal import SystemPackage
internal import TransferEngine
internal import Vault

/// A table as a pass goes through it.
struct PlannedTable: Sendable {
    /// As in a manifest.
    let path: String
    /// Nil where nothing of it stands on disk: then all of it is in the journal.
    let table: Table?
    /// Files that its snapshot had when it was taken; nil where nobody has counted them.
    ///
    /// Somebody may clear a snapshot under the run's hands, or its life may end: a table must not pass for an empty one then.
    var files: Int?
}

/// The passes that a backup makes over its tables: one, or several that each ascend.
///
/// A snapshot costs nothing while its files are live as well. So tables of which compaction has removed files go first, and
/// what is left is looked at again after each share of the bytes: compaction goes on while the backup does.
///
/// A pass begins with its tables written into its journal, so that a run that goes on makes the same passes in the same
/// order. Each reads the previous manifest once, which is why there are few.
struct BackupPasses {
    struct Pass: Sendable {
        let tables: [PlannedTable]
        let journal: BackupJournal?
    }

    /// No more than so many, but for one with all that is left.
    private static let most = 16
    /// Of all bytes, what goes before the next look.
    private static let shares: Int64 = 8
    /// Bytes that are worth a look, at least.
    private static let leastShare: Int64 = 16 << 30
    /// Once a backup is on its way, this part of what is left has to be held for a pass of its own: the tables of the
    /// system are compacted all the time.
    private static let worthwhile: Int64 = 100

    private var standing: ArraySlice<Pass>
    private var rest: [PlannedTable] = []
    private var source = FileSource.live
    private var share = Int64.max
    private var count: Int
    private let makeJournal: (_ number: Int, _ tables: [String]) -> BackupJournal?

    /// A single one over all tables.
    init(_ tables: [Table], _ journal: BackupJournal?) {
        standing = [Pass(tables: tables.map { PlannedTable(path: $0.manifestPath, table: $0) }, journal: journal)]
        count = 1
        makeJournal = { _, _ in nil }
    }

    /// Those of a backup that clears its own snapshot.
    ///
    /// - Parameters:
    ///   - tables: what stands on disk, by path.
    ///   - journals: of the passes of earlier runs, in their order.
    ///   - leastShare: bytes; nil for the usual.
    init(
        _ record: SnapshotRecord,
        _ tables: [String: Table],
        _ source: FileSource,
        journals: [BackupJournal],
        leastShare: Int64? = nil,
        makeJournal: @escaping (_ number: Int, _ tables: [String]) -> BackupJournal?
    ) {
        self.source = source
        self.makeJournal = makeJournal
        var open: [String: PlannedTable] = [:]
        for part in record.tables {
            open[part.path] = PlannedTable(path: part.path, table: tables[part.path], files: part.files)
        }
        standing =
            journals.map { journal in
                Pass(tables: (journal.tables ?? []).compactMap { open.removeValue(forKey: $0) }, journal: journal)
            }[...]
        count = journals.count
        rest = record.tables.compactMap { open[$0.path] }
        let bytes = record.tables.reduce(0) { $0 + $1.bytes }
        share = max(bytes / Self.shares, leastShare ?? Self.leastShare)
    }

    /// What is known before the first: the passes that stand, and what has no pass yet.
    var parts: [Pass] { standing + [Pass(tables: rest, journal: nil)] }

    /// What earlier runs did.
    var counts: JournalCounts {
        standing.reduce(into: JournalCounts()) { counts, pass in pass.journal.map { counts.advance(to: $0.counts) } }
    }

    /// The next one; nil when every table has been in one.
    ///
    /// Blocks: looks at what is left.
    mutating func next() throws -> Pass? {
        while let pass = standing.popFirst() {
            if !pass.tables.isEmpty { return pass }
        }
        guard !rest.isEmpty else { return nil }
        let chosen = try choose()
        let paths = Set(chosen.map(\.path))
        rest.removeAll { paths.contains($0.path) }
        count += 1
        return Pass(tables: chosen, journal: makeJournal(count, chosen.map(\.path)))
    }

    private func choose() throws -> [PlannedTable] {
        guard count < Self.most else { return rest }
        var held: [PlannedTable] = []
        var next: [PlannedTable] = []
        var (heldBytes, bytes) = (Int64(0), Int64(0))
        for planned in rest {
            try Task.checkCancellation()
            guard let table = planned.table else { continue }
            let listing = try TableListing(table, source: source, measuring: true)
            if bytes < share { next.append(planned) }
            bytes += listing.byteCount ?? 0
            guard let alone = listing.heldByteCount, alone > 0 else { continue }
            held.append(planned)
            heldBytes += alone
        }
        let isWorthwhile = count == 0 ? !held.isEmpty : heldBytes > bytes / Self.worthwhile
        return isWorthwhile ? held : next.isEmpty ? rest : next
    }
}
