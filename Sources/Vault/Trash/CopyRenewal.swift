internal import TransferEngine

/// Stores listed blobs again by copying them within the store: where there are no files to read them from.
struct CopyRenewal: BlobRenewing {
    private let copier: BlobCopier

    init(_ copier: BlobCopier) { self.copier = copier }

    func renew(_ groups: [ManifestGroup], _ listed: ListedNames) async throws -> [ManifestGroup] {
        var copies: [BlobName: BlobName] = [:]
        var groups = groups
        for index in groups.indices {
            for position in groups[index].files.indices {
                let file = groups[index].files[position]
                guard file.pieces.contains(where: { listed.contains($0.blob) }) else { continue }
                var pieces: [BlobReference] = []
                for piece in file.pieces {
                    guard listed.contains(piece.blob) else {
                        pieces.append(piece)
                        continue
                    }
                    let next = listed.nextGeneration(of: piece.blob.digest)
                    let target = BlobName(piece.blob.digest, generation: next, format: piece.blob.format)
                    if copies[piece.blob] == nil { try await copier.copy(piece.blob, to: target) }
                    copies[piece.blob] = target
                    pieces.append(piece.moved(to: target))
                }
                groups[index].files[position] = file.with(pieces: pieces)
            }
        }
        return groups
    }
}
