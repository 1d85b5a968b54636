internal import FoundationEssentials
internal import Glibc

/// Measures the built `ringvault` beside other programs, in the same minutes on the same files, and writes a report.
///
/// It asserts nothing about time: machines differ, and others are at work on them.
@main
struct TransferBenchmarks {
    static func main() async {
        do {
            let options = try Options(Array(CommandLine.arguments.dropFirst()))
            if options.wantsHelp {
                print(Options.help, terminator: "")
            } else {
                try await run(options)
            }
        } catch {
            StandardError.write("TransferBenchmarks: \(error)\n")
            exit(1)
        }
    }

    private static func run(_ options: Options) async throws {
        guard FileManager.default.isExecutableFile(atPath: options.binary) else {
            throw BenchmarkError("there is no \(options.binary); 'make build' makes it")
        }
        Interrupt.install()
        let workspace = try Workspace(below: options.directory)
        defer { workspace.remove(workspace.root) }

        var report = Report(
            date: Date.now.formatted(.iso8601.year().month().day()),
            commit: commit(workspace),
            machine: Machine(),
            loadBefore: Machine.load(),
            loadAfter: 0,
            rounds: options.rounds,
            versions: [:],
            runnerMemory: 0
        )
        for workload in options.workloads {
            if let section = try await measure(workload, options, workspace, &report.versions) {
                report.sections.append(section)
            }
        }
        report.loadAfter = Machine.load()
        report.runnerMemory = peakMemory()
        try write(report, in: options.reports)
    }

    /// - Returns: nil if what the workload cannot do without is missing; `versions` say so.
    private static func measure(
        _ workload: Workload,
        _ options: Options,
        _ workspace: Workspace,
        _ versions: inout [String: String]
    ) async throws -> Report.Section? {
        let set = DataSet(workload, root: workspace.data, size: options.size, files: options.files)
        switch workload {
        case .large, .small:
            let all = Contender.all(binary: options.binary, data: workspace.data, scratch: workspace.scratch)
            let present = all.filter { isPresent($0.tool, workspace, &versions) }
            return try await Measurement(workspace: workspace, contenders: present, rounds: options.rounds)
                .run(set, copies: 3)
        case .upload:
            guard isPresent(("nginx", ["nginx", "-v"]), workspace, &versions) else {
                Measurement.say("nginx is missing: no uploads are measured")
                return nil
            }
            let directory = workspace.root + "/sink"
            defer { workspace.remove(directory) }
            let sink = try Sink(directory)
            let present = Contender.uploaders(binary: options.binary, data: workspace.data, sink: sink)
                .filter { isPresent($0.tool, workspace, &versions) }
            return try await Measurement(
                workspace: workspace,
                contenders: present,
                rounds: options.rounds,
                sink: sink
            ).run(set, copies: 2)
        case .latency:
            _ = isPresent((options.binary, [options.binary, "--version"]), workspace, &versions)
            return try await LatencyMeasurement(workspace: workspace, binary: options.binary, rounds: options.rounds)
                .run(set)
        case .incremental:
            _ = isPresent((options.binary, [options.binary, "--version"]), workspace, &versions)
            return try await IncrementalMeasurement(
                workspace: workspace,
                binary: options.binary,
                rounds: options.rounds
            )
            .run(set)
        }
    }

    /// Whether the program is there; notes what it says of its version.
    private static func isPresent(
        _ tool: (program: String, version: [String]),
        _ workspace: Workspace,
        _ versions: inout [String: String]
    ) -> Bool {
        let version = try? workspace.output(of: tool.version)
        let program = tool.program.split(separator: "/").last.map(String.init) ?? ""
        versions[program] = version.map { firstLine($0) } ?? "missing: not installed, so not measured"
        return version != nil
    }

    private static func write(_ report: Report, in directory: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let name = "\(directory)/\(report.date)"
        try report.markdown.write(toFile: name + ".md", atomically: true, encoding: .utf8)
        try encoder.encode(report).write(to: URL(filePath: name + ".json"))
        print("\n" + report.markdown)
        print("written to \(name).md and \(name).json")
    }

    private static func commit(_ workspace: Workspace) -> String {
        let text = try? workspace.output(of: ["git", "describe", "--always", "--dirty", "--exclude", "*"])
        return text.map { firstLine($0) } ?? "unknown"
    }

    private static func firstLine(_ text: String) -> String {
        String(text.prefix { $0 != "\n" }.filter { $0 != "*" }.drop { $0 == " " })
    }

    private static func peakMemory() -> Int {
        var usage = rusage()
        unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_maxrss * 1024
    }
}
