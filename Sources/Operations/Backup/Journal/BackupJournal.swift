internal import FoundationEssentials
internal import Logging
internal import SystemPackage
internal import TransferEngine
internal import Vault

/// What a backup has done, in files on this host, so that the next run goes on where a stopped or killed one was.
///
/// `journal.json` says of what it is. `groups.log` has the groups of files that are whole, in the manifest's order, as
/// they go into the manifest; those that did not change since the previous manifest are left out, since that manifest
/// is asked again. `pieces-<n>.log` have the pieces as they are stored, in any order; a file of them is removed when all
/// its groups are in `groups.log`.
///
/// A record is written when its blob is in the store, and never synced: what a process has written outlives its death by
/// any signal, and a power failure that takes records back, or tears one, only makes the next run do more. Evidence is
/// trusted for `JournalHeader.lifetime`.
///
/// A backup that clears its own snapshot table by table has a journal for each of its passes over the tables, in `pass-<n>/` of
/// the run's. They hold every group, and for each table whose groups are all there a record that says so: what is
/// cleared is known from them alone. Such a record is synced before anything is cleared, and counts only for the
/// snapshot that it was written for.
///
/// A journal that cannot be written any more is given up with a warning, and the backup goes on without.
final class BackupJournal: Sendable {
    /// A file of pieces is ended at so many bytes, so that it can be removed one day.
    private static let pieceFileSize: Int64 = 128 << 10
    /// Groups are written in batches: until then their pieces stand in the other files.
    private static let batch = 64 << 10

    private struct PieceFile {
        let path: FilePath
        let number: Int
        /// Nil for one of an earlier run, which is only read.
        let file: WritableFile?
        var count: Int64 = 0
        /// Of the groups in it.
        var last: ManifestPosition?
    }

    private struct State {
        var groups: WritableFile
        var groupCount: Int64
        /// Of the last group written into `groups`, and of the last one taken, which may wait in `waiting`.
        var written: ManifestPosition?
        var taken: ManifestPosition?
        var waiting: [UInt8] = []
        /// The last is being written.
        var pieces: [PieceFile]
        var counts: JournalCounts
        var isBroken = false
    }

    /// What a journal knows of tables of which it may hold every group.
    private struct Tables {
        /// Tables up to this one have groups of an earlier snapshot, which may be of files that are gone.
        var mixedThrough: String?
        /// By path.
        var whole: [String: JournaledTable] = [:]
    }

    /// Whether an earlier run has left it.
    let isResumed: Bool
    /// When the first run of the backup began.
    let started: Timestamp
    /// What earlier runs did.
    let counts: JournalCounts
    /// Of a pass: the paths of its tables, ascending.
    let tables: [String]?
    /// The snapshot that this run reads, where tables are cleared.
    private let snapshot: String?
    private let known: Tables

    private let directory: FilePath
    private let logger: Logger
    /// What earlier runs left of groups that are whole, and pieces of those that are not.
    private let left: (groupBytes: Int64, pieces: [ManifestPosition: [JournaledPiece]])
    private let state: ThreadLock<State>

    /// Opens the journal in `directory`, which this process must have to itself, or begins one there.
    ///
    /// Blocks.
    ///
    /// - Parameters:
    ///   - now: on the wall clock.
    ///   - tables: of a pass that begins; nil for one that stands, and where there is but one.
    ///   - snapshot: the id of the snapshot that is read; with one every group is kept, and whole tables are noted.
    init(
        in directory: FilePath,
        _ identity: JournalIdentity,
        now: Timestamp,
        tables: [String]? = nil,
        snapshot: String? = nil,
        logger: Logger
    ) throws {
        self.directory = directory
        self.snapshot = snapshot
        self.logger = logger
        let header: JournalHeader
        if let standing = Self.header(in: directory), standing.serves(identity, at: now) {
            header = standing
            isResumed = true
        } else {
            try FileTree.removeAll(directory)
            try FileTree.makeDirectories(directory, mode: 0o700)
            header = JournalHeader(identity: identity, started: now, tables: tables)
            isResumed = false
            // Renamed into place, since a kill may come at any moment.
            let new = directory.appending("journal.json.new")
            let bytes = Array(try JSONEncoder().encode(header))
            try WritableFile(new, creation: .mustBeNew, mode: 0o600).write(bytes.span, at: 0)
            try FileTree.rename(new, to: Self.headerPath(directory))
        }
        started = header.started
        self.tables = header.tables

        let groups = try Self.openGroups(in: directory, snapshot: snapshot)
        known = groups.tables
        let found = try Self.scanPieces(in: directory, after: groups.last)
        counts = found.counts
        left = (groups.count, found.pieces)
        let number = (found.files.last?.number ?? 0) + 1
        let current = try Self.newPieceFile(number, in: directory)
        state = ThreadLock(
            State(
                groups: groups.file,
                groupCount: groups.count,
                written: groups.last,
                taken: groups.last,
                pieces: found.files + [current],
                counts: found.counts
            )
        )
    }

