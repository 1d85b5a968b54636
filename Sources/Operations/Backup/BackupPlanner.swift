internal import Cassandra
internal import SystemPackage
internal import TransferEngine
internal import Vault

/// Walks the node's files in the manifest's order, compares them with the previous manifest, and cuts what is new into
/// work.
///
/// It is asked for one piece of work at a time and never looks further ahead than one table's listing.
///
/// What an earlier run of the same backup has finished, its journal tells: that is taken over as well.
///
/// The same files and the same previous manifest give the same packs, whatever the journal has, so that what a killed
/// run has stored is found again by its name.
struct BackupPlanner: ~Copyable {
    /// Files up to this share of a chunk are packed.
    private static let packedShare = 16
    /// A pack ends after so many groups: groups wait in the manifest for the pack, and their number is bounded.
    private static let groupsInPack = ManifestAssembly.capacity / 2

    private let source: FileSource
    private let chunkSize: Int
    private let pairsPieces: Bool
    private let assembly: ManifestAssembly
    private let journal: BackupJournal?
    private var tables: ArraySlice<PlannedTable>
    private var table: (path: String, groups: TableListing.Iterator)?
    /// The directories of the table's files that were looked at so far, by the index of their data directory.
    private var folders: [Int: OpenDirectory] = [:]
    private var previous: RecheckedManifest
    private let rechecks: BlobRechecks?
    private var repairs = RepairPacks()
    /// Files that are planned once the checks they wait for are under way.
    private var upcoming: SSTableFiles?
    private var resumption: JournalResumption?
    private let progress: Progress
    private var ready: [BackupWork] = []
    private var pack = BackupWork.Pack()
    private var groupsSincePack = 0
    private(set) var warnings = Warnings()

    /// - Parameters:
    ///   - pass: what to go through, and the journal that knows what earlier runs did of it.
    ///   - pairsPieces: whether there is memory enough to read two pieces of a file at a time.
    init(
        _ pass: BackupPasses.Pass,
        source: FileSource,
        previous: consuming PreviousManifest,
        rechecks: BlobRechecks? = nil,
        chunkSize: Int,
        pairsPieces: Bool = false,
        assembly: ManifestAssembly,
        progress: Progress
    ) {
        tables = pass.tables[...]
        journal = pass.journal
        resumption = pass.journal?.resumption()
        self.source = source
        self.previous = RecheckedManifest(previous, rechecks)
        self.rechecks = rechecks
        self.progress = progress
        self.chunkSize = chunkSize
        self.pairsPieces = pairsPieces
        self.assembly = assembly
    }

    /// Whether files of that size share a blob with others.
    static func isPacked(_ size: Int64, chunkSize: Int) -> Bool { size <= Int64(chunkSize / packedShare) }

    /// The next piece of work; nil once every file is planned.
    mutating func next() async throws -> BackupWork? {
        while ready.isEmpty {
            if let files = upcoming ?? table?.groups.next() {
                upcoming = files
                if let check = try await check(before: files) { return .recheck(check) }
                upcoming = nil
                try await plan(files)
            } else {
                endPacks()  // packs never hold files of two tables
                if let path = table?.path { try assembly.append(endOf: path) }
                table = nil
                guard ready.isEmpty else { break }
                guard let next = tables.popFirst() else { return nil }
                if let whole = journal?.whole(next.path) {
                    try await takeOver(whole)
                } else {
                    try await begin(next)
                }
            }
        }
        let work = ready.removeFirst()
        // Only with what is planned already: planning may wait for work that was given out.
        guard pairsPieces, case .piece(let one) = work, case .piece(let other)? = ready.first, one.file === other.file
        else {
            return work
        }
        ready.removeFirst()
        return .pair(one, other)
    }

    private mutating func begin(_ planned: PlannedTable) async throws {
        guard let table = planned.table else {
            throw RunError(.notFound, "back up", planned.path, "its files are gone, and the journal does not have it")
        }
        let listing = try TableListing(table, source: source)
        warnings.add(listing.warnings)
        if let files = planned.files, listing.fileCount != files {
            throw RunError(
                .notFound,
                "back up",
                "\(table)",
                "its snapshot has \(listing.fileCount) files of \(files): it was cleared meanwhile; run it again: it takes a "
                    + "new snapshot"
            )
        }
        guard listing.isPresent else { return }
        try assembly.append(ManifestTable(path: planned.path, schema: Self.schema(in: listing)))
        self.table = (planned.path, listing.groups.makeIterator())
        folders = [:]
    }

