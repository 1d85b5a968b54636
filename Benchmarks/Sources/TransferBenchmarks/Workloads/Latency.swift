/// The same nginx, 50 ms away.
extension Workload {
    /// From a request to its answer.
    static let distance = Duration.milliseconds(50)

    static let latency = Workload(name: "latency", summary: "the same, with 50 ms for each round trip") { bench in
        guard try bench.isPresent(Sink.tool) else { return }
        bench.begin(
            "latency",
            title: "Large files over HTTP, 50 ms away",
            about: """
                As above, through a proxy of the runner's that holds every byte back for 25 ms each way, and a new \
                connection's first for 50 ms more; at most \(DelayingProxy.window >> 20) MiB of a connection are under way, \
                as with TCP's usual windows. "Same memory": one row of Ringvault has so small a budget that its peak \
                is no larger than that of s5cmd with its defaults.
                """
        )
        let source = try await Dataset.large(min(bench.options.size, 4 * Dataset.largeData)).make(bench, copies: 2.1)
        defer { bench.workspace.remove(source.data) }
        let sink = try Sink(bench.workspace)
        defer { bench.workspace.remove(sink.directory) }
        let proxy = try DelayingProxy(to: sink.port, delay: distance / 2)
        let bucket = sink.bucket.through(proxy.endpoint)
        var contenders = [
            S5cmd.upload(source.data, to: bucket, prefix: "s5cmd", .standard),
            S5cmd.upload(source.data, to: bucket, prefix: "s5cmd", .fewLargeFiles),
            Rclone.upload(source.data, to: bucket, prefix: "rclone", .moreAtATime),
        ]
        let vault = Ringvault.Vault.bucket(bucket, prefix: "ringvault")
        let memory = try same(bench, contenders[0], sink) { memory in
            bench.ringvault.upload(source, to: vault, Ringvault.Setting(compression: "none", memory: memory))
        }
        var own = bench.ringvault.upload(source, to: vault, Ringvault.Setting(compression: "none", memory: memory))
        own.name = "ringvault none, same memory"
        contenders =
            [
                own, bench.ringvault.upload(source, to: vault, Ringvault.Setting(compression: "none")),
            ] + contenders
        try Measurement(bench: bench, contenders: bench.present(contenders), source: source, target: sink).run()
    }

    /// The largest of a few budgets with which Ringvault's peak is no larger than the other's, both tried once.
    ///
    /// - Returns: the least budget if no peak is small enough: the report shows both.
    private static func same(
        _ bench: Bench,
        _ other: Contender,
        _ sink: Sink,
        _ own: (String) -> Contender
    ) throws -> String {
        func peak(_ contender: Contender) throws -> Int {
            defer {
                bench.workspace.remove(bench.workspace.scratch)
                try? sink.clear()
            }
            try bench.workspace.makeDirectory(bench.workspace.scratch)
            StandardError.say("latency, peak memory: \(contender.name)")
            return try Child(arguments: contender.steps[0].arguments, environment: contender.environment)
                .run(log: bench.workspace.log).peakMemory
        }
        let least = "33MiB"
        guard try bench.isPresent(other.tool) else { return least }
        let bound = try peak(other)
        for memory in ["256MiB", "192MiB", "128MiB", "96MiB", "64MiB", "48MiB"]
        where try bound > Text.bytes(memory) ?? 0 && peak(own(memory)) <= bound { return memory }
        return least
    }
}
