internal import Benchmark
internal import Stages

/// All stages, by the benchmark library: `make bench-stages` tells what they take, `make bench-check` holds the counts against
/// `Thresholds`.
///
/// Counts are of 1,000 operations, so that a tenth of an allocation can be told.
let benchmarks: @Sendable () -> Void = {
    let allocations = BenchmarkMetric.custom("Allocations", polarity: .prefersSmaller, useScalingFactor: false)
    let bytes = BenchmarkMetric.custom("AllocatedBytes", polarity: .prefersSmaller, useScalingFactor: false)
    let socketCalls = BenchmarkMetric.custom("SocketCalls", polarity: .prefersSmaller, useScalingFactor: false)
    let requests = BenchmarkMetric.custom("Requests", polarity: .prefersSmaller, useScalingFactor: false)

    /// How far a count may be off. A thousandth of nothing is nothing, so a count that is 0 gets a tenth of an operation's.
    func tolerance(_ metric: BenchmarkMetric, isNothing: Bool) -> BenchmarkThresholds {
        if isNothing { return BenchmarkThresholds(absolute: [.p90: 100]) }
        // How often poll is called is the kernel's and the scheduler's doing as well.
        return BenchmarkThresholds(relative: [.p90: metric == requests ? 0 : metric == socketCalls ? 50 : 3])
    }

    for stage in Stage.all {
        let counts = [allocations, bytes] + (stage.isNetwork ? [requests, socketCalls] : [])
        Benchmark(
            stage.name,
            configuration: .init(
                metrics: counts + [.wallClock, .cpuTotal],
                warmupIterations: 2,
                maxDuration: .milliseconds(500),
                maxIterations: 40,
                thresholds: Dictionary(
                    uniqueKeysWithValues: counts.map { ($0, tolerance($0, isNothing: stage.allocatesNothing)) }
                )
            )
        ) { (benchmark: Benchmark, prepared: Stage.Prepared) in
            benchmark.startMeasurement()
            let before = Counts.now
            try await prepared.run(stage.operations)
            let used = Counts.now - before
            benchmark.stopMeasurement()
            func note(_ metric: BenchmarkMetric, _ count: UInt64) {
                benchmark.measurement(metric, Int(count) * 1000 / stage.operations)
            }
            note(allocations, used.allocations)
            note(bytes, used.allocatedBytes)
            if stage.isNetwork {
                note(requests, used.requests)
                note(socketCalls, used.socketCalls)
            }
        } setup: {
            try await stage.prepare()
        } teardown: {
            Stage.cleanUp()
        }
    }
}
