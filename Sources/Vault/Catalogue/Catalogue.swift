package import ObjectStorage

/// The backups of a vault, as the keys below `clusters/` tell them.
package struct Catalogue: Sendable {
    /// Which objects of one backup stand.
    package struct Listing: Sendable, Hashable {
        package let id: BackupID
        package internal(set) var hasIntent = false
        package internal(set) var isComplete = false
        /// Nodes whose manifests stand, in ascending order.
        package internal(set) var nodes: [HostID] = []
    }

    /// Objects read at one time: enough to be done with thousands in seconds at a distant store.
    private static let width = 32

    private let vault: Vault

    package init(_ vault: Vault) {
        self.vault = vault
    }

    // MARK: Finding

    /// Every backup that has left a trace, in order of cluster and name: from a listing alone, no object is read.
    ///
    /// - Parameter cluster: only this one's.
    package func backups(ofCluster cluster: String? = nil) async throws -> [Listing] {
        var listings: [Listing] = []
        try await forEachEntry(ofCluster: cluster) { entry, _ in
            // Keys ascend, so what belongs to one backup comes in one row.
            if listings.last?.id != entry.id { listings.append(Listing(id: entry.id)) }
            entry.mark(&listings[listings.count - 1])
        }
        return listings
    }

    /// The backup of that name.
    ///
    /// - Parameter cluster: may be left out while only one cluster of the vault has such a backup.
    /// - Throws: `VaultError`: `.notFound`, with the names there are; `.invalid` where several clusters have it.
    package func find(_ name: String, cluster: String?) async throws -> Listing {
        try vault.checkReading("find the backup", "'\(name)'")
        if let cluster, let listing = try await self.listing(of: BackupID(cluster: cluster, backup: name)) {
            return listing
        }
        let all = try await backups(ofCluster: cluster)
        // By bytes: two forms of an accent are two keys, so two backups.
        let found = all.filter { $0.id.backup.utf8.elementsEqual(name.utf8) }
        guard let first = found.first else {
            let known = all.suffix(5).map(\.id.description).joined(separator: ", ")
            let hint = known.isEmpty ? "there is no backup at all" : "the last there are: \(known)"
            throw VaultError(.notFound, "find the backup", "'\(name)'", hint)
        }
        guard found.count == 1 else {
            let clusters = found.map { "'\($0.id.cluster)'" }.joined(separator: ", ")
            throw VaultError(.invalid, "choose the backup", "'\(name)'", "clusters \(clusters) have one: say --cluster")
        }
        return first
    }

    /// What stands of one backup; nil: nothing.
    private func listing(of id: BackupID) async throws -> Listing? {
        var listing: Listing?
        try await vault.store.forEachObject(prefix: id.prefix) { object in
            guard let entry = CatalogueEntry(object.key), entry.id == id else { return }
            var found = listing ?? Listing(id: id)
            entry.mark(&found)
            listing = found
        }
        return listing
    }

    /// The key of the manifest that `host` published last, of any backup but `id`.
    ///
    /// By the store's clock. A wrong answer costs time, not safety: every published manifest names blobs that exist.
    package func latestManifest(of host: HostID, besides id: BackupID) async throws -> ObjectKey? {
        var latest: ObjectInfo?
        try await forEachEntry(ofCluster: id.cluster) { entry, object in
            guard case .manifest(let other, let owner) = entry, owner == host, other != id else { return }
            if let known = latest, known.modified > object.modified { return }
            latest = object
        }
        return latest?.key
    }

    private func forEachEntry(
        ofCluster cluster: String?,
        _ body: (CatalogueEntry, ObjectInfo) async throws -> Void
    ) async throws {
        try vault.checkReading("list the backups of", vault.store.location)
        let prefix = try cluster.map { name throws(VaultError) in try BackupID.prefix(ofCluster: name) }
        try await vault.store.forEachObject(prefix: prefix ?? BackupID.root) { object in
            if let entry = CatalogueEntry(object.key) { try await body(entry, object) }
        }
    }

    // MARK: Reading

    /// Every backup that has left a trace, in order of cluster and name, with what people want to know of it.
    ///
    /// Of a complete backup that knew its nodes one small object is read; of any other the first kilobytes of each
    /// manifest. Objects are read while the listing goes on, `width` at one time.
    package func summaries(ofCluster cluster: String? = nil) async throws -> [BackupSummary] {
        var found: [(Int, BackupSummary)] = []
        try await withThrowingTaskGroup(of: (Int, BackupSummary).self) { group in
            var running = 0
            var count = 0
            func add(_ listing: Listing) async throws {
                if running == Self.width, let next = try await group.next() {
                    found.append(next)
                    running -= 1
                }
                let index = count
                group.addTask { (index, try await summary(of: listing)) }
                running += 1
                count += 1
            }
            var current: Listing?
            try await forEachEntry(ofCluster: cluster) { entry, _ in
                if let done = current, done.id != entry.id {
                    try await add(done)
                    current = nil
                }
                var listing = current ?? Listing(id: entry.id)
                entry.mark(&listing)
                current = listing
            }
            if let current { try await add(current) }
            while let next = try await group.next() { found.append(next) }
        }
        return found.sorted { $0.0 < $1.0 }.map(\.1)
    }

    /// Reads `complete.json`, or the first kilobytes of each manifest.
    package func summary(of listing: Listing) async throws -> BackupSummary {
        let id = listing.id
        if listing.isComplete {
            let bytes = try await vault.document(try id.completionKey)
            let completion = try Document.decode(BackupCompletion.self, from: bytes, key: try id.completionKey)
            try Document.check(
                (completion.type, completion.version),
                against: ("complete", BackupCompletion.currentVersion),
                key: try id.completionKey
            )
            return BackupSummary(id, completion)
        }
        return try await detail(of: listing).summary
    }

    /// Reads the first kilobytes of each manifest.
    package func detail(of listing: Listing) async throws -> BackupDetail {
        let headers = try await headers(of: listing.nodes, listing.id)
        let intent = listing.hasIntent ? try await intent(of: listing.id) : nil
        return BackupDetail(summary: BackupSummary(listing.id, intent: intent, headers), nodes: headers)
    }

    /// In the order of `hosts`.
    private func headers(of hosts: [HostID], _ id: BackupID) async throws -> [ManifestHeader] {
        var found: [Int: ManifestHeader] = [:]
        try await withThrowingTaskGroup(of: (Int, ManifestHeader).self) { group in
            for (index, host) in hosts.enumerated() {
                if index >= Self.width, let (at, header) = try await group.next() { found[at] = header }
                group.addTask {
                    let key = try id.manifestKey(host)
                    return (index, try await ManifestReader.open(vault, key: key, fetchSize: 64 << 10).header)
                }
            }
            while let (at, header) = try await group.next() { found[at] = header }
        }
        return hosts.indices.compactMap { found[$0] }
    }

    package func intent(of id: BackupID) async throws -> BackupIntent {
        let bytes = try await vault.document(try id.intentKey)
        let intent = try Document.decode(BackupIntent.self, from: bytes, key: try id.intentKey)
        try Document.check(
            (intent.type, intent.version),
            against: ("backup", BackupIntent.currentVersion),
            key: try id.intentKey
        )
        return intent
    }

    // MARK: Writing

    /// Says that `host` begins its part of the backup.
    ///
    /// - Returns: the intent as the first node wrote it; on a node that may only write, its own.
    /// - Throws: `VaultError` with code `.exists` if the host's manifest stands already, `.invalid` if the backup does
    ///   not expect this host.
    package func begin(_ intent: BackupIntent, _ id: BackupID, host: HostID) async throws -> BackupIntent {
        let document = try Document.encode(intent)
        guard vault.canRead else {
            // Whether the name is free is seen when the manifest is published, and what others expect by who may read.
            _ = try await vault.put(document: document, at: try id.intentKey, .onlyIfAbsent)
            return intent
        }
        guard try await vault.store.head(try id.manifestKey(host)) == nil else {
            throw VaultError(
                .exists,
                "begin the backup",
                "\(id)",
                "node \(host) has finished one of that name; choose another"
            )
        }
        _ = try await vault.put(document: document, at: try id.intentKey, .onlyIfAbsent)
        let standing = try await self.intent(of: id)
        if let expected = standing.expectedNodes, !expected.contains(host) {
            let nodes = expected.map(\.description).joined(separator: ", ")
            throw VaultError(
                .invalid,
                "begin the backup",
                "\(id)",
                "it was begun for the nodes \(nodes), and this one is \(host): choose another name, or begin it on "
                    + "every node with the same --expect-host-id"
            )
        }
        return standing
    }

    /// Writes `complete.json` if every node that the intent expects has published; of no effect otherwise.
    ///
    /// A node that may only write cannot know; the backup is complete all the same once every manifest stands.
    ///
    /// - Returns: whether the backup is complete, as far as this can be known.
    package func complete(_ id: BackupID, _ intent: BackupIntent) async throws -> Bool {
        guard vault.canRead, let expected = intent.expectedNodes?.sorted() else { return false }
        for host in expected where try await vault.store.head(try id.manifestKey(host)) == nil { return false }
        let summary = BackupSummary(id, intent: intent, try await headers(of: expected, id))
        let completion = BackupCompletion(
            started: intent.started,
            finished: summary.finished ?? .now,
            nodes: expected,
            totals: summary.totals
        )
        _ = try await vault.put(
            document: try Document.encode(completion),
            at: try id.completionKey,
            .onlyIfAbsent
        )
        return true
    }
}
