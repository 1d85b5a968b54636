internal import TransferEngine

/// Stores listed blobs again by copying them within the store: where there are no files to read them from.
package struct CopyRenewal: BlobRenewing {
    private let copier: BlobCopier

    package init(_ copier: BlobCopier) { self.copier = copier }

    package func renew(_ groups: [ManifestGroup], _ listed: ListedNames) async throws -> [ManifestGroup] {
        var copies: [BlobName: BlobReference.Move] = [:]
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
                    var move = copies[piece.blob]
                    if move == nil {
                        let next = listed.nextGeneration(of: piece.blob.content)
                        let target = piece.blob.ofGeneration(next)
                        move = (target, try await copier.copy(piece.blob, to: target))
                        copies[piece.blob] = move
                    }
                    pieces.append(move.map { piece.moved($0) } ?? piece)
                }
                groups[index].files[position] = file.with(pieces: pieces)
            }
        }
        return groups
    }
}