    /// The table, if the journal has all of it as the snapshot had it.
    func whole(_ table: String) -> JournaledTable? { known.whole[table] }

    /// Whether the journal in `directory` may still be gone on with at `now`, as far as its age goes; blocks.
    static func isFresh(in directory: FilePath, at now: Timestamp) -> Bool {
        header(in: directory).map { $0.serves($0.identity, at: now) } ?? false
    }

    /// The tables of the pass that `directory` has the journal of; nil if there is none.
    ///
    /// Blocks.
    static func tables(in directory: FilePath) -> [String]? { header(in: directory)?.tables }

    /// When the journal in `directory` was begun, if it is one of `identity`; blocks.
    static func start(in directory: FilePath, of identity: JournalIdentity) -> Timestamp? {
        header(in: directory).flatMap { $0.identity == identity ? $0.started : nil }
    }

    /// How long ago the first run of the backup began, by the wall clock: so old may be what the journal says is stored.
    var age: Duration { .seconds(max(0, Timestamp.now.seconds - started.seconds)) }

    /// What earlier runs left, to be asked in the manifest's order; nil for a new journal.
    func resumption() -> JournalResumption? {
        guard isResumed else { return nil }
        return JournalResumption(
            try? JournalLines(Self.groupsPath(directory), upTo: left.groupBytes),
            pieces: left.pieces
        )
    }

    /// Records pieces whose blobs are in the store; to be called before they are told to their groups.
    ///
    /// Blocks.
    func record(_ pieces: [JournaledPiece], _ progress: Progress.Snapshot) {
        change { state throws(FileError) in
            guard let file = state.pieces[state.pieces.count - 1].file else { return }
            var bytes: [UInt8] = []
            for piece in pieces { JournalRecord.piece(piece).append(to: &bytes) }
            state.counts.advance(to: JournalCounts(progress))
            JournalRecord.counts(state.counts).append(to: &bytes)
            let index = state.pieces.count - 1
            try file.write(bytes.span, at: state.pieces[index].count)
            state.pieces[index].count += Int64(bytes.count)
            for piece in pieces where state.pieces[index].last.map({ $0 < piece.position }) ?? true {
                state.pieces[index].last = piece.position
            }
            if state.pieces[index].count >= Self.pieceFileSize { try Self.turn(&state, in: directory) }
        }
    }

    /// Whether groups that did not change since the previous manifest are kept as well.
    var keepsAll: Bool { snapshot != nil }

    /// Records a whole group; must be called in the manifest's order.
    ///
    /// Blocks.
    ///
    /// - Parameter isResumed: whether it came from this journal.
    /// - Returns: whether it stands there as it is.
    @discardableResult
    func record(_ group: JournaledGroup, isResumed: Bool) -> Bool {
        var isKept = false
        change { state throws(FileError) in
            // Up to there the file stands from an earlier run. What has changed there since is only read again.
            if let taken = state.taken, !(taken < group.group.position) {
                isKept = isResumed
                return
            }
            state.taken = group.group.position
            JournalRecord.group(group).append(to: &state.waiting)
            if state.waiting.count >= Self.batch { try Self.flush(&state) }
            isKept = true
        }
        return isKept
    }

    /// Records that every group of a table has been recorded; to be called before any group behind it.
    ///
    /// Blocks.
    ///
    /// - Returns: whether it stands there now; not durable before `sync`.
    func record(whole end: JournaledTable) -> Bool {
        let path = end.table.path
        guard snapshot != nil else { return false }
        if known.whole[path] == end { return true }
        // With groups of an earlier snapshot among its own, it cannot be told from them alone.
        if let mixed = known.mixedThrough, !mixed.utf8.lexicographicallyPrecedes(path.utf8) { return false }
        var isKept = false
        change { state throws(FileError) in
            if let taken = state.taken, path.utf8.lexicographicallyPrecedes(taken.table.utf8) { return }
            JournalRecord.end(end).append(to: &state.waiting)
            isKept = true
        }
        return isKept
    }

    /// Writes what waits and makes it durable: what it says may then be cleared.
    ///
    /// Blocks.
    ///
    /// - Returns: false if that was not possible.
    func sync() -> Bool {
        var isDone = false
        change { state throws(FileError) in
            try Self.flush(&state)
            try state.groups.sync()
            isDone = true
        }
        return isDone
    }

    /// Writes what waits: at the end of a run that is to go on later.
    func flush() {
        change { state throws(FileError) in try Self.flush(&state) }
    }

    /// Removes the journal: the backup is published.
    ///
    /// Its first file goes last, so that a run killed in between still knows that the backup was its own.
    func remove() {
        state.withLock { $0.isBroken = true }
        Self.remove(directory, logger: logger)
    }

    /// The same for one that is not open.
    static func remove(_ directory: FilePath, logger: Logger) {
        do {
            let header = headerPath(directory)
            for path in try DirectoryListing(of: directory).names.map({ directory.appending($0) }) where path != header
            {
                try FileTree.removeAll(path)
            }
            try FileTree.removeAll(directory)
        } catch {
            logger.warning("cannot remove the journal", metadata: ["error": "\(error)"])
        }
    }

