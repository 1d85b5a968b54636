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
    /// Nil where none is asked.
    let node: BackupNode?
    private let manifests: OwnManifests?

    /// - Parameters:
    ///   - node: which takes the snapshot, for `BackupOptions.Source.own`.
    ///   - manifests: what this node has published, for one that may not read it in the vault.
    package init(
        _ vault: Vault,
        _ options: BackupOptions,
        _ context: RunContext,
        directory: RunDirectory? = nil,
        node: BackupNode? = nil,
        manifests: OwnManifests? = nil
    ) {
        self.vault = vault
        self.options = options
        self.context = context
        self.directory = directory
        self.node = node
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

        var outcome: Outcome
        do {
            outcome = try await withFiles(directories, found.tables, journal) { input in
                try await store(input, started: journal?.started, catalogue, publication)
            }
        } catch let error as VaultError where error.code == .stale {
            journal?.remove()  // it would only be older the next time
            throw error
        }
        var warnings = found.warnings
        warnings.add(outcome.warnings)
        context.control.enter(.finishing)
        let isComplete = try await catalogue.complete(options.id, intent)
        journal?.remove()
        var report = BackupReport(
            header: outcome.header,
            isComplete: intent.expectedNodes == nil || !vault.canRead ? nil : isComplete,
            warnings: warnings,
            readBytes: context.progress.snapshot.readBytes,
            resumedBytes: context.progress.snapshot.resumedBytes,
            elapsed: clock.duration(to: .now)
        )
        report.snapshot = outcome.snapshot
        report.isSnapshotKept = outcome.isSnapshotKept
        report.clearedTables = outcome.clearedTables
        report.sweptSnapshots = outcome.sweptSnapshots
        return report
    }

    /// What a backup reads: files that stand still.
    struct Input {
        let source: FileSource
        let passes: BackupPasses
        /// Of the run's own snapshot.
        var record: SnapshotRecord?
        /// Documents of the node that are kept nowhere else.
        var secrets: [ManifestDocument] = []
        /// Nil where nothing is cleared before the end.
        var clearing: SnapshotClearing?
    }

    /// What came of it.
    struct Outcome {
        let header: ManifestHeader
        var warnings: Warnings
        var snapshot: String?
        var isSnapshotKept = false
        var clearedTables = 0
        var sweptSnapshots: [String] = []
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

    /// Calls `body` with files that stand still: the snapshot asked for, or one that is made now and removed after,
    /// unless the run was stopped and it is what the next one is going to go on with.
    private func withFiles(
        _ directories: DataDirectories,
        _ tables: [Table],
        _ journal: BackupJournal?,
        _ body: (Input) async throws -> Outcome
    ) async throws -> Outcome {
        switch options.source {
        case .snapshot(let tag):
            try await body(Input(source: .snapshot(tag), passes: BackupPasses(tables, journal)))
        case .live: try await withLinks(directories, tables, journal, body)
        case .own: try await withOwnSnapshot(directories, journal, body)
        }
    }

    private func store(
        _ input: Input,
        started: Timestamp?,
        _ catalogue: Catalogue,
        _ publication: Publication
    ) async throws -> Outcome {
        var previous: PreviousManifest? = try await previousManifest(catalogue)
        var header = header(started: started ?? .now, input)
        header.previous = previous?.header?.backup
        let distrusted = DistrustedBlobs()
        let rechecks = rechecks(after: previous?.header, distrusted)
        header.recheck = rechecks?.slice
        let chunkSize = vault.description.chunkSize
        var writer = try ManifestWriter(header, chunkSize: chunkSize)
        for document in input.record?.documents ?? [] {
            try writer.write(.document(ManifestDocument(name: document.name, text: document.text)))
        }
        for document in input.secrets { try writer.write(.document(document)) }
        let assembly = ManifestAssembly(
            writer,
            progress: context.progress,
            rechecks: rechecks,
            clearing: input.clearing
        )
        context.control.enter(.measuring)
        try measure(input)
        try await measureMoves(input, catalogue)
        count(input.passes.counts)
        let blobs = BlobWriter(vault, compression: options.compression, avoiding: distrusted)
        var passes = input.passes
        var warnings = Warnings()
        var isFirst = true
        context.control.enter(.transferring)
        while let pass = try passes.next() {
            try assembly.begin(pass.journal, isFirst: isFirst)
            isFirst = false
            // Each pass reads the previous manifest from its start.
            let known = if let first = previous.take() { first } else { try await previousManifest(catalogue) }
            let planner = BackupPlanner(
                pass,
                source: input.source,
                previous: known,
                rechecks: rechecks,
                chunkSize: chunkSize,
                // What is compressed holds its memory so much longer that twice as much would be under way for little.
                pairsPieces: context.pairsPieces(
                    leaseSize: blobs.leaseSize(for: chunkSize) * (blobs.storesPlain ? 1 : 2)
                ),
                assembly: assembly,
                progress: context.progress
            )
            let worker = BackupWorker(
                context: context,
                blobs: blobs,
                assembly: assembly,
                journal: pass.journal,
                rechecks: rechecks
            )
            warnings.add(try await work(planner, worker, input.clearing))
        }
        context.control.enter(.finishing)
        warnings.add(assembly.warnings)
        if let rechecks { warnings.add(rechecks.warnings) }
        let (published, manifest) = try await assembly.publish(
            by: publication,
            at: try options.id.manifestKey(options.host),
            renewing: Renewal(options.dataDirectories, source: input.source, context: context, blobs: blobs, vault)
        )
        await keep(manifest)
        return Outcome(header: published, warnings: warnings)
    }

    /// Goes through one pass.
    ///
    /// - Returns: what the planner has left out.
    private func work(
        _ planner: consuming BackupPlanner,
        _ worker: BackupWorker,
        _ clearing: SnapshotClearing?
    ) async throws -> Warnings {
        var planner = planner
        defer { worker.journal?.flush() }
        try await forEach(atMost: context.sendingWidth(chunkSize: vault.description.chunkSize), on: context.io) {
            guard context.control.admitsWork() else { return nil }
            return try await planner.next()
        } _: { (work: BackupWork) in
            try await worker.run(work)
            clearing?.clearDue(isEnd: false)
        }
        clearing?.clearDue(isEnd: true)  // also of a run that was stopped: what is stored needs no room on the disk
        try context.control.checkStopped()
        return planner.warnings
    }

    private func header(started: Timestamp, _ input: Input) -> ManifestHeader {
        var header = ManifestHeader(
            vault: vault.description.id,
            cluster: options.id.cluster,
            backup: options.id.backup,
            hostId: options.host,
            datacenter: options.datacenter,
            rack: options.rack,
            started: started,
            source: input.source.description,
            dataDirectories: options.dataDirectories.map(\.string)
        )
        if options.source == .live { header.source = options.source.description }
        header.releaseVersion = input.record?.facts.releaseVersion.description
        header.partitioner = input.record?.facts.partitioner
        header.schemaVersion = input.record?.facts.schemaVersion
        if !options.filter.wantsWholeNode {
            header.filter = ManifestHeader.Filter(
                included: options.filter.entries.map(\.text),
                excluded: options.filter.exclusions.map(\.text)
            )
        }
        return header
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
    private func measure(_ input: Input) throws {
        for part in input.passes.parts {
            for planned in part.tables {
                try Task.checkCancellation()
                let (files, bytes): (Int, Int64)
                if let whole = part.journal?.whole(planned.path) {
                    (files, bytes) = (whole.files, whole.bytes)
                } else if let table = planned.table {
                    let listing = try TableListing(table, source: input.source, measuring: true)
                    (files, bytes) = (listing.fileCount, listing.byteCount ?? 0)
                } else {
                    continue
                }
                context.progress.update {
                    $0.plannedFiles += files
                    $0.plannedBytes += bytes
                }
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
        case .own: "own snapshot"
        }
    }
}
