internal import FoundationEssentials
internal import Glibc
internal import Plots
internal import Profiles
internal import Programs

/// One job with its command, what must happen before it, and what it is measured by.
struct JobRun {
    /// What a job took, and what it went into.
    struct Outcome {
        let command: String
        let profile: Profile
        /// CPU seconds of the same command without a profiler, user and system: the median, the least and the most.
        let cpu: Double
        let range: ClosedRange<Double>
        /// Bytes in the vault.
        let stored: Int
    }

    private let job: Job
    private let options: Options
    private let workspace: Workspace

    init(_ job: Job, options: Options, workspace: Workspace, data: Shape.Content) throws {
        self.job = job
        self.options = options
        self.workspace = workspace
    }

    /// Runs the job again and again from the same beginning: bare, for what it takes, and once under the profiler.
    func measure(by profiler: Profiler) throws -> Outcome {
        var seconds: [Double] = []
        for _ in 0..<options.rounds {
            seconds.append(
                try attempt { command, environment in
                    let result = try Program(command, environment: environment).run(.file(workspace.log))
                    guard result.status == 0 else { throw failure(command, result.status) }
                    return result.userSeconds + result.systemSeconds
                }.result
            )
        }
        seconds.sort()
        let cpu = seconds[seconds.count / 2]
        let profiled = try attempt { command, environment in
            try profiler.samples(of: Program(command, environment: environment), workspace, options: options)
        }
        let profile = Profile(
            profiled.result.samples,
            classifier: Classifier(modules: Self.modules, unnamedCodec: job.isRestore ? .decompression : .compression),
            name: profiled.result.demangler.name
        )
        let title = "ringvault: \(job.title)"
        let subtitle = "\(Number.text(cpu)) CPU s; \(profiler.description)"
        let unit = profiler.countsTime ? "ns" : "instructions"
        let base = "\(options.output)/\(job.rawValue)"
        try profile.flameGraph(title: title, subtitle: subtitle, unit: unit).svg
            .write(toFile: base + ".svg", atomically: true, encoding: .utf8)
        try profile.stacks.text.write(toFile: base + ".folded", atomically: true, encoding: .utf8)
        return Outcome(
            command: shownCommand,
            profile: profile,
            cpu: cpu,
            range: seconds[0]...seconds[seconds.count - 1],
            stored: profiled.stored
        )
    }

    private static let modules = [
        "TransferEngine", "ObjectStorage", "Cassandra", "Vault", "Operations", "Commands", "ringvault",
    ]

    /// Prepares, does it, and cleans up.
    private func attempt<Result>(
        _ body: (_ command: [String], _ environment: [String: String]) throws -> Result
    ) throws -> (result: Result, stored: Int) {
        try Interruption.check()
        for path in [workspace.vault, workspace.state, workspace.restored] { workspace.remove(path) }
        defer { for path in [workspace.vault, workspace.state, workspace.restored] { workspace.remove(path) } }
        if job == .upload {
            let server = try UploadTarget(workspace)
            defer { server.stop() }
            return (try body(command(endpoint: server.endpoint), UploadTarget.environment), 0)
        }
        if job == .unchanged || job == .restore || job == .restoreSmall {
            let command = backup("first", location: "file://\(workspace.vault)")
            let result = try Program(command).run(.file(workspace.log))
            guard result.status == 0 else { throw failure(command, result.status) }
        }
        let result = try body(command(endpoint: nil), [:])
        return (result, try workspace.bytes(in: workspace.vault))
    }

    private func command(endpoint: String?) -> [String] {
        let location = "file://\(workspace.vault)"
        switch job {
        case .backupNone, .backupZstd, .smallFiles: return backup("first", location: location)
        case .unchanged: return backup("second", location: location)
        case .upload:
            return backup("first", location: "s3://\(UploadTarget.bucket)/ringvault")
                + ["--endpoint", endpoint ?? "http://127.0.0.1:PORT"]
        case .restore, .restoreSmall:
            return [
                options.binary, "restore", "start", "--location", location, "--name", "first", "--target",
                workspace.restored, "--log-level", "warning",
            ]
        }
    }

    /// Without what differs from machine to machine.
    private var shownCommand: String {
        let words = command(endpoint: nil).map { word in
            word == options.binary
                ? "ringvault"
                : word.split(separator: workspace.root, omittingEmptySubsequences: false).joined(separator: "$DIR")
        }
        return words.joined(separator: " ")
    }

    private func backup(_ name: String, location: String) -> [String] {
        [
            options.binary, "backup", "start", "--location", location, "--name", name, "--data-dir", workspace.data,
            "--snapshot", Shape.snapshot, "--compression", job.compression, "--state-dir", workspace.state,
            "--log-level",
            "warning",
        ]
    }

    private func failure(_ command: [String], _ status: Int32) -> CommandError {
        let log = (try? String(contentsOfFile: workspace.log, encoding: .utf8)) ?? ""
        return CommandError("wait status \(status) of: \(command.joined(separator: " "))\n\(log.suffix(2000))")
    }
}
