internal import Cassandra
package import ObjectStorage
internal import SystemPackage
internal import TransferEngine
package import Vault

/// One restore of one node's files into target directories.
///
/// Two passes over the manifest: the first only looks, the second writes. Every byte is checked against its hash
/// before it is written, a file gets its name when it is whole, and a killed restore goes on where it was.
package struct RestoreRun: Sendable {
    private let vault: Vault
    private let options: RestoreOptions
    private let context: RunContext
    /// Of the manifest, where it is known already.
    private let key: ObjectKey?

    package init(_ vault: Vault, _ options: RestoreOptions, _ context: RunContext, key: ObjectKey? = nil) {
        self.vault = vault
        self.options = options
        self.context = context
        self.key = key
    }

    /// - Throws: `RunError`, `StoreError`, `VaultError`, `RunStopped`, or `CancellationError`; what was restored so far stays.
    package func run() async throws -> RestoreReport {
        try await context.control.run {
            try await withTaskExecutorPreference(context.io) { try await fill() }
        }
    }

    /// As `run`, for a caller that is stopped with all it does.
    func fill() async throws -> RestoreReport {
        let chunkSize = vault.description.chunkSize
        context.control.enter(.preparing)
        try context.checkMemory(chunkSize: chunkSize)
        let clock = ContinuousClock.now
        let key = try await manifestKey()
        try prepareTargets()
        let locks = try options.targets.map { try DirectoryLock($0, "restore to") }
        defer { withExtendedLifetime(locks) {} }

        let header = try await survey(key)
        let worker = RestoreWorker(
            context: context,
            blobs: BlobReader(vault, pool: context.pool),
            chunkSize: chunkSize,
            overwrites: options.overwrites
        )
        var planner = RestorePlanner(try await ManifestReader.open(vault, key: key), options)
        context.control.enter(.transferring)
        try await forEach(atMost: context.width(chunkSize: chunkSize), on: context.io) {
            guard context.control.admitsWork() else { return nil }
            return try await planner.next()
        } _: { work in
            try await worker.run(work)
        }
        try context.control.checkStopped()
        context.control.enter(.finishing)
        // One call for all files: names and content are durable before success is told.
        for target in options.targets { try FileTree.syncFileSystem(of: target) }
        let done = context.progress.snapshot
        guard done.doneFiles == done.plannedFiles else {
            throw RunError(
                .failed,
                "restore",
                options.backup,
                "\(done.doneFiles) of \(done.plannedFiles) files were written: this is a bug in ringvault"
            )
        }
        return RestoreReport(
            source: header,
            files: done.doneFiles,
            bytes: done.doneBytes,
            keptFiles: done.reusedFiles,
            keptBytes: done.reusedBytes,
            receivedBytes: done.receivedBytes,
            warnings: planner.warnings,
            elapsed: clock.duration(to: .now)
        )
    }

    private func manifestKey() async throws -> ObjectKey {
        if let key { return key }
        return try await RestoreSelection.key(options.backup, cluster: options.cluster, host: options.host, in: vault)
    }

    private func prepareTargets() throws {
        guard !options.targets.isEmpty else {
            throw RunError(.invalid, "restore", options.backup, "no target is given")
        }
        var seen: Set<[UInt64]> = []
        for target in options.targets {
            try FileTree.makeDirectories(target)
            let status = try FileStatus(of: target, followingLinks: true)
            guard seen.insert([status.device, status.inode]).inserted else {
                throw RunError(.invalid, "restore to", "\(target)", "it is given twice")
            }
        }
    }

    private func survey(_ key: ObjectKey) async throws -> ManifestHeader {
        var survey = RestoreSurvey(options)
        var manifest = try await ManifestReader.open(vault, key: key)
        while let line = try await manifest.next() { try survey.take(line) }
        if survey.tables == 0, !options.filter.entries.isEmpty {
            let wanted = options.filter.entries.map(\.text).joined(separator: ", ")
            throw RunError(.notFound, "restore", wanted, "the backup has no such keyspace or table")
        }
        try survey.checkSpace()
        context.progress.update { [files = survey.files, bytes = survey.bytes, missing = survey.missingBytes] in
            $0.plannedMoves = missing
            $0.plannedFiles = files
            $0.plannedBytes = bytes
            $0.isPlanComplete = true
        }
        return manifest.header
    }
}
