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
        ending signal: Signal,
        when moment: @escaping @Sendable () async -> Void
    ) async throws -> TerminationStatus {
        try await Subprocess.run(
            .path(path),
            arguments: Arguments(arguments),
            environment: variables([:]),
            input: .none,
            output: .discarded,
            error: .discarded
        ) { execution in
            await moment()
            // It may have ended already.
            try? execution.send(signal: signal)
        }.terminationStatus
    }

    private static func status(_ status: TerminationStatus) -> Int32 {
        switch status {
        case .exited(let code): code
        case .signaled(let signal): -signal
        }
    }

    /// Nothing of the tester's own settings may leak in.
    private static func variables(_ more: [String: String]) -> Environment {
        var all: [Environment.Key: String] = ["PATH": "/usr/bin:/bin"]
        for (key, value) in more { all[Environment.Key(stringLiteral: key)] = value }
        return .custom(all)
    }
}
