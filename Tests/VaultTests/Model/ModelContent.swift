import TestSupport
import TransferEngine

@testable import Vault

/// The few contents that files of the model have: few, so that nodes share them and they come back after being deleted.
struct ModelContent: Sendable, Hashable {
    let number: Int

    static let bytes: [[UInt8]] = (0..<6).map { Array("content \($0)".utf8) }
    static let digests: [SHA256Digest] = bytes.map { SHA256.digest(of: $0.span) }

    var bytes: [UInt8] { Self.bytes[number] }
    var digest: SHA256Digest { Self.digests[number] }
}

/// Stores listed blobs again from the files of the model's nodes: a file's inode is the number of its content.
struct ModelRenewal: BlobRenewing {
    let blobs: BlobWriter

    func renew(_ groups: [ManifestGroup], _ listed: ListedNames) async throws -> [ManifestGroup] {
        var groups = groups
        for index in groups.indices {
            let file = groups[index].files[0]
            guard listed.contains(file.pieces[0].blob) else { continue }
            let content = ModelContent(number: Int(file.inode))
            let outcome = try await blobs.store(
                BufferLease(holding: content.bytes),
                digest: content.digest,
                generation: listed.nextGeneration(of: blobs.naming.name(of: content.digest))
            )
            let piece = BlobReference(blob: outcome.name, offset: 0, length: content.bytes.count)
            groups[index].files[0] = file.with(pieces: [piece])
        }
        return groups
    }
}
