internal import Cassandra
internal import Logging
internal import ObjectStorage
internal import SystemPackage
internal import TransferEngine
internal import Vault

// A backup that takes its own snapshot: taken through the node, gone on with where a paused or killed run has left it, cleared
// table by table.
extension BackupRun {
    /// The id by which the run is known on this host.
    private var runID: String {
        let identity = RunIdentity(
            .backup,
            name: options.id.backup,
            cluster: options.id.cluster,
            host: options.host.description,
            location: vault.store.location
        )
        return (directory?.identity ?? identity).id
    }

    /// Nil without a node to ask.
    func ownSnapshot(_ directories: DataDirectories) throws -> OwnSnapshot? {
        guard let node else { return nil }
        return try OwnSnapshot(node, directories, run: runID, options.ownSnapshot, context)
    }

    /// Calls `body` with the run's own snapshot, and clears it after: not if the run is paused, so that the next one goes on
    /// with it, and not if it is to be kept.
    func withOwnSnapshot(
        _ directories: DataDirectories,
        _ journal: BackupJournal?,
        _ body: (Input) async throws -> Outcome
    ) async throws -> Outcome {
        guard let node, let snapshot = try ownSnapshot(directories) else {
            throw RunError(.invalid, "take a snapshot of", "\(options.host)", "no node is asked")
        }
        context.control.enter(.snapshot)
        let sweep = SnapshotSweep(
            node: node,
            directories: directories,
            state: directory?.state,
            own: snapshot.tag,
            logger: context.logger
        )
        let (lock, swept) = try await sweptAndLocked(sweep)
        defer { withExtendedLifetime(lock) {} }

        var warnings = Warnings()
        let place = journal == nil ? nil : directory?.journal
        let record: SnapshotRecord
        var isNoted = place != nil
        if let place, let standing = try standing(snapshot, directories, place, journal) {
            context.logger.info("goes on with the snapshot that an earlier run has taken")
            record = standing
        } else {
            // First of all: with a record and without its files, files would seem lost.
            if let place { try SnapshotRecord.remove(in: place) }
            let taken = try await snapshot.take(options.filter)
            record = taken.record
            warnings.add(taken.warnings)
            if let place {
                do { try record.write(in: place) } catch {
                    isNoted = false
                    context.logger.warning(
                        "cannot note what the snapshot holds: if this run is stopped, the next takes another",
                        metadata: ["error": "\(error)"]
                    )
                }
            }
        }
        var clearing: SnapshotClearing?
        let result: Result<Outcome, any Error>
        do {
            let tables = try byPath(directories)
            let passes = try passes(record, tables, .snapshot(snapshot.tag), journal, place)
            var input = Input(source: .snapshot(snapshot.tag), passes: passes)
            input.record = record
            input.secrets = try await node.captureSecrets(record.facts)
            // What is cleared is known from the journal alone, and a blob of it that is condemned meanwhile is copied in the
            // store: without a journal, or with a key that only writes, all stays until the backup is published.
            if isNoted, vault.canRead, !options.ownSnapshot.isKept {
                let links = try LiveSnapshot(directories, tag: snapshot.tag)
                clearing = SnapshotClearing(links, tables, logger: context.logger)
            }
            input.clearing = clearing
            result = .success(try await body(input))
        } catch { result = .failure(error) }

        let cleared = clearing?.count ?? 0
        let isKept = try await end(snapshot, isPublished: (try? result.get()) != nil, isNoted: isNoted, place)
        var outcome = try result.get()
        warnings.add(outcome.warnings)
        outcome.warnings = warnings
        outcome.snapshot = record.tag
        outcome.isSnapshotKept = isKept
        outcome.clearedTables = cleared
        outcome.sweptSnapshots = swept.map(\.name)
        return outcome
    }

    /// Clears the snapshot, unless somebody needs it.
    ///
    /// - Returns: whether it stays.
    private func end(
        _ snapshot: OwnSnapshot,
        isPublished: Bool,
        isNoted: Bool,
        _ journal: FilePath?
    ) async throws -> Bool {
        if isPublished, options.ownSnapshot.isKept { return true }
        if !isPublished, isNoted, context.control.stopped?.request == .pause {
            context.logger.info("the snapshot stays for the next run of this backup")
            return true
        }
        // The journal stays: by it the next run knows the files that are live still.
        if let journal { try? SnapshotRecord.remove(in: journal) }
        await snapshot.discard()
        return false
    }

