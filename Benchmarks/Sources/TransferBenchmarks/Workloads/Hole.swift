/// One very large file, which is a hole behind its head: it takes no room, and reads as fast as memory.
extension Workload {
    static let hole = Workload(name: "hole", summary: "one very large file of zeros, to a directory") { bench in
        let source = try await Dataset.hole(bench.options.hole).make(bench, copies: 1, withDelta: true)
        defer { bench.workspace.remove(source.data) }
        bench.begin(
            "hole",
            title: "One large file, to a directory",
            about: """
                One SSTable whose Data.db is a hole behind its first 64 KiB, so that reading, hashing and bookkeeping are \
                measured. Its zeros take no room in any of the stores. "1 % changed" adds a second SSTable of a \
                hundredth of its size, a hole as well. No restore: what comes back are zeros, not holes.
                """
        )
        let vault = Ringvault.Vault.directory(source.scratch + "/vault")
        var own = bench.ringvault.all(source, in: vault, Ringvault.Setting())
        own.steps.removeAll { $0.job == .restore }
        var restic = Restic.contender(source)
        restic.steps.removeAll { ![.backup, .unchanged].contains($0.job) }
        restic.share = Contender.Share(reason: "one round: it takes long", rounds: 1)
        let sum = Contender(
            tool: Tool("sha256sum"),
            name: "sha256sum",
            steps: [
                Contender.Step(
                    job: .backup,
                    arguments: ["sh", "-c", "find \"$1\" -type f -print0 | xargs -0 sha256sum", "sh", source.data]
                )
            ],
            share: Contender.Share(reason: "one round: the floor, on one core", rounds: 1)
        )
        try Measurement(bench: bench, contenders: bench.present([own, restic, sum]), source: source).run()
    }
}
