internal import SystemPackage
internal import TransferEngine
internal import Vault

/// Does one piece of a restore's work: fetch, check, write.
struct RestoreWorker: Sendable {
    let context: RunContext
    let blobs: BlobReader
    let chunkSize: Int
    let overwrites: Bool

    func run(_ work: RestoreWork) async throws {
        guard context.control.admitsWork() else { return }
        switch work {
        case .empty(let file):
            try await RunError.naming("restore", "\(file.path)") { count(file, isWhole: try file.finishPiece()) }
        case .blob(let name, let destinations):
            try await RunError.naming("restore", "\(destinations[0].file.path)") {
                try await restore(name, to: destinations)
            }
        case .check(let file):
            try await RunError.naming("check", "\(file.path)") { try await check(file) }
        }
    }

    private func restore(_ name: BlobName, to destinations: [RestoreWork.Destination]) async throws {
        var wanted = destinations
        if destinations.contains(where: { $0.file.hasPartial() }) { wanted = try await missing(of: destinations) }
        guard !wanted.isEmpty else { return }
        let content = try await blobs.fetchUnproved(name) { received in
            context.progress.update { $0.receivedBytes += Int64(received) }
        }
        // Where whole files with hashes of their own are all of it, they prove every byte; else its name's hash does.
        let isProved = !Self.filesMake(all: content.count, wanted)
        if isProved { try blobs.prove(content, is: name) }
        var hash = SHA256()
        for destination in wanted {
            let file = destination.file
            let piece = file.entry.pieces[destination.piece]
            guard piece.offset + piece.length <= content.count else {
                if !isProved { try blobs.prove(content, is: name) }
                throw VaultError(.damaged, "read the blob", name.description, "it is shorter than the manifest says")
            }
            let bytes = content.bytes.extracting(piece.offset..<piece.offset + piece.length)
            if file.entry.pieces.count == 1, let digest = file.entry.digest {
                hash.update(bytes)
                guard hash.finish() == digest else {
                    // Is it the blob, or what the manifest says of it?
                    if !isProved { try blobs.prove(content, is: name) }
                    throw VaultError(.damaged, "read", "\(file.path)", "the bytes in blob \(name) do not have its hash")
                }
            } else if piece.length < content.count {
                throw VaultError(
                    .damaged,
                    "read",
                    "\(file.path)",
                    "it is cut in pieces, and one is not all of blob \(name)"
                )
            }
            let isWhole = try file.write(bytes, piece: destination.piece)
            context.progress.update { $0.movedBytes += Int64(piece.length) }
            count(file, isWhole: isWhole)
        }
    }

    /// Whether the destinations are whole files that leave out nothing of a blob of `count` bytes.
    private static func filesMake(all count: Int, _ destinations: [RestoreWork.Destination]) -> Bool {
        var stretches: [Range<Int>] = []
        for destination in destinations {
            let entry = destination.file.entry
            guard entry.pieces.count == 1, entry.digest != nil else { return false }
            stretches.append(entry.pieces[0].offset..<entry.pieces[0].offset + entry.pieces[0].length)
        }
        stretches.sort { $0.lowerBound < $1.lowerBound }
        var end = 0
        for stretch in stretches {
            guard stretch.lowerBound <= end else { return false }
            end = max(end, stretch.upperBound)
        }
        return end == count
    }

    /// Those pieces that an earlier run has not left in partial files.
    private func missing(of destinations: [RestoreWork.Destination]) async throws -> [RestoreWork.Destination] {
        var buffer = try await context.pool.lease(chunkSize)
        var missing: [RestoreWork.Destination] = []
        for destination in destinations {
            if try destination.file.hasPiece(destination.piece, blobs.naming, buffer: &buffer) {
                let length = destination.file.entry.pieces[destination.piece].length
                context.progress.update {
                    $0.reusedBytes += Int64(length)
                    $0.plannedMoves = $0.plannedMoves.map { $0 - Int64(length) }
                }
                count(destination.file, isWhole: try destination.file.finishPiece())
            } else {
                missing.append(destination)
            }
        }
        return missing
    }

    private func check(_ file: RestoredFile) async throws {
        if try await isIntact(file) {
            context.progress.update {
                $0.reusedFiles += 1
                $0.reusedBytes += file.entry.size
            }
            return count(file, isWhole: true)
        }
        guard overwrites else {
            throw RunError(
                .conflict,
                "restore",
                "\(file.path)",
                "a file that differs from the backup's stands there; --overwrite replaces it"
            )
        }
        if file.entry.pieces.isEmpty { return count(file, isWhole: try file.finishPiece()) }
        for (index, piece) in file.entry.pieces.enumerated() {
            try await restore(piece.blob, to: [RestoreWork.Destination(file: file, piece: index)])
        }
    }

    /// Whether the file in the target has the backup's bytes, by reading it.
    private func isIntact(_ file: RestoredFile) async throws -> Bool {
        let standing = try ReadableFile(file.path)
        guard standing.status.size == file.entry.size else { return false }
        var buffer = try await context.pool.lease(chunkSize)
        var reader = PieceReader(limit: context.readLimit)
        var checksum: CRC32?
        var offset: Int64 = 0
        for (index, piece) in file.entry.pieces.enumerated() {
            buffer.truncate(to: 0)
            let range = offset..<offset + Int64(piece.length)
            let digest = try await reader.read(range, of: standing, into: &buffer, checksum: &checksum)
            guard blobs.naming.isProved(digest, by: file.entry.proof(ofPiece: index)) else { return false }
            offset = range.upperBound
        }
        return true
    }

    private func count(_ file: RestoredFile, isWhole: Bool) {
        guard isWhole else { return }
        context.progress.update {
            $0.doneFiles += 1
            $0.doneBytes += file.entry.size
        }
    }
}
