package import ObjectStorage
package import TransferEngine

/// Deleted backups, which can be brought back until they are purged: `trash/` and the key that the object had.
///
/// What a manifest in the trash names is not collected. Every step can be repeated, and is, by the same command after
/// a crash:
///
/// - *Delete* copies all of a backup's objects, then removes them at home: `complete.json` first, `backup.json` last. In
///   between the backup is listed, whole or incomplete, and can be deleted again.
/// - *Undelete* publishes every manifest again by the publish rule, `complete.json` last, and then empties the trash of it.
/// - *Purge* ends it.
package struct Trash: Sendable {
    /// One deleted backup.
    package struct Item: Sendable, Hashable {
        package let id: BackupID
        /// In the trash.
        package internal(set) var objects: [ObjectInfo] = []

        /// When the last of its objects came here, by the store's clock.
        package var trashed: Timestamp { Timestamp(seconds: objects.map(\.modified).max() ?? 0) }
    }

    /// What one command moved.
    package struct Move: Sendable, Hashable {
        package var nodes: [HostID] = []
        package var objects = 0
    }

    static let root = "trash/"

    private let vault: Vault
    private let lists: CondemnedLists
    /// Blobs that are looked for at one time.
    private let width: Int

    package init(_ vault: Vault) { self.init(CondemnedLists(vault)) }

    /// - Parameter lists: for the store's time.
    init(_ lists: CondemnedLists, width: Int = 32) {
        vault = lists.vault
        self.lists = lists
        self.width = width
    }

    /// Where a key of the trash was before; nil for any other.
    static func home(of key: ObjectKey) -> ObjectKey? {
        guard key.description.hasPrefix(root) else { return nil }
        return try? ObjectKey(String(key.description.dropFirst(root.count)))
    }

    private static func place(of home: ObjectKey) throws(ObjectKeyError) -> ObjectKey {
        try ObjectKey(root + home.description)
    }

    /// What is in it, in order of cluster and name.
    ///
    /// - Parameter cluster: only this one's.
    package func items(ofCluster cluster: String? = nil) async throws -> [Item] {
        var items: [Item] = []
        let prefix = Self.root + (try cluster.map { try BackupID.prefix(ofCluster: $0) } ?? BackupID.root)
        try await vault.store.forEachObject(prefix: prefix) { object in
            guard let home = Self.home(of: object.key), let entry = CatalogueEntry(home) else { return }
            if items.last?.id != entry.id { items.append(Item(id: entry.id)) }
            items[items.count - 1].objects.append(object)
        }
        return items
    }

    // MARK: Delete

    /// Moves a backup into the trash: its manifests and documents, of every node.
    ///
    /// An older one of the same name in the trash gives way.
    ///
    /// - Throws: `VaultError` with code `.unsupported` before anything is done if it has objects that this program does not
    ///   know; `StoreError`, then what was moved stays moved, and the same call goes on.
    package func delete(_ id: BackupID) async throws -> Move {
        let objects = try await objects(of: id)
        var move = Move()
        for (_, object) in objects { try await copy(object, to: try Self.place(of: object.key)) }
        for (entry, object) in objects.sorted(by: { Self.rank($0.entry) < Self.rank($1.entry) }) {
            guard try await removeCopied(object) else { continue }
            move.objects += 1
            if case .manifest(_, let host) = entry { move.nodes.append(host) }
        }
        return move
    }

    /// Removes an object at home; not one that changed since it was copied, or whose copy is gone: held up for long, others
    /// may have brought the backup back, or made a new one.
    private func removeCopied(_ object: ObjectInfo) async throws -> Bool {
        let standing = try await vault.store.head(object.key)
        let copy = try await vault.store.head(try Self.place(of: object.key))
        guard let standing, standing.agrees(with: object), copy != nil else { return false }
        do {
            try await vault.store.delete(object.key)
        } catch {
            guard error.code == .accessDenied else { throw error }
            throw VaultError(
                .retained,
                "delete",
                object.key.description,
                "the store does not let it go: \(error). If a retention period locks it, delete the backup when it is over"
            )
        }
        return true
    }

    /// `complete.json` before the manifests that it speaks for, `backup.json` when there is nothing left to expect.
    private static func rank(_ entry: CatalogueEntry) -> Int {
        switch entry {
        case .completion: 0
        case .manifest: 1
        case .intent: 2
        }
    }

    private func objects(of id: BackupID) async throws -> [(entry: CatalogueEntry, object: ObjectInfo)] {
        var objects: [(CatalogueEntry, ObjectInfo)] = []
        try await vault.store.forEachObject(prefix: id.prefix) { object in
            guard let entry = CatalogueEntry(object.key) else {
                throw VaultError(
                    .unsupported,
                    "delete",
                    "\(id)",
                    "this program does not know its object \(object.key): use a newer ringvault"
                )
            }
            objects.append((entry, object))
        }
        return objects
    }

    /// As stored, sealed or not.
    private func copy(_ object: ObjectInfo, to key: ObjectKey) async throws {
        guard let body = try await raw(object.key, size: object.size) else { return }  // moved by another meanwhile
        if try await vault.store.put(body, at: key, .onlyIfAbsent, digest: nil) == .stored { return }
        if let standing = try await vault.store.head(key), standing.size == object.size,
            let bytes = try await raw(key, size: standing.size), bytes.isEqual(to: body)
        {
            return  // copied before
        }
        _ = try await vault.store.put(body, at: key, .always, digest: nil)
    }

    private func raw(_ key: ObjectKey, size: Int64) async throws -> BufferLease? {
        var body = BufferLease(unpooledCapacity: Int(size))
        do {
            _ = try await vault.store.get(key, range: nil, into: &body)
        } catch {
            guard error.code == .notFound else { throw error }
            return nil
        }
        return body
    }

    // MARK: Undelete

    /// Brings a backup back, as it was.
    ///
    /// - Parameters:
    ///   - publication: made before this call.
    ///   - pool: memory for blobs that must be stored again.
    /// - Throws: `VaultError`: `.notFound` if the trash has none of that name; `.exists` if there is a new one; `.damaged` if
    ///   a blob of it is gone.
    package func undelete(_ id: BackupID, by publication: Publication, pool: BufferPool) async throws -> Move {
        guard let item = try await items(ofCluster: id.cluster).first(where: { $0.id == id }) else {
            throw VaultError(.notFound, "undelete", "\(id)", "the trash has no backup of that name")
        }
        var move = Move()
        var rest: (intent: ObjectInfo?, completion: ObjectInfo?) = (nil, nil)
        var manifests: [(HostID, ObjectInfo)] = []
        for object in item.objects {
            guard let home = Self.home(of: object.key) else { continue }
            switch CatalogueEntry(home) {
            case .intent: rest.intent = object
            case .completion: rest.completion = object
            case .manifest(_, let host): manifests.append((host, object))
            case nil: continue
            }
        }
        if let intent = rest.intent { try await restore(intent, of: id) }
        for (host, object) in manifests {
            try await publish(try id.manifestKey(host), from: object.key, by: publication, pool: pool)
            move.nodes.append(host)
        }
        if let completion = rest.completion { try await restore(completion, of: id) }
        // What says that it is whole goes first from here, too.
        for object in [rest.completion].compactMap(\.self) + manifests.map(\.1) + [rest.intent].compactMap(\.self) {
            try await vault.store.delete(object.key)
            move.objects += 1
        }
        return move
    }

    private func restore(_ object: ObjectInfo, of id: BackupID) async throws {
        guard let home = Self.home(of: object.key), let body = try await raw(object.key, size: object.size) else {
            return
        }
        if try await vault.store.put(body, at: home, .onlyIfAbsent, digest: nil) == .stored { return }
        if let standing = try await vault.store.head(home), let bytes = try await raw(home, size: standing.size),
            bytes.isEqual(to: body)
        {
            return
        }
        throw Self.taken(id)
    }

    private static func taken(_ id: BackupID) -> VaultError {
        VaultError(
            .exists,
            "undelete",
            "\(id)",
            "there is a newer backup of that name; delete that one first, which will end the older one in the trash, or "
                + "restore what you need from it"
        )
    }

    private func publish(
        _ home: ObjectKey,
        from place: ObjectKey,
        by publication: Publication,
        pool: BufferPool
    ) async throws {
        var reader = try await ManifestReader.open(vault, key: home, storedAt: place)
        let header = reader.header
        do {
            let standing = try await ManifestReader.open(vault, key: home, fetchSize: 64 << 10).header
            // Published by an earlier attempt; perhaps with other generations of its blobs.
            guard standing == header else {
                throw Self.taken(try BackupID(cluster: header.cluster, backup: header.backup))
            }
            return
        } catch let error as VaultError where error.code == .notFound {}
        var writer = try ManifestWriter(header, chunkSize: vault.description.chunkSize)
        while let line = try await reader.next() { try writer.write(line) }
        try await look(for: writer.names)
        _ = try await publication.publish(
            writer,
            at: home,
            totals: { header.totals },
            finished: header.finished,
            renewing: CopyRenewal(BlobCopier(vault, pool: pool))
        )
    }

    /// Looks whether these blobs are there.
    ///
    /// That a manifest is in the trash proves nothing: a deletion that was held up may have put it there after another had
    /// deleted and purged it, and its blobs were collected.
    private func look(for names: [CompactName]) async throws {
        let slots = Slots(width)
        try await withThrowingDiscardingTaskGroup { group in
            for name in names {
                guard width > 1 else {
                    try await look(for: name.name)
                    continue
                }
                try await slots.wait()
                if group.isCancelled {
                    try Task.checkCancellation()
                    return  // by the error of a task, which the group throws
                }
                group.addTask {
                    defer { slots.signal() }
                    try await look(for: name.name)
                }
            }
        }
    }

    private func look(for name: BlobName) async throws {
        guard try await vault.store.head(name.key) == nil else { return }
        throw VaultError(
            .damaged,
            "undelete a backup with the blob",
            name.description,
            "it has been collected: the backup cannot be brought back"
        )
    }

    // MARK: Purge

    /// Ends the backups that came into the trash at least so long ago, by the store's clock.
    ///
    /// - Parameter isDryRun: only counts, by this machine's clock.
    /// - Returns: how many backups.
    package func purge(olderThan age: Duration, isDryRun: Bool = false) async throws -> Int {
        let items = try await items()
        guard !items.isEmpty else { return 0 }
        let now = isDryRun ? Timestamp.now.seconds : try await lists.storeTime()
        let over = items.filter { age == .zero || .seconds(now - $0.trashed.seconds) >= age }
        if !isDryRun {
            for item in over { try await purge(item) }
        }
        return over.count
    }

    /// Ends one deleted backup at once.
    package func purge(_ id: BackupID) async throws {
        for item in try await items(ofCluster: id.cluster) where item.id == id { try await purge(item) }
    }

    private func purge(_ item: Item) async throws {
        let ranked = item.objects.compactMap { object in
            Self.home(of: object.key).flatMap { CatalogueEntry($0) }.map { (rank: Self.rank($0), key: object.key) }
        }
        for (_, key) in ranked.sorted(by: { ($0.rank, $0.key) < ($1.rank, $1.key) }) {
            try await vault.store.delete(key)
        }
    }
}

extension BufferLease {
    fileprivate borrowing func isEqual(to other: borrowing BufferLease) -> Bool {
        guard count == other.count else { return false }
        for index in 0..<count where bytes[index] != other.bytes[index] { return false }
        return true
    }
}
