/// One very large file, which is a hole behind its head: it takes no room, and reads as fast as memory.
extension Workload {
    static let hole = Workload(name: "hole", summary: "one large file of zeros, to a directory and uploaded") { bench in
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

        bench.begin(
            "hole-upload",
            title: "One large file, uploaded",
            about: """
                The same file over HTTP to a store of ours that counts and throws away, with no delay: what is \
                measured is one file in many parts. It runs in the runner, and its work is not in the figures.
                """
        )
        let store = try DiscardingStore()
        let bucket = store.bucket
        let uploader = bench.ringvault.upload(
            source,
            to: .bucket(bucket, prefix: "ringvault"),
            Ringvault.Setting(compression: "none")
        )
        var peers = [
            S5cmd.upload(source.data, to: bucket, prefix: "s5cmd", .fewLargeFiles),
            Rclone.upload(source.data, to: bucket, prefix: "rclone", .moreAtATime),
        ]
        for index in peers.indices {
            peers[index].share = Contender.Share(reason: "two rounds: it takes long", rounds: 2)
        }
        try Measurement(bench: bench, contenders: bench.present([uploader] + peers), source: source, target: store)
            .run()
    }
}
