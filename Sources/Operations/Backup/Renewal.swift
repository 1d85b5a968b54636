internal import Cassandra
internal import SystemPackage
internal import TransferEngine
internal import Vault

/// Stores again, from the node's own files, what a list of condemned blobs names.
///
/// Of a pack only the files that this manifest holds live on: they become new packs, cut as the planner cuts.
struct Renewal: BlobRenewing {
    private let directories: [FilePath]
    private let source: FileSource
    private let context: RunContext
    private let blobs: BlobWriter
    private let chunkSize: Int

    init(_ directories: [FilePath], source: FileSource, context: RunContext, blobs: BlobWriter, _ vault: Vault) {
        self.directories = directories
        self.source = source
        self.context = context
        self.blobs = blobs
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
        return Self.apply(found.withLock { $0 }, to: groups)
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
                    guard listed.contains(reference.blob) else { continue }
                    let part = Work.Part(
                        place: Place(group: index, file: position, piece: piece),
                        path: path(of: file, in: group),
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

    private func path(of file: ManifestFile, in group: ManifestGroup) -> FilePath {
        let table = directories[group.directory].appending(group.table)
        return switch source {
        case .snapshot(let tag): table.appending("snapshots").appending("\(tag)").appending(file.path)
        case .live: table.appending(file.path)
        }
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
