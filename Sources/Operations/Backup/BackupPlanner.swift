internal import Cassandra
internal import SystemPackage
internal import TransferEngine
internal import Vault

/// Walks the node's files in the manifest's order, compares them with the previous manifest, and cuts what is new into
/// work.
///
/// It is asked for one piece of work at a time and never looks further ahead than one table's listing.
///
/// The same files and the same previous manifest give the same packs, so that what a killed run has stored is found
/// again by its name.
struct BackupPlanner: ~Copyable {
    /// Files up to this share of a chunk are packed.
    private static let packedShare = 16
    /// A pack ends after so many groups: groups wait in the manifest for the pack, and their number is bounded.
    private static let groupsInPack = ManifestAssembly.capacity / 2

    private let source: FileSource
    private let chunkSize: Int
    private let assembly: ManifestAssembly
    private var tables: ArraySlice<Table>
    private var table: (path: String, groups: TableListing.Iterator)?
    private var previous: PreviousManifest
    private var ready: [BackupWork] = []
    private var pack = BackupWork.Pack()
    private var groupsSincePack = 0
    private(set) var warnings = Warnings()

    init(
        _ tables: [Table],
        source: FileSource,
        previous: consuming PreviousManifest,
        chunkSize: Int,
        assembly: ManifestAssembly
    ) {
        self.tables = tables[...]
        self.source = source
        self.previous = previous
        self.chunkSize = chunkSize
        self.assembly = assembly
    }

    /// The next piece of work; nil once every file is planned.
    mutating func next() async throws -> BackupWork? {
        while ready.isEmpty {
            if let files = table?.groups.next() {
                try await plan(files)
            } else {
                endPack()  // packs never hold files of two tables
                table = nil
                guard ready.isEmpty else { break }
                guard let next = tables.popFirst() else { return nil }
                try await begin(next)
            }
        }
        return ready.removeFirst()
    }

    private mutating func begin(_ table: Table) async throws {
        let listing = try TableListing(table, source: source)
        warnings.add(listing.warnings)
        guard listing.isPresent else { return }
        let path = "\(table.keyspace)/\(table.directoryName)"
        try await assembly.append(ManifestTable(path: path, schema: Self.schema(in: listing)))
        self.table = (path, listing.groups.makeIterator())
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

    private mutating func plan(_ files: SSTableFiles) async throws {
        guard let path = table?.path else { return }
        let position = ManifestPosition(table: path, name: files.key, directory: files.directoryIndex)
        let known = try await previous.group(at: position)
        let group = try await assembly.append(at: position, isSSTable: files.sstable != nil)
        let plan = try GroupPlan(files, known: known)

        for file in plan.files {
            if let reused = file.unchanged {
                group.add(reused: reused, as: file.status)
            } else {
                try add(file, of: files, to: group, wantsChecksum: file.path == plan.checksummed)
            }
        }
        if let damage = plan.damage { group.addDamage(damage) }
        if let checksum = plan.checksum, let index = plan.files.firstIndex(where: { $0.path == plan.checksummed }) {
            group.expect(checksum, ofFile: index)
        }
        groupsSincePack += 1
        if group.close() { try await assembly.markWhole(group) }
        if groupsSincePack >= Self.groupsInPack { endPack() }
    }

    private mutating func add(
        _ file: GroupPlan.File,
        of files: SSTableFiles,
        to group: PendingGroup,
        wantsChecksum: Bool
    ) throws {
        let size = file.status.size
        let pieceCount = Int((size + Int64(chunkSize) - 1) / Int64(chunkSize))
        let index = group.add(new: file.path, file.status, pieceCount: pieceCount)
        guard pieceCount > 0 else { return }

        if size <= Int64(chunkSize / Self.packedShare) {
            if pack.size + Int(size) > chunkSize { endPack() }
            pack.append(
                BackupWork.Pack.Member(
                    group: group,
                    base: files.base,
                    name: file.path,
                    status: file.status,
                    fileIndex: index,
                    previous: file.previous.flatMap { Self.previousPiece($0, at: 0) },
                    wantsChecksum: wantsChecksum
                )
            )
            return
        }
        let path = files.base.appending(file.path)
        let opened = try ReadableFile(path)
        guard opened.status.isSameContent(as: file.status) else { throw FileError("read", path, .changed) }
        for piece in 0..<pieceCount {
            let start = Int64(piece) * Int64(chunkSize)
            ready.append(
                .piece(
                    BackupWork.Piece(
                        group: group,
                        file: opened,
                        fileIndex: index,
                        pieceIndex: piece,
                        range: start..<min(size, start + Int64(chunkSize)),
                        previous: file.previous.flatMap { Self.previousPiece($0, at: piece) },
                        wantsChecksum: wantsChecksum
                    )
                )
            )
        }
    }

    private static func previousPiece(
        _ file: ManifestFile,
        at index: Int
    ) -> (reference: BlobReference, proof: ContentProof)? {
        file.proof(ofPiece: index).map { (file.pieces[index], $0) }
    }

    private mutating func endPack() {
        groupsSincePack = 0
        guard !pack.members.isEmpty else { return }
        ready.append(.pack(pack))
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
