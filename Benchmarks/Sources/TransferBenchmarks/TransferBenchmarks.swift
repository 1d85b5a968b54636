internal import FoundationEssentials
internal import Glibc
internal import Programs

/// Measures the built `ringvault` beside other programs, in the same minutes on the same files, and writes a report.
///
/// It asserts nothing about time: machines differ, and others are at work on them.
@main
struct TransferBenchmarks {
    static func main() async {
        do {
            let arguments = Array(CommandLine.arguments.dropFirst())
            let options = try Options(arguments)
            if options.wantsHelp {
                print(Options.help, terminator: "")
            } else {
                exit(try await run(options, arguments) ? 0 : 1)
            }
        } catch {
            StandardError.say("TransferBenchmarks: \(error)")
            exit(1)
        }
    }

    /// - Returns: whether all that was asked for has been measured.
    private static func run(_ options: Options, _ arguments: [String]) async throws -> Bool {
        guard FileManager.default.isExecutableFile(atPath: options.binary) else {
            throw BenchmarkError("there is no \(options.binary); 'make build' makes it")
        }
        Interrupt.install()
        let workspace = try Workspace(below: options.directory)
        defer { workspace.remove(workspace.root) }
        let bench = try Bench(options, workspace, commandLine: arguments)
        let holder = try hold(options, workspace, bench)
        defer { withExtendedLifetime(holder) {} }
        var hasFailed = false
        do {
            _ = try bench.isPresent(bench.ringvault.tool)
            for workload in options.workloads {
                let start = ContinuousClock.now
                let count = bench.report.sections.count
                defer {
                    if bench.report.sections.count > count {
                        bench.report.sections[count].seconds = start.duration(to: .now) / .seconds(1)
                    }
                }
                do { try await workload.run(bench) } catch {
                    // What others measure is worth having all the same.
                    try Interrupt.check()
                    bench.note("\(workload.name) was not measured to its end: \(error)")
                    hasFailed = true
                }
                for path in [workspace.data, workspace.delta, workspace.scratch, workspace.root + "/state"] {
                    workspace.remove(path)
                }
            }
            // Figures of little data are nobody's report.
            bench.report.isComplete =
                options.workloads.count == Workload.all.count && !hasFailed && !options.isQuick
        } catch {
            bench.note("\(error): what follows was measured before")
            hasFailed = true
        }
        bench.report.loadAfter = SystemState.load()
        bench.report.verdicts =
            Goal.all.map { $0.verdict(in: bench.report.sections) }
            + StageGoal.all.map { $0.verdict(in: bench.report) }
        try bench.report.write(in: options.reports, isWhole: bench.report.isComplete)
        return !hasFailed
    }

    /// So that figures do not depend on what the host does with memory that was freed before.
    private static func hold(_ options: Options, _ workspace: Workspace, _ bench: Bench) throws -> MemoryHolder? {
        guard options.holdsMemory ?? MemoryHolder.isNeeded else { return nil }
        StandardError.say("making sure that the host leaves memory here")
        let holder = try MemoryHolder(log: workspace.root + "/holder")
        bench.note("freed memory is kept from the host: \(holder.description)")
        return holder
    }
}
