internal import FoundationEssentials
internal import Glibc
internal import Limits
internal import MachineFacts
internal import Profiles
internal import Programs

/// Runs the built `ringvault` under a profiler, and tells what its CPU seconds went into.
@main
struct ProfileCommand {
    static func main() async {
        do {
            let options = try Options(Array(CommandLine.arguments.dropFirst()))
            if options.wantsHelp { return print(Options.help, terminator: "") }
            try await run(options)
        } catch {
            say("profile: \(error)")
            exit(1)
        }
    }

    private static func run(_ options: Options) async throws {
        guard FileManager.default.isExecutableFile(atPath: options.binary) else {
            throw CommandError("there is no \(options.binary); 'make build' makes it")
        }
        try FileManager.default.createDirectory(atPath: options.output, withIntermediateDirectories: true)
        Interruption.install()
        let workspace = try Workspace(below: options.directory)
        defer { workspace.remove() }
        let holder = try hold(options, workspace)
        defer { withExtendedLifetime(holder) {} }
        let profiler = try Profiler.choose(options.tool, frequency: options.frequency, workspace)
        say("profiling by \(profiler.description)")
        let facts = MachineFacts(directory: workspace.root, program: options.binary)
        var note = Note(facts: facts, profiler: profiler.description, options: options, isHeld: holder != nil)
        for shape in Shape.allCases {
            let jobs = options.jobs.filter { $0.shape == shape }
            guard !jobs.isEmpty else { continue }
            say("writing the \(shape.rawValue) files")
            let data = try await shape.write(workspace.data, options)
            defer { workspace.remove(workspace.data) }
            let limits: Limits?
            if profiler.countsTime, !options.isWithoutLimits {
                say("measuring what stages cost at least")
                limits = try Limits.measure(
                    sample: workspace.data,
                    directory: workspace.root,
                    bytes: 128 << 20,
                    rounds: 3
                )
            } else {
                limits = nil
            }
            note.add(shape, data, limits)
            for job in jobs {
                say("\(job.rawValue)")
                let run = try JobRun(job, options: options, workspace: workspace, data: data)
                note.add(job, try run.measure(by: profiler), data, limits)
            }
        }
        let path = options.output + "/profile.md"
        try note.text.write(toFile: path, atomically: true, encoding: .utf8)
        print(note.text)
        print("written to \(path), with a flame graph and folded stacks of each job beside it")
    }

    /// So that figures do not depend on what the host does with memory that was freed before.
    private static func hold(_ options: Options, _ workspace: Workspace) throws -> MemoryHolder? {
        guard options.holdsMemory ?? MemoryHolder.isNeeded else { return nil }
        say("making sure that the host leaves memory here")
        let holder = try MemoryHolder(log: workspace.root + "/holder")
        say(holder.description)
        return holder
    }

    static func say(_ text: String) {
        let bytes = Array((text + "\n").utf8)
        _ = unsafe write(2, bytes, bytes.count)
    }
}

/// Why nothing could be profiled.
struct CommandError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
