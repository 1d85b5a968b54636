internal import Cassandra
internal import Logging
internal import SystemPackage
internal import TransferEngine
package import Vault

/// One backup of one node: from its files to its manifest in the vault.
///
/// The manifest is the last thing written. A run that fails, is stopped or is killed leaves no backup, but blobs and, in
/// its directory on this host, a journal: the next run of the same backup goes on from there.
package struct BackupRun: Sendable {
    let vault: Vault
    let options: BackupOptions
    let context: RunContext
    /// Where the journal is; nil: none is kept.
    let directory: RunDirectory?
    private let manifests: OwnManifests?

    /// - Parameter manifests: what this node has published, for one that may not read it in the vault.
    package init(
        _ vault: Vault,
        _ options: BackupOptions,
        _ context: RunContext,
        directory: RunDirectory? = nil,
        manifests: OwnManifests? = nil
    ) {
        self.vault = vault
        self.options = options
        self.context = context
        self.directory = directory
        self.manifests = manifests
    }

    /// - Throws: `RunError`, `CassandraError`, `StoreError`, `VaultError`, `RunStopped`, or `CancellationError`: nothing
    ///   is published.
    package func run() async throws -> BackupReport {
        try await context.control.run {
            // Planning lists and examines files, which blocks: nothing of it may run on the cooperative pool.
            try await withTaskExecutorPreference(context.io) { try await backUp() }
        }
    }

    private func backUp() async throws -> BackupReport {
        try context.checkMemory(chunkSize: vault.description.chunkSize)
        context.control.enter(.preparing)
        let clock = ContinuousClock.now
        let directories = try DataDirectories(options.dataDirectories)
        let found = try directories.tables(matching: options.filter)
        guard found.unmatched.isEmpty else {
            throw RunError(
                .notFound,
                "back up",
                found.unmatched.joined(separator: ", "),
                "no such keyspace or table in \(options.dataDirectories.map(\.string).joined(separator: ", "))"
            )
        }
        try checkSnapshot(directories, found.tables)

        let catalogue = Catalogue(vault)
        let intent: BackupIntent
        do {
            intent = try await catalogue.begin(
                BackupIntent(
                    cluster: options.id.cluster,
                    backup: options.id.backup,
                    started: Timestamp.now,
                    expectedNodes: options.expectedNodes?.sorted()
                ),
                options.id,
                host: options.host
            )
        } catch let error as VaultError where error.code == .exists {
            if let report = try await finishPublished(directories, catalogue, since: clock) { return report }
            throw error
        }
        let journal = openJournal()
        // Before the first look at what the vault has: how old that has become is measured by it.
        let publication = Publication(
            vault,
            evidenceAge: max(journal?.age ?? .zero, manifests == nil ? .zero : .seconds(OwnManifests.trusted))
        )

        var warnings = found.warnings
        let (header, made) = try await withSnapshot(directories, found.tables, journal) { source in
            try await store(found.tables, source: source, journal, catalogue, publication)
        }
        warnings.add(made)
        context.control.enter(.finishing)
        let isComplete = try await catalogue.complete(options.id, intent)
        journal?.remove()
        return BackupReport(
            header: header,
            isComplete: intent.expectedNodes == nil || !vault.canRead ? nil : isComplete,
            warnings: warnings,
            readBytes: context.progress.snapshot.readBytes,
            resumedBytes: context.progress.snapshot.resumedBytes,
            elapsed: clock.duration(to: .now)
        )
    }

    /// A tag that no table has is a mistake of the user, and an empty backup no answer to it.
    private func checkSnapshot(_ directories: DataDirectories, _ tables: [Table]) throws {
        guard case .snapshot(let tag) = options.source else { return }
        let tags = try directories.snapshotTags(matching: options.filter)
        if tags.contains(where: { $0.tag == tag }) { return }
        // Tags that Cassandra made itself are not listed, but may be asked for.
        if tag.isAutomatic, try tables.contains(where: { try TableListing($0, source: .snapshot(tag)).isPresent }) {
            return
        }
        let known = tags.map { "'\($0.tag)'" }.joined(separator: ", ")
        throw RunError(
            .notFound,
            "back up the snapshot",
            "'\(tag)'",
            known.isEmpty
                ? "there is no snapshot at all; 'nodetool snapshot -t \(tag)' takes one" : "there are \(known)"
        )
    }

    /// Calls `body` with files that stand still: the snapshot asked for, or one of hard links that is removed after,
    /// unless the run was stopped and the links are what it is going to go on with.
    private func withSnapshot(
        _ directories: DataDirectories,
        _ tables: [Table],
        _ journal: BackupJournal?,
        _ body: (FileSource) async throws -> (ManifestHeader, Warnings)
    ) async throws -> (ManifestHeader, Warnings) {
        guard case .live = options.source else {
            guard case .snapshot(let tag) = options.source else { return try await body(.live) }
            return try await body(.snapshot(tag))
        }
        // The links of a second run would replace those of the first.
        let lock = try DirectoryLock(options.dataDirectories[0], "link the live files of")
        defer { withExtendedLifetime(lock) {} }
        let snapshot = try LiveSnapshot(directories, tag: try linkTag)
        var warnings = try makeLinks(snapshot, tables, journal)
        let result: Result<(ManifestHeader, Warnings), any Error>
        do { result = .success(try await body(.snapshot(snapshot.tag))) } catch { result = .failure(error) }
        if case .failure = result, journal != nil, context.control.stopped != nil {
            context.logger.info("the links to live files stay for the next run of this backup")
        } else {
            removeLinks(snapshot)
        }
        let (header, more) = try result.get()
        warnings.add(more)
        return (header, warnings)
    }

    private func store(
        _ tables: [Table],
        source: FileSource,
        _ journal: BackupJournal?,
        _ catalogue: Catalogue,
        _ publication: Publication
    ) async throws -> (ManifestHeader, Warnings) {
        let previous = try await previousManifest(catalogue)
        var header = ManifestHeader(
            vault: vault.description.id,
            cluster: options.id.cluster,
            backup: options.id.backup,
            hostId: options.host,
            datacenter: options.datacenter,
            rack: options.rack,
            started: journal?.started ?? .now,
            source: options.source.description,
            dataDirectories: options.dataDirectories.map(\.string)
        )
        header.previous = previous.header?.backup
        let distrusted = DistrustedBlobs()
        let rechecks = rechecks(after: previous.header, distrusted)
        header.recheck = rechecks?.slice
        let chunkSize = vault.description.chunkSize
        let assembly = ManifestAssembly(
            try ManifestWriter(header, chunkSize: chunkSize),
            progress: context.progress,
            journal: journal,
            rechecks: rechecks
        )
        context.control.enter(.measuring)
        try measure(tables, source)
        try await measureMoves(tables, source, journal, catalogue)
        count(journal?.counts)
        var planner = BackupPlanner(
            tables,
            source: source,
            previous: previous,
            rechecks: rechecks,
            resumption: journal?.resumption(),
            chunkSize: chunkSize,
            assembly: assembly,
            progress: context.progress
        )
        let blobs = BlobWriter(vault, compression: options.compression, avoiding: distrusted)
        let worker = BackupWorker(
            context: context,
            blobs: blobs,
            assembly: assembly,
            journal: journal,
            rechecks: rechecks
        )
        context.control.enter(.transferring)
        defer { journal?.flush() }
        try await forEach(atMost: context.width(chunkSize: chunkSize), on: context.io) {
            guard context.control.admitsWork() else { return nil }
            return try await planner.next()
        } _: { work in
            try await worker.run(work)
        }
        try context.control.checkStopped()
        context.control.enter(.finishing)
        var warnings = planner.warnings
        warnings.add(assembly.warnings)
        if let rechecks { warnings.add(rechecks.warnings) }
        let (published, manifest): (ManifestHeader, [UInt8])
        do {
            (published, manifest) = try await assembly.publish(
                by: publication,
                at: try options.id.manifestKey(options.host),
                renewing: Renewal(options.dataDirectories, source: source, context: context, blobs: blobs, vault)
            )
        } catch let error as VaultError where error.code == .stale {
            journal?.remove()  // it would only be older the next time
            throw error
        }
        await keep(manifest)
        return (published, warnings)
    }

    /// The backup stands: that the next one may have more to read is no reason to call it failed.
    private func keep(_ manifest: [UInt8]) async {
        do {
            try await manifests?.keep(manifest, of: options.id, host: options.host)
        } catch {
            context.logger.warning(
                "the manifest cannot be kept on this host: the next backup will read every file",
                metadata: ["error": "\(error)"]
            )
        }
    }

    /// Nil where nothing is to be looked at, or nothing may be.
    private func rechecks(after previous: ManifestHeader?, _ distrusted: DistrustedBlobs) -> BlobRechecks? {
        guard vault.canRead, let previous, let slices = options.recheckSlices else { return nil }
        let slice = ManifestHeader.Recheck(of: slices, after: previous.recheck)
        return BlobRechecks(slice, vault, context, distrusted: distrusted)
    }

    func previousManifest(_ catalogue: Catalogue) async throws -> PreviousManifest {
        do {
            guard vault.canRead else {
                let reader = try await manifests?.latest(of: options.host, besides: options.id)
                return PreviousManifest(reader, logger: context.logger)
            }
            guard let key = try await catalogue.latestManifest(of: options.host, besides: options.id) else {
                return PreviousManifest(nil, logger: context.logger)
            }
            let reader = try await ManifestReader.open(vault, key: key)
            context.logger.debug("compares with the previous manifest", metadata: ["key": "\(key)"])
            return PreviousManifest(reader, logger: context.logger)
        } catch let error as VaultError {
            context.logger.warning("the previous manifest cannot be used", metadata: ["error": "\(error)"])
            return PreviousManifest(nil, logger: context.logger)
        }
    }

    /// Counts files and bytes first, so that progress and time left can be told from the start.
    private func measure(_ tables: [Table], _ source: FileSource) throws {
        for table in tables {
            let listing = try TableListing(table, source: source, measuring: true)
            try Task.checkCancellation()
            context.progress.update {
                $0.plannedFiles += listing.fileCount
                $0.plannedBytes += listing.byteCount ?? 0
            }
        }
        context.progress.update { $0.isPlanComplete = true }
    }
}

extension BackupOptions.Source {
    var description: String {
        switch self {
        case .snapshot(let tag): "snapshot \(tag)"
        case .live: "live"
        }
    }
}