    /// - Parameter body: its error ends the journal, with one warning.
    private func change(_ body: (inout State) throws(FileError) -> Void) {
        let failure = state.withLock { state -> FileError? in
            guard !state.isBroken else { return nil }
            do throws(FileError) {
                try body(&state)
                return nil
            } catch {
                state.isBroken = true
                return error
            }
        }
        guard let failure else { return }
        logger.warning(
            "the journal cannot be written: a run after this one will do more than it had to",
            metadata: ["error": "\(failure)"]
        )
    }

    private static func flush(_ state: inout State) throws(FileError) {
        guard !state.waiting.isEmpty else { return }
        try state.groups.write(state.waiting.span, at: state.groupCount)
        state.groupCount += Int64(state.waiting.count)
        state.waiting.removeAll(keepingCapacity: true)
        state.written = state.taken
    }

    /// Removes the files of pieces that are not needed any more, and begins a new one.
    private static func turn(_ state: inout State, in directory: FilePath) throws(FileError) {
        try flush(&state)
        for file in state.pieces where isDone(file, state.written) { try FileTree.remove(file.path) }
        let number = (state.pieces.last?.number ?? 0) + 1
        state.pieces.removeAll { isDone($0, state.written) }
        state.pieces.append(try newPieceFile(number, in: directory))
    }

    private static func isDone(_ file: PieceFile, _ written: ManifestPosition?) -> Bool {
        guard let last = file.last else { return true }
        return written.map { !($0 < last) } ?? false
    }

    // MARK: Files

    private static func headerPath(_ directory: FilePath) -> FilePath { directory.appending("journal.json") }
    private static func groupsPath(_ directory: FilePath) -> FilePath { directory.appending("groups.log") }

    private static func header(in directory: FilePath) -> JournalHeader? {
        guard let bytes = try? SmallFile.bytes(of: headerPath(directory)) else { return nil }
        return try? JSONDecoder().decode(JournalHeader.self, from: Data(bytes))
    }

    private static func newPieceFile(_ number: Int, in directory: FilePath) throws(FileError) -> PieceFile {
        let path = directory.appending("pieces-\(number).log")
        return PieceFile(
            path: path,
            number: number,
            file: try WritableFile(path, creation: .mustBeNew, mode: 0o600)
        )
    }

    /// Opens `groups.log` behind its last right record; what follows is cut off.
    ///
    /// - Parameter snapshot: what is read from now on; groups of another one stay, since a file that still stands is known
    ///   by its inode, but tables are not whole by them.
    private static func openGroups(
        in directory: FilePath,
        snapshot: String?
    ) throws(FileError) -> (file: WritableFile, count: Int64, last: ManifestPosition?, tables: Tables) {
        let file = try WritableFile(groupsPath(directory), creation: .orReopen, mode: 0o600)
        var lines = try JournalLines(groupsPath(directory))
        var last: ManifestPosition?
        var count: Int64 = 0
        var tables = Tables()
        var read: String?
        scan: while let record = try lines.next() {
            switch record {
            case .group(let entry):
                if let last, !(last < entry.group.position) { break scan }
                last = entry.group.position
            case .snapshot(let id):
                tables = Tables(mixedThrough: last?.table)
                read = id
            case .end(let end): tables.whole[end.table.path] = end
            case .piece, .counts: break scan
            }
            count = lines.validCount
        }
        try file.resize(count)
        if let snapshot, read != snapshot {
            tables = Tables(mixedThrough: last?.table)
            var bytes: [UInt8] = []
            JournalRecord.snapshot(snapshot).append(to: &bytes)
            try file.write(bytes.span, at: count)
            count += Int64(bytes.count)
        }
        return (file, count, last, tables)
    }

    /// - Parameter position: pieces up to there belong to groups that are whole.
    private static func scanPieces(
        in directory: FilePath,
        after position: ManifestPosition?
    ) throws(FileError) -> (files: [PieceFile], pieces: [ManifestPosition: [JournaledPiece]], counts: JournalCounts) {
        var files: [PieceFile] = []
        var pieces: [ManifestPosition: [JournaledPiece]] = [:]
        var counts = JournalCounts()
        let numbers = try DirectoryListing(of: directory).names.compactMap { name -> Int? in
            guard name.hasPrefix("pieces-"), name.hasSuffix(".log") else { return nil }
            return Int(name.dropFirst(7).dropLast(4))
        }
        for number in numbers.sorted() {
            var file = PieceFile(path: directory.appending("pieces-\(number).log"), number: number, file: nil)
            var lines = try JournalLines(file.path)
            while let record = try lines.next() {
                switch record {
                case .piece(let piece):
                    if file.last.map({ $0 < piece.position }) ?? true { file.last = piece.position }
                    if position.map({ $0 < piece.position }) ?? true {
                        pieces[piece.position, default: []].append(piece)
                    }
                case .counts(let found): counts.advance(to: found)
                case .group, .snapshot, .end: break
                }
            }
            files.append(file)
        }
        return (files, pieces, counts)
    }
}
