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

        let everybody = Contender.all(binary: options.binary, data: workspace.data, scratch: workspace.scratch)
        var versions: [String: String] = [:]
        var present: [Contender] = []
        for contender in everybody {
            let version = try? workspace.output(of: contender.tool.version)
            let program = contender.tool.program.split(separator: "/").last.map(String.init) ?? ""
            versions[program] = version.map { firstLine($0) } ?? "missing: not installed, so not measured"
            if version != nil { present.append(contender) }
        }
        let measurement = Measurement(workspace: workspace, contenders: present, rounds: options.rounds)
        var report = Report(
            date: Date.now.formatted(.iso8601.year().month().day()),
            commit: commit(workspace),
            machine: Machine(),
            loadBefore: Machine.load(),
            loadAfter: 0,
            rounds: options.rounds,
            versions: versions,
            runnerMemory: 0
        )
        for kind in options.kinds {
            let set = DataSet(kind, root: workspace.data, size: options.size, files: options.files)
            report.sections.append(try await measurement.run(set))
        }
        report.loadAfter = Machine.load()
        report.runnerMemory = peakMemory()
        try write(report, in: options.reports)
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
