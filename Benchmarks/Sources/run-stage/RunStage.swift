internal import ArgumentParser
internal import Glibc
internal import Stages

@main
struct RunStage: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run-stage",
        abstract: "Do one stage a number of times: what a profiler or callgrind is put around.",
        discussion: "Without a name it lists the stages."
    )

    @Argument(help: "Of the stage.") var name: String?
    @Option(help: "How often its operations are done.") var rounds = 1

    func run() throws {
        guard let name else {
            for stage in Stage.all { print(stage.name) }
            return
        }
        guard let stage = Stage.all.first(where: { $0.name == name }) else {
            throw ValidationError("There is no stage '\(name)'.")
        }
        // The main thread waits here, and not in Dispatch's loop, which valgrind 3.19 does not survive.
        Task.detached { [rounds] in
            do {
                let prepared = try await stage.prepare()
                let before = Counts.now
                for _ in 0..<rounds { try await prepared.run(stage.operations) }
                let used = Counts.now - before
                print(
                    "\(rounds * stage.operations) operations, \(used.allocations) allocations of \(used.allocatedBytes) bytes"
                )
                Stage.cleanUp()
                Self.exit()
            } catch {
                Stage.cleanUp()
                Self.exit(withError: error)
            }
        }
        while true { pause() }
    }
}
