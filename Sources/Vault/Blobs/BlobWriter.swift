package import ObjectStorage
package import TransferEngine

/// Stores blobs: each content once, compressed where that pays.
package struct BlobWriter: Sendable {
    package struct Outcome: Sendable, Hashable {
        package let name: BlobName
        /// Bytes written into the store; nil if the blob was there already.
        package let storedBytes: Int?
        /// The object as it was put, or as a look has found it.
        package let frame: StoredFrame?
    }

    private let store: any ObjectStore
    private let compressor: BlobCompressor
    private let looks = LookFirst()
    private let distrusted: DistrustedBlobs

    /// - Parameter distrusted: names that are passed over for the next generation.
    package init(
        _ store: any ObjectStore,
        compression: Compression,
        avoiding distrusted: DistrustedBlobs = DistrustedBlobs()
    ) {
        self.store = store
        self.distrusted = distrusted
        compressor = BlobCompressor(compression)
    }

    /// Bytes to lease for `store(_:)` on `count` bytes of content: the content itself, and room for its frame.
    package func leaseSize(for count: Int) -> Int {
        compressor.compression == .none ? count : roundedUp(count) + compressor.frameCapacity(for: count)
    }

    /// Stores the content of `lease` as one blob, unless the vault has it.
    ///
    /// Whether it has it is asked before compressing and sending, unless the answer has long been no (`LookFirst`). The
    /// lease is given back as early as possible: the plain content's part before the frame is sent.
    ///
    /// - Parameters:
    ///   - lease: of at least `leaseSize(for:)` bytes, filled with the content.
    ///   - digest: SHA-256 of the content.
    package func store(_ lease: consuming BufferLease, digest: SHA256Digest) async throws -> Outcome {
        let format = compressor.format(for: lease.bytes)
        let name = distrusted.instead(of: BlobName(digest, format: format))
        let count = lease.count
        if let found = try await existing(name, plainCount: count) { return found }
        guard format != .plain else { return try await put(lease, name, plainCount: count, digest: digest) }

        var frame = lease.split(at: roundedUp(lease.count))
        if try compressor.compress(lease.bytes, as: format, into: &frame) {
            _ = consume lease
            frame.giveBackRest()
            return try await put(frame, name, plainCount: count, digest: nil)
        }
        _ = consume frame
        let plain = distrusted.instead(of: BlobName(digest, format: .plain))
        if let found = try await existing(plain, plainCount: count) { return found }
        return try await put(lease, plain, plainCount: count, digest: digest)
    }

    private func existing(_ name: BlobName, plainCount: Int) async throws -> Outcome? {
        guard looks.isDue else { return nil }
        return try await look(for: name, plainCount: plainCount)
    }

    private func look(for name: BlobName, plainCount: Int) async throws -> Outcome? {
        guard let info = try await store.head(name.key) else {
            looks.missed()
            return nil
        }
        looks.found()
        // What a compressed blob should measure is not known here; a plain one must have its content's size.
        guard name.format == .plain ? info.size == plainCount : info.size > 0 else {
            throw VaultError(
                .damaged,
                "reuse the blob",
                name.description,
                "the store has it with \(info.size) bytes; remove it, so that the next backup stores it anew"
            )
        }
        return Outcome(name: name, storedBytes: nil, frame: StoredFrame(info))
    }

    private func put(
        _ body: borrowing BufferLease,
        _ name: BlobName,
        plainCount: Int,
        digest: SHA256Digest?
    ) async throws -> Outcome {
        let frame = StoredFrame(of: body.bytes)
        for _ in 0..<2 {
            let result = try await store.put(body, at: name.key, .onlyIfAbsent, digest: digest)
            if result == .stored { return Outcome(name: name, storedBytes: body.count, frame: frame) }
            // Nobody may have looked at what is there. If it is gone by now, this one is stored.
            if let found = try await look(for: name, plainCount: plainCount) { return found }
        }
        throw VaultError(
            .damaged,
            "store the blob",
            name.description,
            "the store refuses it as one that is there, and does not have it"
        )
    }

    private func roundedUp(_ count: Int) -> Int {
        max(1, (count + BufferPool.unit - 1) / BufferPool.unit) * BufferPool.unit
    }
}
