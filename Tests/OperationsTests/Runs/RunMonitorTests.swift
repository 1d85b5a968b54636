import Glibc
import Logging
import Operations
import SystemPackage
import TestSupport
import Testing
import TransferEngine
import Vault

/// Everything here blocks for moments only, and the other side has a thread of its own.
@Suite(.timeLimit(.minutes(5))) struct `A run's socket` {
    private struct Shown {
        let directory: RunDirectory
        let context: RunContext
        let limits: RunLimits
        let monitor: RunMonitor

        init(in root: FilePath) throws {
            let identity = RunIdentity(.backup, name: "monday", cluster: "c", host: "h", location: "file:///v")
            directory = try RunDirectory.open(identity, in: try StateDirectory(root))
            context = RunContext(
                memory: 1 << 20,
                readLimit: TokenBucket(DataRate(bytesPerSecond: 1000)),
                isGentle: false,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            )
            limits = RunLimits(
                .backup,
                read: context.readLimit,
                upload: TokenBucket(.unlimited),
                download: TokenBucket(.unlimited)
            )
            monitor = RunMonitor(directory, context: context, limits: limits) { 3 }
            monitor.start()
        }

        var socket: FilePath { directory.path.appending("control.sock") }
    }

    private func withRun<Result>(_ body: (Shown) throws -> Result) throws -> Result {
        try withTemporaryDirectory { root in
            let run = try Shown(in: root.appending("state"))
            defer { run.monitor.end(.completed) }
            return try body(run)
        }
    }

    @Test func `tells what the run is at, with its numbers and limits`() throws {
        try withRun { run in
            run.context.control.enter(.transferring)
            run.context.progress.update { $0.readBytes = 77 }
            let entries = try RunList(run.directory.state.path).entries(.backup)
            let state = try #require(entries.first?.run)
            #expect(entries.count == 1)
            #expect(state.state == .running)
            #expect(state.phase == .transferring)
            #expect(state.backup == "monday")
            #expect(state.numbers.readBytes == 77)
            #expect(state.numbers.failedRequests == 3)
            #expect(state.limits.read == 1000)
            #expect(state.limits.upload == nil)
            #expect(try RunList(run.directory.state.path).entries(.restore).isEmpty)
        }
    }

    @Test(arguments: [StopRequest.pause, .cancel]) func `stops the run as asked`(request: StopRequest) throws {
        try withRun { run in
            var message = ControlRequest(.stop)
            message.mode = request
            let answer = try RunList.ask(message, of: run.directory.path)
            #expect(answer.run?.state == .running)
            #expect(run.context.control.stopped?.request == request)
        }
    }

    @Test func `changes the limits at once, those that are named`() throws {
        try withRun { run in
            var message = ControlRequest(.limit)
            message.read = 5000
            message.upload = 0
            let answer = try RunList.ask(message, of: run.directory.path)
            #expect(answer.run?.limits.read == 5000)
            #expect(run.context.readLimit.rate == DataRate(bytesPerSecond: 5000))
            run.limits.pace(DataRate(bytesPerSecond: 200))
            message.read = 4000
            #expect(try RunList.ask(message, of: run.directory.path).run?.limits.pace == 200)
            #expect(run.context.readLimit.rate == DataRate(bytesPerSecond: 200))
            run.limits.pace(.unlimited)
            #expect(run.context.readLimit.rate == DataRate(bytesPerSecond: 4000))
            message.read = -1
            #expect(try RunList.ask(message, of: run.directory.path).error?.contains("-1") == true)
            #expect(run.context.readLimit.rate == DataRate(bytesPerSecond: 4000))
        }
    }

    @Test(arguments: [
        "nonsense", "{}", "{\"action\":\"format\"}", "{\"action\":\"limit\",\"read\":1e999}", "\u{0}", "",
    ])
    func `answers what it cannot read with an error, and then the next line`(line: String) throws {
        try withRun { run in
            let socket = try #require(LocalSocket(run.socket))
            socket.send(line + "\n" + "{\"action\":\"status\"}\n")
            let answers = socket.receive(lines: 2).split(separator: "\n")
            #expect(answers.count == 2)
            #expect(answers.first?.contains("\"error\":\"the request") == true)
            #expect(answers.last?.contains("\"backup\":\"monday\"") == true)
            #expect(run.context.control.stopped == nil)
        }
    }

    @Test func `takes a request in as many parts as it comes`() throws {
        try withRun { run in
            let socket = try #require(LocalSocket(run.socket))
            for character in "{\"action\":\"status\"}\n" { socket.send(String(character)) }
            #expect(socket.receive(lines: 1).contains("monday"))
        }
    }

    @Test func `closes on a line without end`() throws {
        try withRun { run in
            let socket = try #require(LocalSocket(run.socket))
            socket.send(String(repeating: "x", count: 5000))
            #expect(socket.receive(lines: 1) == "")
            #expect(try RunList.ask(ControlRequest(.status), of: run.directory.path).run != nil)
        }
    }

    @Test func `is not held up by any number of those who connect and say nothing, or half a line`() throws {
        try withRun { run in
            var silent: [LocalSocket] = []
            for index in 0..<60 {
                let socket = try #require(LocalSocket(run.socket))
                if index % 2 == 0 { socket.send("{\"action\":") }
                silent.append(socket)
            }
            #expect(try RunList.ask(ControlRequest(.status), of: run.directory.path).run?.backup == "monday")
            let open = try DirectoryListing(of: "/proc/self/fd").names.count
            #expect(open < 400)
            withExtendedLifetime(silent) {}
        }
    }

    @Test func `does not wait for those who do not take their answers`() throws {
        try withRun { run in
            let greedy = try #require(LocalSocket(run.socket))
            for _ in 0..<200 where !greedy.send(String(repeating: "{\"action\":\"status\"}\n", count: 1)) { break }
            #expect(try RunList.ask(ControlRequest(.status), of: run.directory.path).run?.backup == "monday")
        }
    }

    @Test func `is its owner's alone, and works however long its path is`() throws {
        try withTemporaryDirectory { root in
            let long = root.appending(String(repeating: "d", count: 200)).appending(String(repeating: "e", count: 200))
            let run = try Shown(in: long)
            var status = stat()
            #expect(unsafe stat(run.socket.string, &status) == 0)
            #expect(status.st_mode & 0o777 == 0o600)
            #expect(unsafe stat(run.directory.path.string, &status) == 0)
            #expect(status.st_mode & 0o777 == 0o700)
            #expect(try RunList.ask(ControlRequest(.status), of: run.directory.path).run?.backup == "monday")
            run.monitor.end(.failed, error: "why")
            #expect(try DirectoryListing(of: run.directory.path).names == ["state.json"])
            let state = try #require(RunState.read(in: run.directory.path))
            #expect(state.state == .failed)
            #expect(state.error == "why")
            #expect(state.finished != nil)
        }
    }
}

