internal import Limits

/// What the stages of a backup cost at least on this machine: it is measured in the same run as what is compared with it.
extension Workload {
    static let limits = Workload(name: "limits", summary: "what each stage costs at least on this machine") { bench in
        let source = try await Dataset.large(Dataset.largeData).make(bench, copies: 4)
        defer { bench.workspace.remove(source.data) }
        StandardError.say("measuring what each stage costs at least")
        bench.report.limits = try Limits.measure(
            sample: source.data,
            directory: bench.workspace.root,
            bytes: bench.options.isQuick ? 32 << 20 : 256 << 20,
            rounds: bench.options.rounds
        )
        try Interrupt.check()
    }
}
