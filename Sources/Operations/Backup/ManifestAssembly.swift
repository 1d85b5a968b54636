internal import Cassandra
internal import ObjectStorage
internal import TransferEngine
internal import Vault

/// Puts groups, which become whole in any order, into the manifest in theirs.
///
/// At most `capacity` groups wait behind one that is not whole: its memory does not grow with the node.
actor ManifestAssembly {
    static let capacity = 1024

    private enum Entry {
        case table(ManifestTable)
        case group(PendingGroup, isWhole: Bool)
    }

    private var writer: ManifestWriter?
    /// Entries not written yet; `first` is the ticket of `queue[0]`, those before `head` are written.
    private var queue: [Entry] = []
    private var head = 0
    private var first = 0
    private let room = Slots(capacity)
    private let progress: Progress
    private let journal: BackupJournal?
    private let rechecks: BlobRechecks?
    private(set) var warnings = Warnings()
    private var reusedFiles = 0
    private var history: [ManifestHeader.TableHistory] = []

    /// - Parameter journal: gets each group that the previous manifest does not have; nil where none is kept.
    init(
        _ writer: consuming ManifestWriter,
        progress: Progress,
        journal: BackupJournal? = nil,
        rechecks: BlobRechecks? = nil
    ) {
        self.rechecks = rechecks
        self.writer = consume writer
        self.progress = progress
        self.journal = journal
    }

    func append(_ table: ManifestTable) throws {
        queue.append(.table(table))
        try drain()
    }

    /// Adds a group at the end of the order, waiting while too many stand before it.
    nonisolated func append(at position: ManifestPosition, isSSTable: Bool) async throws -> PendingGroup {
        try await room.wait()
        return await enqueue(position, isSSTable: isSSTable)
    }

    private func enqueue(_ position: ManifestPosition, isSSTable: Bool) -> PendingGroup {
        let group = PendingGroup(at: position, isSSTable: isSSTable, ticket: first + queue.count)
        queue.append(.group(group, isWhole: false))
        return group
    }

    /// Says that all pieces of `group` have a place.
    func markWhole(_ group: PendingGroup) throws {
        queue[group.ticket - first] = .group(group, isWhole: true)
        try drain()
    }

    private func drain() throws {
        loop: while head < queue.count {
            switch queue[head] {
            case .table(let table):
                try writer?.write(.table(table))
                history.append(ManifestHeader.TableHistory(table: table.path))
            case .group(let pending, let isWhole):
                guard isWhole else { break loop }
                let finished = pending.finished()
                let (group, reused) = (finished.entry.group, finished.entry.reusedFiles)
                if !finished.isUnchanged { journal?.record(finished.entry) }
                if let damage = group.damage {
                    warnings.add("\(group.table)/\(group.name) is damaged on this node: \(damage)")
                }
                try writer?.write(.group(group))
                reusedFiles += reused
                history[history.count - 1].count(finished.entry, unreadBytes: finished.unreadBytes)
                progress.update {
                    $0.doneFiles += group.files.count
                    $0.reusedFiles += reused
                    $0.reusedBytes += finished.unreadBytes
                }
                room.signal()
            }
            head += 1
        }
        if head > Self.capacity || head == queue.count {
            queue.removeFirst(head)
            first += head
            head = 0
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
        precondition(queue.isEmpty, "a manifest was published before all its groups were whole")
        guard var writer = writer.take() else { preconditionFailure("a manifest is published once") }
        writer.tell(history)
        return try await publication.publish(
            writer,
            at: key,
            totals: { [progress, reusedFiles, rechecks] in
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