    // MARK: Going on

    private func byPath(_ directories: DataDirectories) throws -> [String: Table] {
        let tables = try directories.tables(matching: options.filter).tables
        return Dictionary(tables.map { ($0.manifestPath, $0) }) { first, _ in first }
    }

    /// The snapshot of an earlier run, if all of it stands that the journals do not have.
    private func standing(
        _ snapshot: OwnSnapshot,
        _ directories: DataDirectories,
        _ place: FilePath,
        _ journal: BackupJournal?
    ) throws -> SnapshotRecord? {
        guard let journal, journal.isResumed, let record = SnapshotRecord.read(in: place) else { return nil }
        let journals = passJournals(place, journal, record.id)
        let flaw =
            record.tag == snapshot.tag.name
            ? try record.flaw(in: try byPath(directories), now: .now) { path in
                journals.contains { $0.whole(path) != nil }
            } : "it was taken under another tag"
        guard let flaw else { return record }
        context.logger.warning(
            "the snapshot of an earlier run cannot be gone on with: a new one is taken, and what is stored is found",
            metadata: ["tag": "\(record.tag)", "why": "\(flaw)"]
        )
        return nil
    }

    private func passes(
        _ record: SnapshotRecord,
        _ tables: [String: Table],
        _ source: FileSource,
        _ journal: BackupJournal?,
        _ place: FilePath?
    ) throws -> BackupPasses {
        guard let journal, let place else {
            return BackupPasses(record, tables, source, journals: [], leastShare: options.leastPass) { _, _ in nil }
        }
        return BackupPasses(
            record,
            tables,
            source,
            journals: passJournals(place, journal, record.id),
            leastShare: options.leastPass
        ) { number, paths in
            do {
                let directory = Self.pass(number, in: place)
                try FileTree.removeAll(directory)
                return try BackupJournal(
                    in: directory,
                    JournalIdentity(vault, options),
                    now: journal.started,
                    tables: paths,
                    snapshot: record.id,
                    logger: context.logger
                )
            } catch {
                context.logger.warning(
                    "part of the journal cannot be made: a run after this one will do more than it had to",
                    metadata: ["error": "\(error)"]
                )
                return nil
            }
        }
    }

    private static func pass(_ number: Int, in place: FilePath) -> FilePath { place.appending("pass-\(number)") }

    /// Those of earlier runs, in the order of their passes.
    private func passJournals(_ place: FilePath, _ journal: BackupJournal, _ snapshot: String) -> [BackupJournal] {
        var journals: [BackupJournal] = []
        while true {
            let directory = Self.pass(journals.count + 1, in: place)
            guard BackupJournal.tables(in: directory) != nil,
                let pass = try? BackupJournal(
                    in: directory,
                    JournalIdentity(vault, options),
                    now: journal.started,
                    snapshot: snapshot,
                    logger: context.logger
                ), pass.tables != nil
            else { return journals }
            journals.append(pass)
        }
    }

    // MARK: Alone

    /// Sweeps, and takes this run's share of the node's first data directory.
    private func sweptAndLocked(_ sweep: SnapshotSweep) async throws -> (DirectoryLock, [SnapshotTag]) {
        let path = options.dataDirectories[0]
        var swept: [SnapshotTag] = []
        if try sweep.hasStrangers, let alone = try? DirectoryLock(path, "sweep") {
            swept = try await sweep.run(isAlone: true)
            withExtendedLifetime(alone) {}
        }
        // Another one may be sweeping.
        for _ in 0..<100 {
            if let lock = try? DirectoryLock(path, "back up", isShared: true) {
                return (lock, swept + (try await sweep.run(isAlone: false)))
            }
            try await Task.sleep(for: .milliseconds(100))
        }
        return (try DirectoryLock(path, "back up", isShared: true), swept)
    }
}
