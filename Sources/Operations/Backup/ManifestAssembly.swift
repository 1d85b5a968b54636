internal import Cassandra
internal import ObjectStorage
internal import TransferEngine
internal import Vault

/// Puts groups, which become whole in any order, into the manifest in theirs.
///
/// At most `capacity` groups wait behind one that is not whole: its memory does not grow with the node.
///
/// Behind a lock, not an actor: to and from an actor is two changes of thread, for each of a million groups.
final class ManifestAssembly: Sendable {
    static let capacity = 1024

    private enum Entry {
        case table(ManifestTable)
        case group(PendingGroup, isWhole: Bool)
        case end(table: String)
    }

    private struct State: ~Copyable, Sendable {
        var writer: ManifestWriter?
        /// Entries not written yet; `first` is the ticket of `queue[0]`, those before `head` are written.
        var queue: [Entry] = []
        var head = 0
        var first = 0
        var warnings = Warnings()
        var reusedFiles = 0
        var history: [ManifestHeader.TableHistory] = []
        var journal: BackupJournal?
        /// The table that is being written, as its journal would have it, and whether that has every group of it so far.
        var table: (counts: JournaledTable, isJournaled: Bool)?
    }

    private let state: ThreadLock<State>
    private let room = Slots(capacity)
    private let progress: Progress
    private let rechecks: BlobRechecks?
    private let clearing: SnapshotClearing?

    /// - Parameter clearing: is told of each table that is stored and in the journal; nil where nothing is cleared.
    init(
        _ writer: consuming ManifestWriter,
        progress: Progress,
        rechecks: BlobRechecks? = nil,
        clearing: SnapshotClearing? = nil
    ) {
        state = ThreadLock(State(writer: writer))
        self.progress = progress
        self.rechecks = rechecks
        self.clearing = clearing
    }

    /// Begins a pass: its tables ascend, and may go before those of the passes before it.
    ///
    /// - Parameter journal: gets each group that the previous manifest does not have, or each; nil where none is kept.
    func begin(_ journal: BackupJournal?, isFirst: Bool) throws {
        try state.withLock { state in
            precondition(state.queue.isEmpty, "a pass began before all groups of the one before were whole")
            if !isFirst { try state.writer?.beginSection() }
            state.journal = journal
        }
    }

    var warnings: Warnings { state.withLock { $0.warnings } }

    func append(_ table: ManifestTable) throws {
        try state.withLock { state in
            state.queue.append(.table(table))
            try drain(&state)
        }
    }

    /// Says that no group of the table follows.
    func append(endOf table: String) throws {
        try state.withLock { state in
            state.queue.append(.end(table: table))
            try drain(&state)
        }
    }

    /// Adds a group at the end of the order, waiting while too many stand before it.
    func append(at position: ManifestPosition, isSSTable: Bool) async throws -> PendingGroup {
        try await room.wait()
        return state.withLock { state in
            let ticket = state.first + state.queue.count
            let group = PendingGroup(at: position, isSSTable: isSSTable, ticket: ticket)
            state.queue.append(.group(group, isWhole: false))
            return group
        }
    }

    /// Says that all pieces of `group` have a place.
    func markWhole(_ group: PendingGroup) throws {
        try state.withLock { state in
            state.queue[group.ticket - state.first] = .group(group, isWhole: true)
            try drain(&state)
        }
    }

    private func drain(_ state: inout State) throws {
        loop: while state.head < state.queue.count {
            switch state.queue[state.head] {
            case .table(let table):
                try state.writer?.write(.table(table))
                state.history.append(ManifestHeader.TableHistory(table: table.path))
                state.table = (JournaledTable(table: table), true)
            case .group(let pending, let isWhole):
                guard isWhole else { break loop }
                try write(pending.finished(), to: &state)
                room.signal()
            case .end(let path):
                if let journal = state.journal, let table = state.table, table.isJournaled,
                    journal.record(whole: table.counts)
                {
                    clearing?.note(path, journal, bytes: table.counts.bytes)
                }
                state.table = nil
            }
            state.head += 1
        }
        if state.head > Self.capacity || state.head == state.queue.count {
            state.queue.removeFirst(state.head)
            state.first += state.head
            state.head = 0
        }
    }

    private func write(_ finished: PendingGroup.Finished, to state: inout State) throws {
        let (group, reused) = (finished.entry.group, finished.entry.reusedFiles)
        if let journal = state.journal, journal.keepsAll || !finished.isUnchanged {
            let isKept = journal.record(finished.entry, isResumed: finished.isResumed)
            if !isKept { state.table?.isJournaled = false }
            state.table?.counts.count(group)
        }
        if let damage = group.damage {
            state.warnings.add("\(group.table)/\(group.name) is damaged on this node: \(damage)")
        }
        try state.writer?.write(.group(group))
        state.reusedFiles += reused
        state.history[state.history.count - 1].count(finished.entry, unreadBytes: finished.unreadBytes)
        progress.update {
            $0.doneFiles += group.files.count
            $0.reusedFiles += reused
            $0.reusedBytes += finished.unreadBytes
        }
    }

    /// Publishes the manifest once every group is in it.
    ///
    /// - Returns: its header, and the manifest itself, not encrypted.
    func publish(
        by publication: Publication,
        at key: ObjectKey,
        renewing renewal: some BlobRenewing
    ) async throws -> (header: ManifestHeader, manifest: [UInt8]) {
        var writer = state.withLock { state in
            precondition(state.queue.isEmpty, "a manifest was published before all its groups were whole")
            guard let writer = state.writer.take() else { preconditionFailure("a manifest is published once") }
            return writer
        }
        let (reusedFiles, history) = state.withLock { state in
            // Passes go their own ways; a manifest has its tables in order.
            (state.reusedFiles, state.history.sorted { $0.table.utf8.lexicographicallyPrecedes($1.table.utf8) })
        }
        writer.tell(history)
        return try await publication.publish(
            writer,
            at: key,
            totals: { [progress, rechecks] in
                let done = progress.snapshot
                var totals = ManifestHeader.Totals()
                totals.reusedFiles = reusedFiles
                totals.reusedBytes = done.reusedBytes
                totals.storedBlobs = done.storedBlobs
                totals.storedBytes = done.storedBytes
                (totals.recheckedBlobs, totals.repairedBlobs) = rechecks?.counts ?? (0, 0)
                return totals
            },
            renewing: renewal
        )
    }
}

extension ManifestHeader.TableHistory {
    fileprivate mutating func count(_ entry: JournaledGroup, unreadBytes: Int64) {
        files += entry.group.files.count
        bytes += entry.group.bytes
        reusedFiles += entry.reusedFiles
        reusedBytes += entry.reusedBytes
        self.unreadBytes += unreadBytes
    }
}
