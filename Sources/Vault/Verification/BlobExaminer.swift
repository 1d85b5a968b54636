package import ObjectStorage
package import TransferEngine

/// Looks at one blob at a time, as closely as its level asks.
///
/// Wherever an object is not the one that a manifest tells, its content has the last word: it is read and proved by its
/// name.
package final class BlobExaminer: Sendable {
    /// Looks that told no checksum, one after the other, after which the objects are read without asking first.
    private static let patience = 16

    private let store: any ObjectStore
    private let reader: BlobReader
    private let level: VerificationLevel
    private let received: @Sendable (Int) -> Void
    private let sumsMissed = ThreadLock(0)

    /// - Parameter received: called with the bytes that came from the store.
    package init(
        _ vault: Vault,
        level: VerificationLevel,
        pool: BufferPool,
        received: @escaping @Sendable (Int) -> Void
    ) {
        store = vault.store
        reader = BlobReader(vault, pool: pool)
        self.level = level
        self.received = received
    }

    /// - Parameter listed: the object as a listing tells of it, which spares a look.
    /// - Throws: `StoreError` where the store cannot be reached; `CancellationError`.
    package func examine(_ blob: ClaimedBlob, listed: ObjectInfo? = nil) async throws -> BlobVerdict {
        do {
            switch level {
            case .list: return try await look(blob, listed)
            case .checksum: return try await compare(blob, listed)
            case .full: return try await read(blob, suspicion: nil)
            }
        } catch let error as StoreError {
            switch error.code {
            case .notFound: return .bad(.missing)
            case .corrupt, .badRange: return .bad(.content("\(error)"))
            case .accessDenied, .refused: return .bad(.unreadable("\(error)"))
            case .noBucket, .throttled, .unavailable, .outOfSpace, .cancelled: throw error
            }
        }
    }

    private func look(_ blob: ClaimedBlob, _ listed: ObjectInfo?) async throws -> BlobVerdict {
        guard let info = try await info(blob, listed) else { return .bad(.missing) }
        return try await judge(StoredFrame(info), blob)
    }

    private func compare(_ blob: ClaimedBlob, _ listed: ObjectInfo?) async throws -> BlobVerdict {
        // Without a sum to compare with, the content is its own proof.
        guard blob.frame?.crc32c != nil, !blob.isDisputed else { return try await read(blob, suspicion: nil) }
        if let listed, listed.crc32c != nil { return try await judge(StoredFrame(listed), blob) }
        if sumsMissed.withLock({ $0 < Self.patience }) {
            guard let info = try await info(blob, nil) else { return .bad(.missing) }
            if info.crc32c != nil {
                sumsMissed.withLock { $0 = 0 }
                return try await judge(StoredFrame(info), blob)
            }
            sumsMissed.withLock { $0 += 1 }
            // One of another size need not be read to know that it is another object.
            if blob.frame.map({ Int64($0.bytes) != info.size }) ?? false {
                return try await judge(StoredFrame(info), blob)
            }
        }
        return try await judge(try await reader.frame(of: blob.name, received: received), blob)
    }

    private func info(_ blob: ClaimedBlob, _ listed: ObjectInfo?) async throws -> ObjectInfo? {
        if let listed { return listed }
        return try await store.head(try blob.name.key)
    }

    /// - Parameter found: nil for an object that no blob can be.
    private func judge(_ found: StoredFrame?, _ blob: ClaimedBlob) async throws -> BlobVerdict {
        guard let found else { return try await read(blob, suspicion: "the store has it empty, or larger than any") }
        if blob.name.format == .plain, found.bytes < blob.end {
            let text = "the store has it with \(found.bytes) bytes, files in it reach to \(blob.end)"
            return try await read(blob, suspicion: text)
        }
        guard let frame = blob.frame, !blob.isDisputed, !frame.agrees(with: found) else { return .good }
        if frame.bytes != found.bytes {
            let text = "the store has it with \(found.bytes) bytes, it was stored with \(frame.bytes)"
            return try await read(blob, suspicion: text)
        }
        return try await read(blob, suspicion: "its bytes in the store are not those that were stored (CRC-32C)")
    }

    /// Reads the blob and proves its content.
    ///
    /// - Parameter suspicion: why it is looked at so closely, if it is not the level that asks for it.
    private func read(_ blob: ClaimedBlob, suspicion: String?) async throws -> BlobVerdict {
        let content: BufferLease
        do {
            content = try await reader.fetch(blob.name, received: received)
        } catch let error as StoreError {
            // Who may not read still knows that it is another object.
            if let suspicion, error.code == .accessDenied || error.code == .refused { return .bad(.changed(suspicion)) }
            throw error
        } catch let error as VaultError {
            if let suspicion { return .bad(.changed("\(suspicion); \(error.reason)")) }
            // The reader tells a missing one as damage; here it has a name of its own.
            if try await store.head(try blob.name.key) == nil { return .bad(.missing) }
            return .bad(.content(error.reason))
        }
        guard blob.end <= content.count else {
            return .bad(.content("its content has \(content.count) bytes, files in it reach to \(blob.end)"))
        }
        for piece in blob.pieces {
            guard let digest = piece.digest else { continue }
            guard SHA256.digest(of: content.bytes.extracting(piece.range)) == digest else {
                let range = "\(piece.range.lowerBound) to \(piece.range.upperBound)"
                return .bad(.content("its bytes \(range), a whole file, do not have the file's hash"))
            }
        }
        return suspicion == nil ? .good : .reframed
    }
}
