internal import ObjectStorage
package import TransferEngine

/// Stores blobs: each content once, compressed where that pays, and encrypted where the vault is.
package struct BlobWriter: Sendable {
    package struct Outcome: Sendable, Hashable {
        package let name: BlobName
        /// Bytes written into the store; nil if the blob was there already.
        package let storedBytes: Int?
        /// The object as it was put, or as a look has found it.
        package let frame: StoredFrame?
    }

    private let vault: Vault
    private let compressor: BlobCompressor
    private let looks = LookFirst()
    private let distrusted: DistrustedBlobs

    /// - Parameter distrusted: names that are passed over for the next generation.
    package init(_ vault: Vault, compression: Compression, avoiding distrusted: DistrustedBlobs = DistrustedBlobs()) {
        self.vault = vault
        self.distrusted = distrusted
        compressor = BlobCompressor(compression)
    }

    private var store: any ObjectStore { vault.store }

    /// How the vault calls contents.
    package var naming: ContentNaming { vault.naming }

    /// Whether content is stored byte for byte as it is.
    package var storesPlain: Bool { compressor.compression == .none && vault.encryption == nil }

    /// Bytes to lease for `store(_:)` on `count` bytes of content: the content itself, and room for its frame, and for what
    /// encryption adds to either.
    package func leaseSize(for count: Int) -> Int {
        let plain = count + overhead(of: count)
        guard compressor.compression != .none else { return plain }
        return roundedUp(plain) + frameCapacity(for: count)
    }

    private func frameCapacity(for count: Int) -> Int {
        max(compressor.frameCapacity(for: count), Compression.worthwhile(count) + overhead(of: count))
    }

    private func overhead(of count: Int) -> Int { vault.encryption == nil ? 0 : VaultEncryption.overhead(of: count) }

    /// Stores the content of `lease` as one blob, unless the vault has it.
    ///
    /// Whether it has it is asked before compressing and sending, unless the answer has long been no (`LookFirst`). The
    /// lease is given back as early as possible: the plain content's part before the frame is sent.
    ///
    /// - Parameters:
    ///   - lease: of at least `leaseSize(for:)` bytes, filled with the content.
    ///   - digest: SHA-256 of the content.
    ///   - generation: above 0 where the earlier ones are condemned (`Publication`).
    ///   - early: whether what is sent may be given back before it is known to be stored; after an error it says whether it was.
    package func store(
        _ lease: consuming BufferLease,
        digest: SHA256Digest,
        generation: Int = 0,
        early: EarlyReturn? = nil
    ) async throws -> Outcome {
        let format = compressor.format(for: lease.bytes)
        let name = distrusted.instead(of: vault.blobName(of: digest, generation: generation, format: format))
        let count = lease.count
        if let found = try await existing(name, plainCount: count) { return found }
        guard format != .plain else { return try await seal(lease, name, plainCount: count, digest: digest, early) }

        var frame = lease.split(at: roundedUp(count + overhead(of: count)))
        if try compressor.compress(lease.bytes, as: format, into: &frame) {
            _ = consume lease
            return try await seal(frame, name, plainCount: count, digest: nil, early)
        }
        _ = consume frame
        let plain = distrusted.instead(of: vault.blobName(of: digest, generation: generation, format: .plain))
        if let found = try await existing(plain, plainCount: count) { return found }
        return try await seal(lease, plain, plainCount: count, digest: digest, early)
    }

    /// Encrypts where the vault is, gives back what memory is left over, and puts.
    private func seal(
        _ body: consuming BufferLease,
        _ name: BlobName,
        plainCount: Int,
        digest: SHA256Digest?,
        _ early: EarlyReturn?
    ) async throws -> Outcome {
        var body = body
        if let encryption = vault.encryption { encryption.seal(&body, for: try name.key) }
        body.giveBackRest()
        if let early { body.allow(early) }
        return try await put(
            body,
            name,
            plainCount: plainCount,
            digest: vault.encryption == nil ? digest : nil
        )
    }

    private func existing(_ name: BlobName, plainCount: Int) async throws -> Outcome? {
        guard vault.canRead, looks.isDue else { return nil }
        return try await look(for: name, plainCount: plainCount)
    }

    private func look(for name: BlobName, plainCount: Int) async throws -> Outcome? {
        guard let info = try await store.head(name.key) else {
            looks.missed()
            return nil
        }
        looks.found()
        // What a compressed blob should measure is not known here; a plain one must have its content's size.
        let plainSize = plainCount + overhead(of: plainCount)
        guard name.format == .plain ? info.size == plainSize : info.size > overhead(of: 0) else {
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
        let frame = StoredFrame(of: body)
        for _ in 0..<2 {
            let result = try await store.put(body, at: name.key, .onlyIfAbsent, digest: digest)
            if result == .stored { return Outcome(name: name, storedBytes: body.count, frame: frame) }
            // A node that may only write cannot look; what is there was written by one that has the vault's name key.
            guard vault.canRead else { return Outcome(name: name, storedBytes: nil, frame: nil) }
            // Nobody may have looked at what is there. If it is gone by now, this one is stored.
            if let found = try await look(for: name, plainCount: plainCount) { return found }
            if body.hasLeft { break }
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
