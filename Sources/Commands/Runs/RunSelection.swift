internal import ArgumentParser
internal import Operations
internal import SystemPackage
internal import TransferEngine

/// Which run of this host a command means, and how its answer is printed.
struct RunSelection: ParsableArguments {
    @Argument(help: "Name of the backup; may be left out where only one is meant.")
    var name: String?

    @OptionGroup var state: StateOptions
    @OptionGroup var global: GlobalOptions

    /// Runs of that kind and name, the latest first.
    func entries(_ kind: RunIdentity.Kind) throws -> [RunList.Entry] {
        guard let path = try state.path(try global.settings()) else {
            throw ValidationError("this user has no home: give the state directory with --state-dir")
        }
        return try RunList(path).entries(kind).filter { name == nil || $0.run.backup == name }
    }

    /// The one run of that kind that is at work.
    func running(_ kind: RunIdentity.Kind) throws -> RunList.Entry {
        let running = try entries(kind).filter { $0.run.state == .running }
        guard let first = running.first else {
            throw RunError(
                .notFound,
                "reach",
                name.map { "the \(kind.rawValue) '\($0)'" } ?? "a \(kind.rawValue)",
                "none is running on this host, or it runs with another --state-dir"
            )
        }
        guard running.count == 1 else {
            let names = running.map { "'\($0.run.backup)'" }.joined(separator: ", ")
            throw RunError(.invalid, "choose a \(kind.rawValue)", "", "\(names) are running: say which")
        }
        return first
    }

    /// Sends the request to the one run at work; its state after that.
    func ask(_ kind: RunIdentity.Kind, _ request: ControlRequest) throws -> RunList.Entry {
        let entry = try running(kind)
        let answer = try RunList.ask(request, of: entry.path)
        guard let run = answer.run else {
            throw RunError(.failed, "reach the \(kind.rawValue)", "'\(entry.run.backup)'", answer.error ?? "")
        }
        return RunList.Entry(path: entry.path, run: run)
    }

    func print(_ runs: [RunState]) throws {
        try global.output(try global.settings()).print(RunResult(runs: runs))
    }
}
