import Glibc
import Subprocess
import SystemPackage
import TestSupport
import Testing
import TransferEngine

/// The built `ringvault`, run as a user runs it.
struct Program {
    struct Answer {
        let status: Int32
        let output: String
        let errors: String
        /// What everyone on the machine could read of it, argument by argument; empty unless it was interrupted.
        var commandLine = ""
    }

    /// Beside the test program, where the build puts all products.
    static let path: FilePath = {
        var link = [UInt8](repeating: 0, count: 4096)
        let count = unsafe link.withUnsafeMutableBytes { buffer in
            unsafe readlink("/proc/self/exe", buffer.baseAddress.unsafelyUnwrapped, buffer.count)
        }
        return FilePath(String(decoding: link.prefix(max(0, count)), as: UTF8.self))
            .removingLastComponent().appending("ringvault")
    }()

    static func run(_ arguments: [String], environment: [String: String] = [:]) async throws -> Answer {
        let result = try await Subprocess.run(
            .path(path),
            arguments: Arguments(arguments),
            environment: variables(environment),
            output: .string(limit: 1 << 20),
            error: .string(limit: 1 << 20)
        )
        return Answer(
            status: status(result.terminationStatus),
            output: result.standardOutput,
            errors: result.standardError
        )
    }

    /// Runs the program and interrupts it as soon as it has said `words` on standard error; it may end before.
    static func run(
        _ arguments: [String],
        environment: [String: String] = [:],
        interruptedAfter words: String
    ) async throws -> Answer {
        let result = try await Subprocess.run(
            .path(path),
            arguments: Arguments(arguments),
            environment: variables(environment),
            input: .none,
            output: .string(limit: 1 << 20),
            error: .sequence
        ) { execution in
            var errors = ""
            var commandLine = ""
            for try await line in execution.standardError.strings() {
                errors += line + "\n"
                guard commandLine.isEmpty, line.contains(words) else { continue }
                let file = FilePath("/proc/\(execution.processIdentifier.value)/cmdline")
                commandLine = (try? SmallFile.text(of: file)) ?? ""
                try? execution.send(signal: .interrupt)
            }
            return (errors, commandLine)
        }
        return Answer(
            status: status(result.terminationStatus),
            output: result.standardOutput,
            errors: result.closureResult.0,
            commandLine: result.closureResult.1
        )
    }

    /// Starts the program and ends it by a signal once `moment` returns.
    ///
    /// - Returns: whether it had ended by itself before.
    static func run(
        _ arguments: [String],
        environment: [String: String] = [:],
        ending signal: Signal,
        when moment: @escaping @Sendable () async -> Void
    ) async throws -> TerminationStatus {
        try await Subprocess.run(
            .path(path),
            arguments: Arguments(arguments),
            environment: variables(environment),
            input: .none,
            output: .discarded,
            error: .discarded
        ) { execution in
            await moment()
            // It may have ended already.
            try? execution.send(signal: signal)
        }.terminationStatus
    }

    /// What a process that was killed had done.
    struct Killed {
        let status: TerminationStatus
        /// Bytes it had read and written by system calls, when it was about to be killed.
        let read: Int
        let written: Int
        let errors: String
    }

    /// Starts the program, and kills it after that time, wherever it is then; it may end before.
    static func kill(_ arguments: [String], environment: [String: String], after time: Duration) async throws -> Killed
    {
        let result = try await Subprocess.run(
            .path(path),
            arguments: Arguments(arguments),
            environment: variables(environment),
            input: .none,
            output: .discarded,
            error: .string(limit: 1 << 20)
        ) { execution in
            // Not to wait for something: the moment is what is tried.
            try await Task.sleep(for: time)
            let file = FilePath("/proc/\(execution.processIdentifier.value)/io")
            let text = (try? SmallFile.text(of: file)) ?? ""
            try? execution.send(signal: .kill)
            return text
        }
        // proc(5): rchar and wchar count what read(2), write(2) and their like moved, cached or not.
        let counts = result.closureResult.split(separator: "\n").map { $0.split(separator: " ") }
        func count(_ name: String) -> Int { counts.first { $0.first == name[...] }.flatMap { Int($0[1]) } ?? 0 }
        return Killed(
            status: result.terminationStatus,
            read: count("rchar:"),
            written: count("wchar:"),
            errors: result.standardError
        )
    }

    private static func status(_ status: TerminationStatus) -> Int32 {
        switch status {
        case .exited(let code): code
        case .signaled(let signal): -signal
        }
    }

    /// Where runs that name no other keep their state; removed when the tests end.
    private static let stateDirectory: String = {
        atexit { try? FileTree.removeAll(FilePath("/tmp/ringvault-test-state-\(getpid())")) }
        return "/tmp/ringvault-test-state-\(getpid())"
    }()

    /// Nothing of the tester's own settings may leak in.
    private static func variables(_ more: [String: String]) -> Environment {
        var all: [Environment.Key: String] = ["PATH": "/usr/bin:/bin", "RINGVAULT_STATE_DIR": stateDirectory]
        for (key, value) in more { all[Environment.Key(stringLiteral: key)] = value }
        return .custom(all)
    }
}