    /// Takes over a table that an earlier run has finished and may have cleared: from the journal alone.
    ///
    /// Nothing is looked for on disk. Packs end at the table's borders, so that none of the others is made otherwise.
    private mutating func takeOver(_ whole: JournaledTable) async throws {
        let path = whole.table.path
        try assembly.append(whole.table)
        var found = JournaledTable(table: whole.table)
        while let finished = resumption?.nextGroup(of: path) {
            // Its files may be cleared, so nobody can store them anew.
            if restsOnBadBlob(finished.group) { throw Self.stale(path, "what it was stored as is missing or wrong") }
            let group = try await assembly.append(at: finished.group.position, isSSTable: finished.group.isSSTable)
            group.resume(finished)
            found.count(finished.group)
            progress.update {
                $0.resumedBytes += finished.group.bytes
                $0.doneBytes += finished.group.bytes
            }
            if group.close() { try assembly.markWhole(group) }
        }
        guard found == whole else { throw Self.stale(path, "the journal does not have all that it says it has") }
        try assembly.append(endOf: path)
    }

    private static func stale(_ path: String, _ reason: String) -> VaultError {
        VaultError(
            .stale,
            "go on with the backup of",
            path,
            reason
                + ", and the run's snapshot of it is cleared; run it again: it takes a new snapshot, and what is stored "
                + "is found"
        )
    }

    /// `schema.cql`, which Cassandra puts into one of the snapshot's directories.
    private static func schema(in listing: TableListing) -> String? {
        for group in listing.groups where group.sstable == nil && group.components == ["schema.cql"] {
            // One that cannot be read, or is no schema by its size, is backed up as a file all the same.
            let limit = 4 << 20
            let bytes = try? SmallFile.bytes(of: group.base.appending("schema.cql"), limit: limit)
            if let bytes, bytes.count < limit { return String(decoding: bytes, as: UTF8.self) }
        }
        return nil
    }

    private mutating func folder(of files: SSTableFiles) throws(FileError) -> OpenDirectory {
        if let folder = folders[files.directoryIndex] { return folder }
        let folder = try OpenDirectory(files.base)
        folders[files.directoryIndex] = folder
        return folder
    }

    private mutating func check(before files: SSTableFiles) async throws -> BackupWork.Recheck? {
        guard let path = table?.path else { return nil }
        let position = ManifestPosition(table: path, name: files.key, directory: files.directoryIndex)
        return try await previous.nextCheck(before: position)
    }

    private mutating func plan(_ files: SSTableFiles) async throws {
        guard let path = table?.path else { return }
        let position = ManifestPosition(table: path, name: files.key, directory: files.directoryIndex)
        let (known, unsound) = try await previous.group(at: position) ?? (nil, [])
        let group = try await assembly.append(at: position, isSSTable: files.sstable != nil)
        let folder = try folder(of: files)
        if let finished = resumption?.group(at: position), !restsOnBadBlob(finished.group),
            try resume(finished, of: files, in: folder, known: known, as: group)
        {
            return try await end(group)
        }
        let plan = try GroupPlan(files, in: folder, known: known, unsound: unsound)
        let pieces = resumption?.pieces(at: position) ?? []

        var unchangedBytes: Int64 = 0
        for file in plan.files {
            if let reused = file.unchanged {
                group.add(reused: reused, as: file.status)
                unchangedBytes += file.status.size
            } else {
                try add(file, in: folder, to: group, wantsChecksum: file.path == plan.checksummed, resumed: pieces)
            }
        }
        if unchangedBytes > 0 { progress.update { [unchangedBytes] in $0.doneBytes += unchangedBytes } }
        if let damage = plan.damage { group.addDamage(damage) }
        if let checksum = plan.checksum, let index = plan.files.firstIndex(where: { $0.path == plan.checksummed }) {
            group.expect(checksum, ofFile: index)
        }
        try await end(group)
    }

    private mutating func end(_ group: PendingGroup) async throws {
        groupsSincePack += 1
        if group.close() { try assembly.markWhole(group) }
        if groupsSincePack >= Self.groupsInPack { endPacks() }
    }

    /// Takes a group over as an earlier run finished it, unless a file has changed since.
    ///
    /// - Parameter known: the group in the previous manifest, by which that run decided what goes into packs.
    /// - Returns: whether it was taken over.
    private mutating func resume(
        _ finished: JournaledGroup,
        of files: SSTableFiles,
        in folder: OpenDirectory,
        known: ManifestGroup?,
        as group: PendingGroup
    ) throws -> Bool {
        let statuses = try files.components.map { ($0, try folder.status(of: $0)) }
        guard finished.group.hasExactly(statuses) else { return false }
        for (path, status) in statuses where known?.unchanged(path, status) == nil { passOver(status.size) }
        group.resume(finished)
        progress.update {
            $0.resumedBytes += finished.group.bytes
            $0.doneBytes += finished.group.bytes
        }
        return true
    }

    /// Leaves the room in the pack that a small file had in an earlier run's.
    private mutating func passOver(_ size: Int64) {
        guard size > 0, Self.isPacked(size, chunkSize: chunkSize) else { return }
        if pack.size + Int(size) > chunkSize { endPack() }
        pack.passOver(size)
    }