@Suite struct `A run's directory` {
    private func identity(_ name: String) -> RunIdentity {
        RunIdentity(.backup, name: name, cluster: "c", host: "h", location: "file:///v")
    }

    @Test func `is held by one run at a time, and free when that ends`() throws {
        try withTemporaryDirectory { root in
            let state = try StateDirectory(root.appending("state"))
            do {
                let held = try RunDirectory.open(identity("a"), in: state)
                let error = #expect(throws: RunError.self) { try RunDirectory.open(identity("a"), in: state) }
                #expect(error?.code == .conflict)
                #expect(error?.description.contains("running on this host already") == true)
                _ = try RunDirectory.open(identity("b"), in: state)
                withExtendedLifetime(held) {}
            }
            _ = try RunDirectory.opened(identity("a"), in: state)
        }
    }

    @Test func `is another one for every thing that makes a run another`() {
        let all = [
            identity("a"), identity("b"),
            RunIdentity(.restore, name: "a", cluster: "c", host: "h", location: "file:///v"),
            RunIdentity(.backup, name: "a", cluster: "d", host: "h", location: "file:///v"),
            RunIdentity(.backup, name: "a", cluster: nil, host: "ch", location: "file:///v"),
            RunIdentity(.backup, name: "a", cluster: "c", host: "i", location: "file:///v"),
            RunIdentity(.backup, name: "a", cluster: "c", host: "h", location: "file:///w"),
            RunIdentity(.restore, name: "a", cluster: "c", host: "h", location: "file:///v", targets: ["/t"]),
            RunIdentity(.restore, name: "a", cluster: "c", host: "h", location: "file:///v", targets: ["/t", "/u"]),
        ]
        #expect(Set(all.map(\.id)).count == all.count)
        #expect(identity("a").id == identity("a").id)
    }

    private func leave(_ name: String, in state: StateDirectory, ended: Int64, journal: Bool = false) throws {
        let directory = try RunDirectory.opened(identity(name), in: state)
        var run = RunState(directory.identity, process: .current, started: Timestamp(seconds: ended))
        run.state = .completed
        try run.write(in: directory.path)
        if journal { try FileTree.makeDirectories(directory.journal) }
    }

    @Test func `goes when twenty later ones have ended, but not while it can go on or is at work`() throws {
        try withTemporaryDirectory { root in
            let state = try StateDirectory(root.appending("state"))
            try leave("journal", in: state, ended: 1, journal: true)
            try leave("work", in: state, ended: 2)
            for index in 0..<25 { try leave("\(index)", in: state, ended: Int64(100 + index)) }
            let work = try RunDirectory.opened(identity("work"), in: state)
            RunDirectory.removeOld(in: state, now: 200)
            let left = Set(try DirectoryListing(of: state.path.appending("runs")).names)
            #expect(left == Set((["journal", "work"] + (5..<25).map { "\($0)" }).map { identity($0).id }))
            // When nobody would trust its journal any more, it is one of the old ones.
            RunDirectory.removeOld(in: state, now: 31 * 24 * 3600)
            #expect(!(try DirectoryListing(of: state.path.appending("runs")).names.contains(identity("journal").id)))
            withExtendedLifetime(work) {}
        }
    }

    @Test func `tells a run whose process is gone from one at work`() throws {
        try withTemporaryDirectory { root in
            let state = try StateDirectory(root.appending("state"))
            let directory = try RunDirectory.open(identity("a"), in: state)
            let now = ProcessIdentity.current
            #expect(now.isAlive)
            let others = [
                (now, RunState.Status.running),
                (ProcessIdentity(pid: now.pid, start: now.start + 1, boot: now.boot), .interrupted),
                (ProcessIdentity(pid: now.pid, start: now.start, boot: "another"), .interrupted),
                (ProcessIdentity(pid: .max, start: 1, boot: now.boot), .interrupted),
            ]
            for (process, status) in others {
                try RunState(directory.identity, process: process, started: .now).write(in: directory.path)
                #expect(RunState.read(in: directory.path)?.state == status)
            }
        }
    }
}
