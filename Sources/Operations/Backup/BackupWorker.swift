internal import Logging
internal import TransferEngine
internal import Vault

/// Does one piece of a backup's work: memory, disk, hash, compression, store, and the answer into the manifest.
struct BackupWorker: Sendable {
    let context: RunContext
    let blobs: BlobWriter
    let assembly: ManifestAssembly
    let journal: BackupJournal?
    let rechecks: BlobRechecks?

    func run(_ work: BackupWork) async throws {
        if case .recheck(let check) = work {
            // Also in a run that is being stopped: somebody may wait for it.
            let isStopped = !context.control.admitsWork()
            try await rechecks?.run(check, isStopped: isStopped)
            return
        }
        guard context.control.admitsWork() else { return }
        switch work {
        case .piece(let piece):
            try await RunError.naming("back up", "\(piece.file.path)") {
                try await withEarlyReturn("\(piece.file.path)") { try await run(piece, $0) }
            }
        case .pair(let one, let other):
            try await RunError.naming("back up", "\(one.file.path)") { try await run(one, beside: other) }
        case .pack(let pack):
            try await withEarlyReturn("\(pack.members[0].path) and others") { try await run(pack, $0) }
        case .recheck: break
        }
    }

    /// Lets memory go back as soon as the network has taken it; where that turns out to have been too early, does `body`
    /// once more from the files, with memory that stays.
    private func withEarlyReturn(_ subject: String, _ body: (EarlyReturn?) async throws -> Void) async throws {
        let early = EarlyReturn()
        do {
            return try await body(early)
        } catch {
            guard early.hasLeft, !Task.isCancelled else { throw error }
            context.logger.debug(
                "reads again what has to be sent again",
                metadata: ["subject": "\(subject)", "error": "\(error)"]
            )
        }
        try await body(nil)
    }

    private func run(_ piece: BackupWork.Piece, _ early: EarlyReturn?) async throws {
        let turn = try await context.readers.turn()
        var lease = try await context.pool.lease(blobs.leaseSize(for: piece.range.count))
        // A stop may have come while memory was waited for.
        guard context.control.admitsWork() else { return }
        var reader = PieceReader(limit: context.readLimit, sumsPieces: blobs.storesPlain)
        var checksum = piece.wantsChecksum ? CRC32() : nil
        let digest = try await reader.read(piece.range, of: piece.file, into: &lease, checksum: &checksum)
        _ = consume turn
        try await store(piece, lease, digest: digest, checksum: checksum, early)
    }

    private func run(_ one: BackupWork.Piece, beside other: BackupWork.Piece) async throws {
        let turn = Kept(try await context.readers.turn())
        let size = blobs.leaseSize(for: one.range.count)
        // The cut lies at a unit's border.
        let both =
            (size + BufferPool.unit - 1) / BufferPool.unit * BufferPool.unit + blobs.leaseSize(for: other.range.count)
        var lease = try await context.pool.lease(both)
        guard context.control.admitsWork() else { return }
        var otherLease = lease.split(at: size)
        var reader = PieceReader(limit: context.readLimit, sumsPieces: blobs.storesPlain)
        var part = PieceReader.Part(one.range, of: one.file, checksum: one.wantsChecksum ? CRC32() : nil)
        var otherPart = PieceReader.Part(other.range, of: other.file, checksum: other.wantsChecksum ? CRC32() : nil)
        let (digest, otherDigest) = try await reader.read(
            &part,
            into: &lease,
            beside: &otherPart,
            into: &otherLease
        )
        // Each with its own memory, so that one need not wait for the other. The turn ends when the other one has found a thread:
        // else pieces would be read faster than a near store takes them, and lie in memory.
        let kept = Kept(otherLease)
        let checksum = otherPart.checksum
        async let otherIsStored: Void = {
            _ = turn.take()
            try await storeOrAgain(other, kept, digest: otherDigest, checksum: checksum)
        }()
        try await storeOrAgain(one, Kept(lease), digest: digest, checksum: part.checksum)
        try await otherIsStored
    }

    private func storeOrAgain(
        _ piece: BackupWork.Piece,
        _ lease: Kept<BufferLease>,
        digest: SHA256Digest,
        checksum: CRC32?
    ) async throws {
        try await withEarlyReturn("\(piece.file.path)") { early in
            // The second time it is read alone.
            guard let early else { return try await run(piece, nil) }
            try await store(piece, lease.take(), digest: digest, checksum: checksum, early)
        }
    }

    /// Stores what was read of a piece, unless it is where it was before, and tells the manifest.
    private func store(
        _ piece: BackupWork.Piece,
        _ lease: consuming BufferLease,
        digest: SHA256Digest,
        checksum: CRC32?,
        _ early: EarlyReturn?
    ) async throws {
        let count = piece.range.count
        try piece.file.checkUnchanged()
        context.progress.update { $0.readBytes += Int64(count) }

        var place = piece.previous.flatMap { blobs.naming.isProved(digest, by: $0.proof) ? $0.reference : nil }
        let isReused: Bool
        if place == nil {
            let outcome = try await blobs.store(lease, digest: digest, early: early)
            place = BlobReference(blob: outcome.name, offset: 0, length: count, frame: outcome.frame)
            isReused = outcome.storedBytes == nil
            record(outcome, plainBytes: count)
        } else {
            isReused = true
            context.progress.update { $0.reusedBytes += Int64(count) }
        }
        guard let place else { return }
        journal?.record(
            [
                piece.group.journaled(
                    file: piece.fileIndex,
                    piece: piece.pieceIndex,
                    place,
                    digest: digest,
                    checksum: checksum,
                    isReused: isReused
                )
            ],
            context.progress.snapshot
        )
        let isWhole = piece.group.resolve(
            file: piece.fileIndex,
            piece: piece.pieceIndex,
            place,
            digest: digest,
            checksum: checksum,
            isReused: isReused
        )
        countMoved(Int64(count))
        if isWhole { try assembly.markWhole(piece.group) }
    }

