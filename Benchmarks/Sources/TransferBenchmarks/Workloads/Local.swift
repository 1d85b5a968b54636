/// Backup and restore from directory to directory, all in memory: no disk and no network hides what programs cost.
extension Workload {
    static let localLarge = Workload(
        name: "local-large",
        summary: "few large files, from directory to directory"
    ) { bench in
        bench.begin(
            "local-large",
            title: "Large files, directory to directory",
            about: """
                Data.db of 160 MB each, to a directory; everything lies on a tmpfs, so no disk is measured. \
                \(changeAbout) \(medusaAbout)
                """
        )
        let source = try await Dataset.large(bench.options.size).make(bench, copies: 3.1, withDelta: true)
        try await local(bench, source, isLarge: true)
    }

    static let localSmall = Workload(
        name: "local-small",
        summary: "many small files, from directory to directory"
    ) { bench in
        bench.begin(
            "local-small",
            title: "Small files, directory to directory",
            about: """
                Files of 10 KiB on average in ten tables, to a directory; everything lies on a tmpfs, so no disk is \
                measured. \(changeAbout) \(medusaAbout)
                """
        )
        let source = try await Dataset.small(files: bench.options.files, averageBytes: 10 << 10)
            .make(bench, copies: 4, withDelta: true)
        try await local(bench, source, isLarge: false)
    }

    private static let changeAbout = """
        "1 % changed" adds SSTables of 1 % of the bytes, as a flush does. "verify" reads and hashes all that is stored; \
        "look" finds out whether all of it is there.
        """
    private static let medusaAbout = """
        Medusa, for which a script of ours stands in for Cassandra, looks at sizes only, so it has no "verify"; its \
        restore is `medusa download`. It makes itself nice(1): beside other work its wall times say nothing.
        """

    private static let twoRounds = Contender.Share(reason: "two rounds: it takes long", rounds: 2)

    private static func local(_ bench: Bench, _ source: Source, isLarge: Bool) async throws {
        defer { bench.workspace.remove(source.data) }
        let vault = Ringvault.Vault.directory(source.scratch + "/vault")
        func own(_ compression: String, _ jobs: Set<Job>) -> Contender {
            var contender = bench.ringvault.all(source, in: vault, Ringvault.Setting(compression: compression))
            contender.steps.removeAll { !jobs.contains($0.job) }
            return contender
        }
        var borg = Borg.contender(source, compression: "lz4")
        borg.share = twoRounds
        var medusa = bench.medusa.contender(source)
        if !isLarge { medusa.share = Contender.Share(reason: "one round: it takes minutes", rounds: 1) }
        var contenders = [
            own("zstd", Set(Job.allCases)), own("none", [.backup]), own("lz4", [.backup]), Restic.contender(source),
            medusa, CopyAndHash.contender(source), borg,
        ]
        if isLarge {
            contenders += [Zstd.contender(source, level: 1), Zstd.contender(source, level: 3)]
            var borg = Borg.contender(source, compression: "zstd,3")
            borg.steps.removeAll { $0.job != .backup }
            borg.share = twoRounds
            contenders.append(borg)
        }
        try Measurement(bench: bench, contenders: bench.present(contenders), source: source).run()
    }
}
