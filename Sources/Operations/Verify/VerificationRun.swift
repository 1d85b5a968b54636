internal import ObjectStorage
internal import TransferEngine
package import Vault

/// Looks whether backups can be restored: their documents, and every blob that they name, each once.
///
/// Nothing is written. Memory is bounded by `VerifyOptions.memory` for the blobs' names and the pool for their content,
/// however large the vault: where there are more names than fit, the manifests are read again for the next part of them.
package struct VerificationRun: Sendable {
    private let vault: Vault
    private let options: VerifyOptions
    private let context: RunContext

    package init(_ vault: Vault, _ options: VerifyOptions, _ context: RunContext) {
        self.vault = vault
        self.options = options
        self.context = context
    }

    /// - Throws: `StoreError` where the store cannot be reached; `VaultError` with code `.notFound` for a backup that is
    ///   not there. What is damaged is in the report.
    package func run() async throws -> VerificationReport {
        try await withTaskExecutorPreference(context.io) { try await verify() }
    }

    private func verify() async throws -> VerificationReport {
        try context.checkMemory(chunkSize: vault.description.chunkSize)
        let clock = ContinuousClock.now
        let listings = try await listings()
        var report = VerificationReport(level: options.level, share: options.sample.share)
        var census = BlobCensus(level: options.level, sample: options.sample, memory: options.memory)
        let isOfWholeVault = options.subject == .vault
        let check = BlobCheck(vault, options.level, context, isOfWholeVault: isOfWholeVault)
        var (spareBlobs, spareBytes): (Int, Int64) = (0, 0)
        repeat {
            try await readManifests(listings, &census, &report)
            if isOfWholeVault { try await readTrash(&census, &report) }
            let roll = census.finishPass()
            report.blobs += roll.count
            context.progress.update { $0.plannedFiles += roll.count }
            let spare = try await check.run(roll)
            spareBlobs += spare.blobs
            spareBytes += spare.bytes
        } while census.beginNextPass()

        if census.strangeNames > 0 {
            report.add(
                VerificationReport.Problem(
                    object: "blobs/",
                    kind: "document",
                    problem: "manifests name \(census.strangeNames) blobs of a generation that none can have"
                )
            )
        }
        var damage = check.damage
        if !damage.isEmpty { try await findSufferers(listings, &damage) }
        for problem in damage.problems { report.add(problem) }
        report.omittedProblems += damage.omitted
        if isOfWholeVault {
            var others = report.others ?? VerificationReport.Others()
            // Of a sample, the blobs that were left out are not told from those that nobody names.
            if options.sample.share == 1 {
                (others.unreferencedBlobs, others.unreferencedBytes) = (spareBlobs, spareBytes)
            }
            try await lookAround(&others)
            report.others = others
        }
        report.reframedBlobs = check.reframed
        report.receivedBytes = context.progress.snapshot.receivedBytes
        report.elapsed = clock.duration(to: .now)
        return report
    }

    private func listings() async throws -> [Catalogue.Listing] {
        let catalogue = Catalogue(vault)
        guard case .backup(let name, let cluster, let host) = options.subject else {
            return try await catalogue.backups()
        }
        let listing = try await catalogue.find(name, cluster: cluster)
        if let host, !listing.nodes.contains(host) {
            let known = listing.nodes.map(\.description).joined(separator: ", ")
            throw VaultError(
                .notFound,
                "find the node",
                "\(host) in the backup \(listing.id)",
                known.isEmpty ? "no node has finished it" : "it has \(known)"
            )
        }
        return [listing]
    }

    private var host: HostID? {
        guard case .backup(_, _, let host) = options.subject else { return nil }
        return host
    }

    /// Reads every manifest; what is wrong with documents is told the first time only.
    private func readManifests(
        _ listings: [Catalogue.Listing],
        _ census: inout BlobCensus,
        _ report: inout VerificationReport
    ) async throws {
        let isFirst = census.isFirstPass
        for listing in listings {
            try Task.checkCancellation()
            let findings = try await BackupExaminer(vault).examine(listing, host: host) { _, group in
                census.add(group)
            }
            guard isFirst else { continue }
            report.backups += 1
            report.manifests += findings.headers.count
            report.files += findings.read.files
            report.bytes += findings.read.bytes
            if !findings.missingNodes.isEmpty {
                let nodes = findings.missingNodes.map(\.description).joined(separator: ", ")
                report.incomplete.append("\(listing.id): \(nodes)")
            } else if listing.nodes.isEmpty {
                report.incomplete.append("\(listing.id): no node has finished")
            }
            for fault in findings.faults { report.add(Self.problem(fault)) }
        }
    }

    /// What the trash names is not to be lost either: it can be brought back.
    private func readTrash(_ census: inout BlobCensus, _ report: inout VerificationReport) async throws {
        let isFirst = census.isFirstPass
        let trash = try await BackupExaminer(vault).examineTrash { _, group in census.add(group) }
        guard isFirst else { return }
        let condemned = try await BackupExaminer(vault).examineCondemned()
        let keys = try await BackupExaminer(vault).examineKeys()
        for fault in keys + trash.faults + condemned.faults { report.add(Self.problem(fault)) }
        var others = VerificationReport.Others()
        others.trashedManifests = trash.manifests
        others.condemnedLists = condemned.lists
        report.others = others
    }

    private static func problem(_ fault: DocumentFault) -> VerificationReport.Problem {
        var problem = VerificationReport.Problem(
            object: fault.key.description,
            kind: "document",
            problem: fault.reason
        )
        if let backup = fault.backup {
            problem.backups = 1
            problem.nodes = fault.host == nil ? 0 : 1
            problem.sufferers = [
                VerificationReport.Problem.Sufferer(
                    cluster: backup.cluster,
                    backup: backup.backup,
                    hostId: fault.host,
                    table: nil,
                    file: nil
                )
            ]
        }
        return problem
    }

    /// Goes through the manifests once more, for those blobs alone that are bad.
    private func findSufferers(_ listings: [Catalogue.Listing], _ damage: inout Damage) async throws {
        for listing in listings {
            _ = try await BackupExaminer(vault).examine(listing, host: host) { header, group in
                damage.visit(header, group, listing.id)
            }
        }
        guard options.subject == .vault else { return }
        _ = try await BackupExaminer(vault).examineTrash { header, group in
            damage.visit(header, group, try BackupID(cluster: header.cluster, backup: header.backup))
        }
    }

    /// What else lies in the vault.
    private func lookAround(_ others: inout VerificationReport.Others) async throws {
        try await VaultSurroundings.forEachObject(in: vault) { object, kind in
            switch kind {
            case .document, .trash, .condemned: break
            case .stray:
                others.strayCount += 1
                if others.strayObjects.count < 20 { others.strayObjects.append(object.key.description) }
            }
        }
    }
}