    private func countMoved(_ bytes: Int64) {
        context.progress.update {
            $0.movedBytes += bytes
            $0.doneBytes += bytes
        }
    }

    private func run(_ pack: BackupWork.Pack, _ early: EarlyReturn?) async throws {
        let turn = try await context.readers.turn()
        var lease = try await context.pool.lease(blobs.leaseSize(for: pack.size))
        guard context.control.admitsWork() else { return }
        var reader = PieceReader(limit: context.readLimit, sumsPieces: blobs.storesPlain)
        var places: [PackedPlace] = []
        var offsets: [SHA256Digest: Int] = [:]
        for member in pack.members {
            let place = try await RunError.naming("back up", "\(member.path)") {
                try await read(member, with: &reader, into: &lease, offsets: &offsets)
            }
            places.append(place)
        }
        let packed = lease.count
        var blob: BlobName?
        var frame: StoredFrame?
        var isNew = false
        if packed > 0 {
            let digest = reader.digest(of: &lease)
            _ = consume turn
            let outcome: BlobWriter.Outcome
            do {
                outcome = try await blobs.store(lease, digest: digest, early: early)
            } catch {
                throw RunError.named("back up", "\(pack.members[0].path) and others packed with it", error)
            }
            record(outcome, plainBytes: packed)
            blob = outcome.name
            frame = outcome.frame
            isNew = outcome.storedBytes != nil
        }
        var pieces: [JournaledPiece] = []
        for (member, place) in zip(pack.members, places) {
            let size = Int(member.status.size)
            let reference: BlobReference
            switch place.source {
            case .previous(let found): reference = found
            case .pack(let offset):
                guard let blob else { preconditionFailure("bytes were packed without a blob") }
                reference = BlobReference(blob: blob, offset: offset, length: size, frame: frame)
            }
            if place.isReused { context.progress.update { $0.reusedBytes += Int64(size) } }
            pieces.append(
                member.group.journaled(
                    file: member.fileIndex,
                    piece: 0,
                    reference,
                    digest: place.digest,
                    checksum: place.checksum,
                    isReused: place.isReused || !isNew
                )
            )
        }
        journal?.record(pieces, context.progress.snapshot)
        countMoved(pack.members.reduce(0) { $0 + $1.status.size })
        for (member, piece) in zip(pack.members, pieces) {
            let isWhole = member.group.resolve(
                file: member.fileIndex,
                piece: 0,
                piece.reference,
                digest: piece.digest,
                checksum: piece.checksum,
                isReused: piece.isReused
            )
            if isWhole { try assembly.markWhole(member.group) }
        }
    }

    private struct PackedPlace {
        enum Source {
            case previous(BlobReference)
            /// Offset in the pack.
            case pack(Int)
        }

        let source: Source
        let digest: SHA256Digest
        let checksum: CRC32?
        let isReused: Bool
    }

    private func read(
        _ member: BackupWork.Pack.Member,
        with reader: inout PieceReader,
        into lease: inout BufferLease,
        offsets: inout [SHA256Digest: Int]
    ) async throws -> PackedPlace {
        let file = try ReadableFile(member.name, in: member.folder)
        guard file.status.isSameContent(as: member.status) else { throw FileError("read", file.path, .changed) }
        let start = lease.count
        var checksum = member.wantsChecksum ? CRC32() : nil
        let digest = try await reader.read(0..<member.status.size, of: file, into: &lease, checksum: &checksum)
        try file.checkUnchanged()
        context.progress.update { $0.readBytes += member.status.size }
        if let previous = member.previous, blobs.naming.isProved(digest, by: previous.proof) {
            lease.truncate(to: start)
            return PackedPlace(
                source: .previous(previous.reference),
                digest: digest,
                checksum: checksum,
                isReused: true
            )
        }
        if let offset = offsets[digest] {  // TOC.txt of every SSTable of a table is the same
            lease.truncate(to: start)
            return PackedPlace(source: .pack(offset), digest: digest, checksum: checksum, isReused: true)
        }
        offsets[digest] = start
        return PackedPlace(source: .pack(start), digest: digest, checksum: checksum, isReused: false)
    }

    private func record(_ outcome: BlobWriter.Outcome, plainBytes: Int) {
        rechecks?.noteStored(outcome.name)
        context.progress.update {
            if let stored = outcome.storedBytes {
                $0.storedBlobs += 1
                $0.storedBytes += Int64(stored)
                $0.newBytes += Int64(plainBytes)
            } else {
                $0.reusedBytes += Int64(plainBytes)
            }
        }
    }
}

/// What has one owner, on its way into a closure or another task.
private final class Kept<Value: ~Copyable & Sendable>: Sendable {
    private let value: ThreadLock<Value?>

    init(_ value: consuming Value) { self.value = ThreadLock(value) }

    /// Once.
    func take() -> Value {
        guard let value = value.withLock({ $0.take() }) else { preconditionFailure("it was taken already") }
        return value
    }
}
