internal import Cassandra
internal import SystemPackage
internal import TransferEngine
internal import Vault

/// Stores again, from the node's own files, what a list of condemned blobs names.
///
/// Of a pack only the files that this manifest holds live on: they become new packs, cut as the planner cuts.
///
/// A table that is stored may have been cleared from the run's own snapshot. Its files are read from the live directory where
/// they still stand there, known by size, time and inode, and proved by their hash as all are. Where they do not, the condemned
/// blob itself is copied within the store, to a name that no list has, while it is there. If it has been swept already,
/// nothing is published: the next run takes a new snapshot, and stores what its files hold then. So no manifest ever
/// names what a list does.
struct Renewal: BlobRenewing {
    private let directories: [FilePath]
    private let source: FileSource
    private let context: RunContext
    private let blobs: BlobWriter
    private let vault: Vault
    private let chunkSize: Int

    init(_ directories: [FilePath], source: FileSource, context: RunContext, blobs: BlobWriter, _ vault: Vault) {
        self.directories = directories
        self.source = source
        self.context = context
        self.blobs = blobs
        self.vault = vault
        chunkSize = vault.description.chunkSize
    }

    /// Where a piece stands in the groups.
    private struct Place: Hashable, Sendable {
        let group: Int
        let file: Int
        let piece: Int
    }

    /// What becomes one blob: a piece of a large file, or small files end to end.
    private struct Work: Sendable {
        struct Part: Sendable {
            let place: Place
            let path: FilePath
            let range: Range<Int64>
            let proof: ContentProof?
        }

        var parts: [Part] = []

        var size: Int { parts.reduce(0) { $0 + $1.range.count } }
    }

    func renew(_ groups: [ManifestGroup], _ listed: ListedNames) async throws -> [ManifestGroup] {
        var work = plan(groups, listed)[...]
        let found = ThreadLock<[Place: BlobReference]>([:])
        try await forEach(atMost: context.width(chunkSize: chunkSize), on: context.io) {
            work.popFirst()
        } _: { work in
            let places = try await store(work, listed)
            found.withLock { $0.merge(places) { first, _ in first } }
        }
        let renewed = Self.apply(found.withLock { $0 }, to: groups)
        let isLeft = renewed.contains { $0.files.contains { $0.pieces.contains { listed.contains($0.blob) } } }
        return isLeft ? try await copy(renewed, listed) : renewed
    }

    /// Stores within the store what has no file on the node any more.
    private func copy(_ groups: [ManifestGroup], _ listed: ListedNames) async throws -> [ManifestGroup] {
        do {
            return try await CopyRenewal(BlobCopier(vault, pool: context.pool)).renew(groups, listed)
        } catch let error as VaultError where error.code == .damaged {
            throw VaultError(
                .stale,
                "store again, since it was about to be collected,",
                groups.first.map { "what \($0.table) consists of" } ?? "",
                "its snapshot is cleared, its files are not live any more, and \(error); run it again: it takes a new "
                    + "snapshot"
            )
        }
    }

    private static func apply(_ found: [Place: BlobReference], to groups: [ManifestGroup]) -> [ManifestGroup] {
        var groups = groups
        for index in groups.indices {
            for position in groups[index].files.indices {
                let file = groups[index].files[position]
                let pieces = file.pieces.indices.map { piece in
                    found[Place(group: index, file: position, piece: piece)] ?? file.pieces[piece]
                }
                if pieces != file.pieces { groups[index].files[position] = file.with(pieces: pieces) }
            }
        }
        return groups
    }

    private func plan(_ groups: [ManifestGroup], _ listed: ListedNames) -> [Work] {
        var work: [Work] = []
        var pack = Work()
        for (index, group) in groups.enumerated() {
            for (position, file) in group.files.enumerated() {
                var offset: Int64 = 0
                for (piece, reference) in file.pieces.enumerated() {
                    let range = offset..<offset + Int64(reference.length)
                    offset = range.upperBound
                    guard listed.contains(reference.blob), let path = path(of: file, in: group) else { continue }
                    let part = Work.Part(
                        place: Place(group: index, file: position, piece: piece),
                        path: path,
                        range: range,
                        proof: file.proof(ofPiece: piece)
                    )
                    if !BackupPlanner.isPacked(file.size, chunkSize: chunkSize) {
                        work.append(Work(parts: [part]))
                        continue
                    }
                    if pack.size + range.count > chunkSize {
                        work.append(pack)
                        pack = Work()
                    }
                    pack.parts.append(part)
                }
            }
        }
        return pack.parts.isEmpty ? work : work + [pack]
    }

    /// Where the content still stands on the node: in the snapshot, or live as it was then; nil: nowhere.
    private func path(of file: ManifestFile, in group: ManifestGroup) -> FilePath? {
        let table = directories[group.directory].appending(group.table)
        if case .snapshot(let tag) = source {
            let path = table.appending("snapshots").appending("\(tag)").appending(file.path)
            if (try? FileStatus(of: path)) != nil { return path }
        }
        let live = table.appending(file.path)
        guard let status = try? FileStatus(of: live), status.size == file.size, status.modified == file.modified,
            status.inode == file.inode
        else { return nil }
        return live
    }

    private func store(_ work: Work, _ listed: ListedNames) async throws -> [Place: BlobReference] {
        var lease = try await context.pool.lease(blobs.leaseSize(for: work.size))
        var reader = PieceReader(limit: context.readLimit)
        var stretches: [(place: Place, offset: Int, length: Int)] = []
        var offsets: [SHA256Digest: Int] = [:]
        for part in work.parts {
            let start = lease.count
            let digest = try await RunError.naming("store again, since it was about to be collected,", "\(part.path)") {
                let file = try ReadableFile(part.path)
                var none: CRC32?
                let digest = try await reader.read(part.range, of: file, into: &lease, checksum: &none)
                guard blobs.naming.isProved(digest, by: part.proof) else {
                    throw FileError("read", part.path, .changed)
                }
                return digest
            }
            context.progress.update { $0.readBytes += Int64(part.range.count) }
            if let known = offsets[digest] {  // TOC.txt of every SSTable of a table is the same
                lease.truncate(to: start)
                stretches.append((part.place, known, part.range.count))
            } else {
                offsets[digest] = start
                stretches.append((part.place, start, part.range.count))
            }
        }
        let plainBytes = lease.count
        let digest = reader.digest(of: lease.bytes)
        let outcome = try await blobs.store(
            lease,
            digest: digest,
            generation: listed.nextGeneration(of: blobs.naming.name(of: digest))
        )
        if let stored = outcome.storedBytes {
            context.progress.update {
                $0.storedBlobs += 1
                $0.storedBytes += Int64(stored)
                $0.newBytes += Int64(plainBytes)
            }
        }
        return Dictionary(
            uniqueKeysWithValues: stretches.map { stretch in
                let (place, offset, length) = stretch
                let reference = BlobReference(
                    blob: outcome.name,
                    offset: offset,
                    length: length,
                    frame: outcome.frame
                )
                return (place, reference)
            }
        )
    }
}
