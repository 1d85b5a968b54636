/// Measures how much of what its memory allows a backup gets out of a store that lets every request wait.
///
/// With a budget of M bytes in chunks of C, M / C chunks can be under way; if each were gone after one waiting time t,
/// M / t bytes a second would be stored. The budget is so small that nothing else is a limit.
struct LatencyMeasurement {
    static let delay = Duration.milliseconds(50)
    static let memory = 8 << 20
    static let chunk = 1 << 20
    /// Bytes a second that would go if memory were always full of chunks under way.
    static var allowed: Double { Double(memory / chunk * chunk) / (delay / .seconds(1)) }

    /// Two kinds of store that there are.
    private static let stores = [
        (name: "store with If-None-Match", honoursConditions: true),
        (name: "store that ignores it", honoursConditions: false),
    ]

    let workspace: Workspace
    let binary: String
    let rounds: Int

    func run(_ set: DataSet) async throws -> Report.Section {
        try workspace.requireSpace(set.expectedBytes)
        Measurement.say("making the files of \(set.workload)")
        defer { workspace.remove(workspace.data) }
        try await set.generate()
        let data = try workspace.content(of: workspace.data)
        var section = Report.Section(workload: set.workload, files: data.files, bytes: data.bytes)
        section.lines = Self.stores.map { Report.Line(contender: $0.name, step: "backup") }
        for round in 0..<rounds {
            for (index, store) in Self.stores.enumerated() {
                Measurement.say("\(set.workload), round \(round + 1) of \(rounds): \(store.name)")
                let (usage, flow) = try measure(honoursConditions: store.honoursConditions, data)
                section.lines[index].rounds.append(usage)
                section.lines[index].flows.append(flow)
                section.lines[index].requests = flow.requests
            }
        }
        return section
    }

    private func measure(
        honoursConditions: Bool,
        _ data: Workspace.Content
    ) throws -> (Usage, DistantStore.Flow) {
        let store = try DistantStore(delay: Self.delay, honoursConditions: honoursConditions)
        let common = ["--location", "s3://\(Sink.bucket)/ringvault", "--endpoint", store.endpoint]
        let initiate = [binary, "vault", "init", "--chunk-size", "\(Self.chunk)"] + common
        try workspace.run(initiate, environment: Sink.environment)
        let before = store.flow.requests
        let backup =
            [binary, "backup", "start", "--name", "first", "--data-dir", workspace.data]
            + ["--snapshot", DataSet.snapshot, "--compression", "none", "--memory", "\(Self.memory)"]
            + ["--log-level", "warning"] + common
        let usage = try Child(arguments: backup, environment: Sink.environment).run(log: workspace.log)
        var flow = store.flow
        flow.requests = flow.requests - before
        guard flow.bytes * 1000 >= data.bytes * 999 else {
            throw BenchmarkError("the distant store got \(flow.bytes) bytes of \(data.bytes)")
        }
        return (usage, flow)
    }
}
