import FoundationEssentials
import Operations
import Subprocess
import SystemPackage
import TestSupport
import Testing
import TransferEngine

/// `stop`, `status`, `limit` and the hours of `start`, by the real program.
@Suite(.serialized, .timeLimit(.minutes(10))) struct `Commands for runs` {
    /// A node whose backup takes long at the rate it is started with.
    private struct Slow {
        let node: CloudNode
        let place: [String]
        var backup: [String] {
            node.backup + place + [
                "--name", "slow", "--read-rate-limit", "200kB/s", "--compression", "none", "--memory", "4MiB",
            ]
        }

        init(in root: FilePath) async throws {
            node = try CloudNode(in: root, files: 6, size: 2_000_000)
            place = ["--location", "file://\(root)/vault"]
            let made = try await node.run(["vault", "init", "--chunk-size", "1MiB"] + place)
            try #require(made.status == 0, "\(made.errors)")
        }

        /// The one run there is, as its file has it.
        func state(_ kind: RunIdentity.Kind = .backup) -> RunState? {
            let runs = node.root.appending("state/runs")
            let names = (try? DirectoryListing(of: runs).names) ?? []
            return names.first { $0.hasPrefix(kind.rawValue) }.flatMap { RunState.read(in: runs.appending($0)) }
        }

        /// Starts the slow backup; calls `body` when it transfers, and returns how it ended.
        func during(
            _ more: [String] = [],
            _ body: @escaping @Sendable () async throws -> Void
        ) async throws -> Program.Answer {
            try await withThrowingTaskGroup(of: Program.Answer?.self) { group in
                group.addTask { try await node.run(backup + more) }
                group.addTask {
                    await wait { state().map { $0.state == .running && $0.phase == .transferring } ?? false }
                    try await body()
                    return nil
                }
                var answer: Program.Answer?
                while let next = try await group.next() { answer = answer ?? next }
                return try #require(answer)
            }
        }
    }

    @Test(arguments: [("--pause", RunState.Status.paused), ("--cancel", .cancelled)])
    func `stop a backup, which ends with status 75 and goes on where it was`(
        mode: String,
        status: RunState.Status
    ) async throws {
        try await withTemporaryDirectory { root in
            let slow = try await Slow(in: root)
            let ended = try await slow.during {
                let stopped = try await slow.node.run(["backup", "stop", mode, "--wait", "--output", "json"])
                #expect(stopped.status == 0, "\(stopped.errors)")
                #expect(stopped.output.contains("\"state\" : \"\(status.rawValue)\""))
            }
            #expect(ended.status == 75, "\(ended.errors)")
            #expect(ended.errors.contains("the same command goes on where it was"))
            #expect(slow.state()?.state == status)
            let shown = try await slow.node.run(["backup", "status"])
            #expect(shown.output.contains(status.rawValue))
            #expect(shown.output.contains("asked to by 'ringvault backup stop'"))
            let again = try await slow.node.run(slow.backup + ["--read-rate-limit", "unlimited", "--output", "json"])
            #expect(again.status == 0, "\(again.errors)")
            #expect(slow.state()?.state == .completed)
            let restored = try await slow.node.run(slow.node.restore + slow.place + ["--name", "slow"])
            #expect(restored.status == 0, "\(restored.errors)")
            #expect(try slow.node.restored() == slow.node.original())
        }
    }

    @Test func `show what a backup is at, change its limits, and keep a second one out`() async throws {
        try await withTemporaryDirectory { root in
            let slow = try await Slow(in: root)
            let ended = try await slow.during(["--read-rate-limit", "50kB/s"]) {
                let shown = try await slow.node.run(["backup", "status", "slow"])
                #expect(shown.status == 0, "\(shown.errors)")
                for words in ["RUNNING, transferring", "planned   11.4 MiB in 6 files", "read 48.8 KiB/s"] {
                    #expect(shown.output.contains(words), "\(shown.output)")
                }
                let second = try await slow.node.run(slow.backup)
                #expect(second.status == 4)
                #expect(second.errors.contains("it is running on this host already"))
                let nothing = try await slow.node.run(["backup", "limit"])
                #expect(nothing.isUsageError(naming: "--read-rate"))
                let other = try await slow.node.run(["backup", "limit", "other", "--read-rate", "1MiB/s"])
                #expect(other.status == 3)
                let wrong = try await slow.node.run(["restore", "stop"])
                #expect(wrong.status == 3)
                let faster = try await slow.node.run(["backup", "limit", "--read-rate", "unlimited"])
                #expect(faster.status == 0, "\(faster.errors)")
                #expect(faster.output.contains("read unlimited"))
            }
            // Without the new limit it would take four minutes.
            #expect(ended.status == 0, "\(ended.errors)")
            #expect(slow.state()?.state == .completed)
            #expect(slow.state()?.numbers.readBytes == 12_000_000)
        }
    }

    @Test func `say of a killed backup that it was interrupted`() async throws {
        try await withTemporaryDirectory { root in
            let slow = try await Slow(in: root)
            let killed = try await Program.run(slow.backup, environment: slow.node.environment, ending: .kill) {
                await wait { slow.state()?.phase == .transferring }
            }
            #expect(killed == .signaled(9))
            let shown = try await slow.node.run(["backup", "status"])
            #expect(shown.output.contains("INTERRUPTED"), "\(shown.output)")
            let stopped = try await slow.node.run(["backup", "stop"])
            #expect(stopped.status == 3)
        }
    }

    @Test func `pause at SIGTERM`() async throws {
        try await withTemporaryDirectory { root in
            let slow = try await Slow(in: root)
            let node = slow.node
            let status = try await Program.run(slow.backup, environment: node.environment, ending: .terminate) {
                await wait { slow.state()?.phase == .transferring }
            }
            #expect(status == .exited(75))
            #expect(slow.state()?.state == .paused)
            #expect(slow.state()?.error == "SIGTERM")
        }
    }

    @Test func `wait for a window, and leave it when they are stopped`() async throws {
        try await withTemporaryDirectory { root in
            let slow = try await Slow(in: root)
            // Twelve hours away, whatever the time is.
            let now = Int64(Date.now.timeIntervalSince1970)
            func clock(_ hours: Int64) -> String {
                let time = (now / 3600 + hours) % 24
                return "\(time < 10 ? "0" : "")\(time):00"
            }
            let window = "\(clock(12))-\(clock(13))@UTC"
            let ended = try await withThrowingTaskGroup(of: Program.Answer?.self) { group in
                group.addTask { try await slow.node.run(slow.backup + ["--window", window]) }
                group.addTask {
                    await wait { slow.state()?.phase == .waiting && slow.state()?.schedule?.begins != nil }
                    let stopped = try await slow.node.run(["backup", "stop"])
                    #expect(stopped.status == 0, "\(stopped.errors)")
                    return nil
                }
                var answer: Program.Answer?
                while let next = try await group.next() { answer = answer ?? next }
                return try #require(answer)
            }
            #expect(ended.status == 75, "\(ended.errors)")
            #expect(ended.errors.contains("waits for its window"))
            #expect(slow.state()?.numbers.readBytes == 0)
        }
    }

    @Test func `pause a backup when its time is over, and tell what it could not do`() async throws {
        try await withTemporaryDirectory { root in
            let slow = try await Slow(in: root)
            let ended = try await slow.node.run(slow.backup + ["--max-duration", "3s"])
            #expect(ended.status == 75, "\(ended.errors)")
            #expect(ended.errors.contains("paused: its time is over"))
            let state = try #require(slow.state())
            #expect(state.state == .paused)
            #expect(state.schedule?.ends != nil)
            #expect(state.schedule?.forecast != nil)
        }
    }

    @Test(arguments: [
        (["--window", "1-5"], "window"), (["--window", "01:00-05:00@Mars/Base"], "zone"),
        (["--finish-by", "yesterday"], "finish-by"), (["--finish-by", "2020-01-01T00:00:00Z"], "passed"),
        (["--max-duration", "4"], "max-duration"), (["--max-duration", "1m2h"], "max-duration"),
        (["--pace", "slow", "--max-duration", "1h"], "pace"), (["--pace", "gentle"], "--window"),
        (["--stay"], "--window"),
    ])
    func `refuse hours that are none`(options: [String], words: String) async throws {
        try await withTemporaryDirectory { root in
            let node = try CloudNode(in: root)
            let answer = try await node.run(
                node.backup + ["--location", "file://\(root)/vault", "--name", "b"] + options
            )
            #expect(answer.isUsageError(naming: words), "\(answer.status): \(answer.errors)")
        }
    }

    @Test func `go on without a state directory that cannot be, with one warning`() async throws {
        try await withTemporaryDirectory { root in
            let node = try CloudNode(in: root)
            try makeFile(root.appending("file"), [1])
            let answer = try await node.run(
                node.backup + [
                    "--location", "file://\(root)/vault", "--name", "b", "--state-dir", "\(root)/file/state",
                ]
            )
            #expect(answer.status == 0, "\(answer.errors)")
            #expect(answer.errors.split(separator: "\n").count { $0.contains("warning") } == 1)
        }
    }
}
