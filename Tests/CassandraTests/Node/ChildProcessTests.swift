import SystemPackage
import TestSupport
import Testing

@testable import Cassandra

@Suite struct `A child process` {
    private func run(_ lines: String, timeout: Duration = .seconds(30)) async throws -> ChildProcess.Answer {
        var process = ChildProcess(executable: "/bin/sh", environment: ["PATH": "/usr/bin:/bin"])
        process.grace = .milliseconds(50)
        process.outputLimit = 8 << 20
        return try await process.run(["-c", lines], timeout: timeout, for: "run", "a test")
    }

    @Test(.timeLimit(.minutes(5))) func `answers with its outputs and its status`() async throws {
        let answer = try await run("echo out; printf '\\377err' >&2; exit 7")
        #expect(answer == ChildProcess.Answer(end: .exited(7), output: "out\n", errors: "\u{FFFD}err"))
    }

    @Test(.timeLimit(.minutes(5))) func `reads nothing and has no terminal`() async throws {
        let answer = try await run("cat; if (: </dev/tty) 2>/dev/null; then echo terminal; fi; echo done")
        #expect(answer.output == "done\n")
    }

    @Test(.timeLimit(.minutes(5))) func `that dies of a signal says so`() async throws {
        #expect(try await run("kill -9 $$").end == .signalled(9))
    }

    @Test(.timeLimit(.minutes(5))) func `that hangs is ended at its timeout, though it ignores SIGTERM`() async throws {
        try await withTemporaryDirectory { root in
            let file = root.appending("pid").string
            let lines = "trap '' TERM; echo $$ >'\(file)'; while :; do sleep 1; done"
            let failure = await nodeFailure { _ = try await run(lines, timeout: .milliseconds(300)) }
            #expect(failure?.code == .timedOut)
            // It is gone, not left behind.
            #expect(CommandLineTool.run("test -s '\(file)' && ! kill -0 $(cat '\(file)') 2>/dev/null"))
        }
    }

    @Test(.timeLimit(.minutes(5))) func `ends with the task that waits for it`() async throws {
        try await withTemporaryDirectory { root in
            let pipe = root.appending("started")
            try makePipe(at: pipe)
            let task = Task { await nodeFailure { _ = try await run("echo >'\(pipe)'; sleep 1000") } }
            // Both open the pipe at the same moment: when this returns, the other one runs.
            #expect(try await run("cat '\(pipe)'").output == "\n")
            task.cancel()
            #expect(await task.value?.code == .cancelled)
        }
    }

    @Test(.timeLimit(.minutes(5))) func `that prints without end is stopped`() async throws {
        let failure = await nodeFailure { _ = try await run("head -c 100000000 /dev/zero | tr '\\0' x; sleep 1000") }
        #expect(failure?.code == .malformed)
    }

    @Test(.timeLimit(.minutes(5)), arguments: ["/nonexistent/nodetool", "no-such-nodetool"])
    func `that is not there is named`(executable: String) async throws {
        let process = ChildProcess(executable: executable, environment: ["PATH": "/usr/bin:/bin"])
        let failure = await nodeFailure { _ = try await process.run([], timeout: .seconds(30), for: "look up", "x") }
        #expect(failure?.code == .invalid)
        #expect(failure?.text.contains(executable) == true)
    }

    @Test func `gets of our environment what Cassandra's programs read, and no secrets`() {
        let reduced = ChildEnvironment.reduced([
            "PATH": "/bin", "HOME": "/root", "JAVA_HOME": "/jdk", "LC_ALL": "C", "CASSANDRA_HOME": "/opt/c",
            "CASSANDRA_PASSWORD": "canary", "AWS_SECRET_ACCESS_KEY": "canary", "RINGVAULT_KEY_FILE": "canary",
            "AZURE_STORAGE_KEY": "canary", "GOOGLE_APPLICATION_CREDENTIALS": "canary", "LD_PRELOAD": "canary",
        ])
        #expect(
            reduced == [
                "PATH": "/bin:/opt/c/bin:/opt/cassandra/bin", "HOME": "/root", "JAVA_HOME": "/jdk", "LC_ALL": "C",
                "CASSANDRA_HOME": "/opt/c",
            ]
        )
    }
}