    private mutating func add(
        _ file: GroupPlan.File,
        in folder: OpenDirectory,
        to group: PendingGroup,
        wantsChecksum: Bool,
        resumed: [JournaledPiece]
    ) throws {
        let size = file.status.size
        let pieceCount = Int((size + Int64(chunkSize) - 1) / Int64(chunkSize))
        let index = group.add(new: file.path, file.status, pieceCount: pieceCount)
        guard pieceCount > 0 else { return }
        let known = resumed.filter { $0.isOf(file.path, file.status) && (!wantsChecksum || $0.checksum != nil) }
        var open = Set(0..<pieceCount)
        for piece in known where open.contains(piece.index) {
            let start = Int64(piece.index) * Int64(chunkSize)
            guard Int64(piece.reference.length) == min(Int64(chunkSize), size - start), !isBad(piece.reference.blob)
            else { continue }
            open.remove(piece.index)
            _ = group.resolve(
                file: index,
                piece: piece.index,
                piece.reference,
                digest: piece.digest,
                checksum: piece.checksum,
                isReused: piece.isReused
            )
            progress.update {
                $0.resumedBytes += Int64(piece.reference.length)
                $0.doneBytes += Int64(piece.reference.length)
                if piece.isReused { $0.reusedBytes += Int64(piece.reference.length) }
            }
        }
        guard !open.isEmpty else { return passOver(size) }

        if Self.isPacked(size, chunkSize: chunkSize) {
            let member = BackupWork.Pack.Member(
                group: group,
                folder: folder,
                name: file.path,
                status: file.status,
                fileIndex: index,
                previous: file.previous.flatMap { previousPiece($0, at: 0) },
                wantsChecksum: wantsChecksum
            )
            if let lost = file.lost?.pieces.first {
                rechecks?.noteNeed(of: lost.blob)
                return repairs.append(member, of: lost)
            }
            if pack.size + Int(size) > chunkSize { endPack() }
            pack.append(member)
            return
        }
        for piece in file.lost?.pieces ?? [] where isBad(piece.blob) { rechecks?.noteNeed(of: piece.blob) }
        let opened = try ReadableFile(file.path, in: folder)
        guard opened.status.isSameContent(as: file.status) else { throw FileError("read", opened.path, .changed) }
        for piece in open.sorted() {
            let start = Int64(piece) * Int64(chunkSize)
            ready.append(
                .piece(
                    BackupWork.Piece(
                        group: group,
                        file: opened,
                        fileIndex: index,
                        pieceIndex: piece,
                        range: start..<min(size, start + Int64(chunkSize)),
                        previous: file.previous.flatMap { previousPiece($0, at: piece) },
                        wantsChecksum: wantsChecksum
                    )
                )
            )
        }
    }

    /// What an earlier run took over may have been found bad since.
    private func restsOnBadBlob(_ group: ManifestGroup) -> Bool {
        rechecks != nil && group.files.contains { $0.pieces.contains { isBad($0.blob) } }
    }

    private func isBad(_ name: BlobName) -> Bool { rechecks?.isBad(name) ?? false }

    private func previousPiece(
        _ file: ManifestFile,
        at index: Int
    ) -> (reference: BlobReference, proof: ContentProof)? {
        guard let proof = file.proof(ofPiece: index), !isBad(file.pieces[index].blob) else { return nil }
        return (file.pieces[index], proof)
    }

    private mutating func endPacks() {
        endPack()
        ready += repairs.take(chunkSize: chunkSize).map { .pack($0) }
    }

    private mutating func endPack() {
        groupsSincePack = 0
        if !pack.members.isEmpty { ready.append(.pack(pack)) }
        pack = BackupWork.Pack()
    }
}

extension Table {
    /// The directory's name: `orders-3e2816e0e53811f1916b25b74eacdfa4`.
    var directoryName: String { id.map { "\(name)-\($0)" } ?? name }
}

extension FileStatus {
    /// Whether nothing speaks for a change between the two: size, modification time in ns and inode are equal.
    ///
    /// Not ctime, which every snapshot's hard link changes.
    func isSameContent(as other: FileStatus) -> Bool {
        size == other.size && modified == other.modified && inode == other.inode
    }
}

extension ManifestGroup {
    /// The entry of the file, if size, modification time and inode say that its content still stands.
    func unchanged(_ path: String, _ status: FileStatus) -> ManifestFile? {
        files.first {
            $0.inode == status.inode && $0.size == status.size && $0.modified == status.modified
                && $0.path.hasBytes(of: path)
        }
    }

    /// Whether it has these files as they stand now, and no other.
    fileprivate func hasExactly(_ statuses: [(String, FileStatus)]) -> Bool {
        statuses.count == files.count && statuses.allSatisfy { unchanged($0.0, $0.1) != nil }
    }
}
