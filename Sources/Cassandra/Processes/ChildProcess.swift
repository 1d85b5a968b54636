internal import Subprocess
internal import SystemPackage

/// A program of Cassandra's that is run for its answer: `nodetool`, `cqlsh`.
///
/// It gets its arguments as they are, without a shell; nothing on standard input; a session of its own, so that it can
/// neither ask the terminal for a password nor be hit by the Ctrl-C that is for us; and of the environment only what
/// `ChildEnvironment` names. At the timeout, and when the task is cancelled, it gets SIGTERM and then SIGKILL, with all
/// that it has started.
package struct ChildProcess: Sendable {
    /// How a program ended, and what it said.
    package struct Answer: Sendable, Hashable {
        package enum End: Sendable, Hashable {
            case exited(Int32)
            /// The signal's number.
            case signalled(Int32)
        }

        package let end: End
        /// Bytes that are no UTF-8 are U+FFFD.
        package let output: String
        package let errors: String

        package init(end: End, output: String, errors: String) {
            self.end = end
            self.output = output
            self.errors = errors
        }
    }

    /// A path if it has a slash, else a name that is looked for in the environment's PATH.
    package let executable: String
    package let environment: [String: String]
    /// From SIGTERM to SIGKILL.
    package var grace = Duration.seconds(5)
    /// Bytes, for each of both outputs.
    package var outputLimit = 32 << 20

    package init(executable: String, environment: [String: String]) {
        self.executable = executable
        self.environment = environment
    }

    /// Runs it to its end; any exit status is an answer.
    ///
    /// - Parameter operation: what it is run for, in the imperative, for errors; and `target`, to what.
    /// - Throws: `CassandraError`: `.invalid` where there is no such program, `.timedOut`, `.cancelled`, `.malformed` if
    ///   it says too much, `.system`.
    package func run(
        _ arguments: [String],
        timeout: Duration,
        for operation: String,
        _ target: String
    ) async throws(CassandraError) -> Answer {
        let outcome: Outcome
        do {
            outcome = try await race(arguments, against: timeout)
        } catch let error as SubprocessError {
            throw refusal(error, operation, target)
        } catch is CancellationError {
            throw CassandraError(.cancelled, operation, target, "\(executable) was stopped")
        } catch {
            throw CassandraError(.system, operation, target, executable, cause: error)
        }
        switch outcome {
        case .answered(let answer):
            if Task.isCancelled { throw CassandraError(.cancelled, operation, target, "\(executable) was stopped") }
            return answer
        case .late:
            let reason = "\(executable) did not end within \(timeout.components.seconds) s, and was stopped"
            throw CassandraError(.timedOut, operation, target, reason)
        }
    }

    private enum Outcome: Sendable {
        case answered(Answer)
        case late
    }

    private func race(_ arguments: [String], against timeout: Duration) async throws -> Outcome {
        try await withThrowingTaskGroup(of: Outcome.self) { group in
            group.addTask { .answered(try await answer(to: arguments)) }
            group.addTask {
                try await Task.sleep(for: timeout)
                return .late
            }
            defer { group.cancelAll() }
            guard let first = try await group.next() else { throw CancellationError() }
            return first
        }
    }

    private func answer(to arguments: [String]) async throws -> Answer {
        var options = PlatformOptions()
        options.createSession = true
        options.teardownSequence = [.gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: grace)]
        var variables: [Environment.Key: String] = [:]
        for (name, value) in environment { variables[Environment.Key(stringLiteral: name)] = value }
        let result = try await Subprocess.run(
            executable.contains("/") ? .path(FilePath(executable)) : .name(executable),
            arguments: Arguments(arguments),
            environment: .custom(variables),
            platformOptions: options,
            input: .none,
            output: .bytes(limit: outputLimit),
            error: .bytes(limit: outputLimit)
        )
        return Answer(
            end: Self.end(result.terminationStatus),
            output: String(decoding: result.standardOutput, as: UTF8.self),
            errors: String(decoding: result.standardError, as: UTF8.self)
        )
    }

    private static func end(_ status: TerminationStatus) -> Answer.End {
        switch status {
        case .exited(let code): .exited(code)
        case .signaled(let signal): .signalled(signal)
        }
    }

    private func refusal(_ error: SubprocessError, _ operation: String, _ target: String) -> CassandraError {
        if Task.isCancelled { return CassandraError(.cancelled, operation, target, "\(executable) was stopped") }
        switch error.code {
        case .executableNotFound:
            let place =
                executable.contains("/") ? "there is no such program" : "it is in none of the directories of PATH"
            return CassandraError(.invalid, operation, target, "cannot run \(executable): \(place)")
        case .outputLimitExceeded:
            let reason = "\(executable) printed more than \(outputLimit >> 20) MiB, and was stopped"
            return CassandraError(.malformed, operation, target, reason)
        default:
            return CassandraError(.system, operation, target, "cannot run \(executable)", cause: error)
        }
    }
}
