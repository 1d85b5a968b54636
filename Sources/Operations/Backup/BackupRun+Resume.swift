internal import Cassandra
internal import Logging
internal import TransferEngine
internal import Vault

// What lets a backup go on where an earlier run of it was stopped or killed: its journal, and its links to live files.
extension BackupRun {
    /// The journal of this backup; nil where none is kept, or none can be.
    func openJournal() -> BackupJournal? {
        guard let directory else { return nil }
        do {
            let journal = try BackupJournal(
                in: directory.journal,
                JournalIdentity(vault, options),
                now: .now,
                logger: context.logger
            )
            if journal.isResumed {
                context.logger.info(
                    "goes on with a backup that was begun before",
                    metadata: ["started": "\(journal.started)"]
                )
            }
            return journal
        } catch {
            context.logger.warning(
                "there is no journal: if this run is stopped, the next will begin anew",
                metadata: ["error": "\(error)"]
            )
            return nil
        }
    }

    /// Counts what earlier runs of the backup read and stored.
    func count(_ earlier: JournalCounts) {
        context.progress.update {
            $0.storedBlobs += earlier.storedBlobs
            $0.storedBytes += earlier.storedBytes
            $0.newBytes += earlier.newBytes
            $0.readBytes += earlier.readBytes
        }
    }

    /// Ends what a run of this very backup left undone that was killed after it had published the manifest.
    ///
    /// - Returns: nil if the manifest that stands is not that of such a run.
    func finishPublished(
        _ directories: DataDirectories,
        _ catalogue: Catalogue,
        since start: ContinuousClock.Instant
    ) async throws -> BackupReport? {
        // A node that may only write cannot see whose manifest it is.
        guard vault.canRead, let directory,
            let started = BackupJournal.start(in: directory.journal, of: JournalIdentity(vault, options))
        else { return nil }
        let header = try await ManifestReader.open(vault, key: try options.id.manifestKey(options.host)).header
        guard header.started == started else { return nil }
        context.logger.info("an earlier run has published this backup; what it left undone is finished")
        let intent = try await catalogue.intent(of: options.id)
        let isComplete = try await catalogue.complete(options.id, intent)
        switch options.source {
        case .snapshot: break
        case .live:
            let lock = try DirectoryLock(options.dataDirectories[0], "link the live files of")
            removeLinks(try LiveSnapshot(directories, tag: try linkTag))
            withExtendedLifetime(lock) {}
        case .own: if !options.ownSnapshot.isKept { try await ownSnapshot(directories)?.discard() }
        }
        BackupJournal.remove(directory.journal, logger: context.logger)
        return BackupReport(
            header: header,
            isComplete: intent.expectedNodes == nil ? nil : isComplete,
            warnings: Warnings(),
            readBytes: 0,
            resumedBytes: header.totals.bytes,
            elapsed: start.duration(to: .now)
        )
    }

    /// Calls `body` with hard links to the live files.
    func withLinks(
        _ directories: DataDirectories,
        _ tables: [Table],
        _ journal: BackupJournal?,
        _ body: (Input) async throws -> Outcome
    ) async throws -> Outcome {
        // The links of a second run would replace those of the first.
        let lock = try DirectoryLock(options.dataDirectories[0], "link the live files of")
        defer { withExtendedLifetime(lock) {} }
        let snapshot = try LiveSnapshot(directories, tag: try linkTag)
        var warnings = try makeLinks(snapshot, tables, journal)
        let result: Result<Outcome, any Error>
        do {
            let input = Input(source: .snapshot(snapshot.tag), passes: BackupPasses(tables, journal))
            result = .success(try await body(input))
        } catch { result = .failure(error) }
        if case .failure = result, journal != nil, context.control.stopped != nil {
            context.logger.info("the links to live files stay for the next run of this backup")
        } else {
            removeLinks(snapshot)
        }
        var outcome = try result.get()
        warnings.add(outcome.warnings)
        outcome.warnings = warnings
        return outcome
    }

    /// The tag of the hard links to this node's live files.
    var linkTag: SnapshotTag {
        get throws { try SnapshotTag(SnapshotTag.ownPrefix + options.host.description) }
    }

    /// Links the live files, unless the links of an earlier run of this backup stand.
    func makeLinks(_ snapshot: LiveSnapshot, _ tables: [Table], _ journal: BackupJournal?) throws -> Warnings {
        let links = links(snapshot)
        if let links, journal?.isResumed == true, try links.stand(in: tables, tag: snapshot.tag) {
            context.logger.info("goes on with the links to live files that an earlier run has made")
            return Warnings()
        }
        try links?.forget()
        let warnings = try snapshot.make(for: tables)
        do {
            try links?.keep(tables, tag: snapshot.tag)
        } catch {
            // They stand all the same; the next run will make its own.
            context.logger.warning("cannot note the links to live files", metadata: ["error": "\(error)"])
        }
        return warnings
    }

    func removeLinks(_ snapshot: LiveSnapshot) {
        do {
            try snapshot.remove()
            try links(snapshot)?.forget()
        } catch {
            // The backup stands or has failed already; links left over are removed by the next run.
            context.logger.warning("cannot remove the links to live files", metadata: ["error": "\(error)"])
        }
    }

    private func links(_ snapshot: LiveSnapshot) -> LiveLinks? {
        guard let directory else { return nil }
        return try? LiveLinks(in: directory.state, snapshot.tag, snapshot.directories, run: directory.identity.id)
    }
}
