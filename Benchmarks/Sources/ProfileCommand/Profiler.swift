internal import FoundationEssentials
internal import Glibc
internal import Profiles
internal import Programs

/// Who looks on while a program runs.
enum Profiler {
    /// perf looks often: what a function costs is how often it is seen. Says where time goes, the kernel's too.
    case perf(frequency: Int)
    /// valgrind counts every instruction, of the program alone.
    case callgrind

    struct Result {
        let samples: [Sample]
        let demangler: Demangler
    }

    /// - Parameter tool: `auto`, `perf` or `callgrind`.
    static func choose(_ tool: String, frequency: Int, _ workspace: Workspace) throws -> Profiler {
        if tool != "callgrind" {
            let record = Profiler.perfRecord(frequency, to: workspace.root + "/perf.data")
            // A kernel may forbid it, or a machine have no clock for it.
            if Program.isInstalled("perf"), let answer = try? Program(record + ["true"]).run(.kept(isQuiet: true)),
                answer.status == 0
            {
                return .perf(frequency: frequency)
            }
            guard tool == "auto" else { throw CommandError("perf is missing or not allowed here: \(record)") }
        }
        guard Program.isInstalled("valgrind") else {
            throw CommandError("perf is missing or not allowed here, and there is no valgrind")
        }
        return .callgrind
    }

    var countsTime: Bool { if case .perf = self { true } else { false } }

    var description: String {
        switch self {
        case .perf(let frequency): "perf record -e cpu-clock -F \(frequency) --call-graph dwarf"
        case .callgrind: "valgrind --tool=callgrind (instructions, without the kernel's)"
        }
    }

    /// - Throws: `CommandError` if the program fails, or the profiler.
    func samples(of program: Program, _ workspace: Workspace, options: Options) throws -> Result {
        switch self {
        case .perf(let frequency):
            let file = workspace.root + "/perf.data"
            defer { workspace.remove(file) }
            try Self.run(Self.perfRecord(frequency, to: file) + program.arguments, program.environment, workspace)
            let script = try Program(
                ["perf", "script", "--no-inline", "-i", file, "-F", "comm,tid,period,ip,sym,dso"],
                environment: ["LC_ALL": "C"]
            ).run(.kept(isQuiet: true))
            guard script.status == 0 else { throw CommandError("perf script cannot read what perf record has written") }
            return Self.result(PerfScript.samples(script.text), workspace)
        case .callgrind:
            let file = workspace.root + "/callgrind.out"
            defer { workspace.remove(file) }
            let valgrind = ["valgrind", "--tool=callgrind", "--callgrind-out-file=\(file)", "--compress-strings=yes"]
            // valgrind 3.19 gives up at debug information of Swift 6.3 (DWARF 5); names of functions are enough.
            let plain = workspace.root + "/" + (options.binary.split(separator: "/").last ?? "ringvault") + "-stripped"
            try Self.run(["objcopy", "--strip-debug", options.binary, plain], [:], workspace)
            defer { workspace.remove(plain) }
            var environment = program.environment
            environment["LD_PRELOAD"] = try Program.sibling("libWritableSigsuspend.so")
            try Self.run(valgrind + [plain] + program.arguments.dropFirst(), environment, workspace)
            return Self.result(Callgrind.samples(try String(contentsOfFile: file, encoding: .utf8)), workspace)
        }
    }

    /// Stacks are unwound by what compilers say of frames: libraries of Debian have no frame pointers.
    private static func perfRecord(_ frequency: Int, to file: String) -> [String] {
        ["perf", "record", "-q", "-e", "cpu-clock", "-F", "\(frequency)", "--call-graph", "dwarf,8192"]
            // More than an ordinary user may lock, so that no sample is lost while the machine is busy.
            + (geteuid() == 0 ? ["-m", "2048"] : []) + ["-o", file, "--"]
    }

    private static func run(_ arguments: [String], _ environment: [String: String], _ workspace: Workspace) throws {
        let result = try Program(arguments, environment: environment).run(.file(workspace.log))
        guard result.status == 0 else {
            let log = (try? String(contentsOfFile: workspace.log, encoding: .utf8)) ?? ""
            throw CommandError(
                "wait status \(result.status) of: \(arguments.joined(separator: " "))\n\(log.suffix(2000))"
            )
        }
    }

    private static func result(_ samples: [Sample], _ workspace: Workspace) -> Result {
        let symbols = Set(samples.flatMap { $0.frames.compactMap(\.symbol) })
        return Result(samples: samples, demangler: Demangler(symbols, directory: workspace.root))
    }
}
