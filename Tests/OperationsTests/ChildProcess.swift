import Glibc
import SystemPackage
import TransferEngine

/// A program that a test runs, with nothing on its standard input.
struct ChildProcess {
    /// Its exit status; 128 and the signal's number if a signal ended it, as a shell tells it.
    let status: Int32
    /// What it wrote to standard output and standard error.
    let output: String

    /// Runs the program and waits for its end, on a thread of `io`.
    ///
    /// - Parameters:
    ///   - arguments: with the program's path as the first.
    ///   - log: a file for its output, which is made anew.
    static func run(_ arguments: [String], log: FilePath, io: IOExecutor) async throws -> ChildProcess {
        try await io.run {
            let pid = try spawn(arguments, log: log)
            var status: Int32 = 0
            while unsafe waitpid(pid, &status, 0) < 0 {
                guard errno == EINTR else { throw Errno(rawValue: errno) }
            }
            // wait(2): the low seven bits are the signal, the next byte the exit status.
            let code = status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F
            return ChildProcess(status: code, output: try SmallFile.text(of: log, limit: 1 << 20))
        }
    }

    /// Whether a directory of `PATH` has the program.
    static func isInstalled(_ program: String) -> Bool {
        environment("PATH").split(separator: ":").contains { unsafe access("\($0)/\(program)", X_OK) == 0 }
    }

    /// A variable of this process; empty if it is not set.
    static func environment(_ name: String) -> String { unsafe getenv(name).map { unsafe String(cString: $0) } ?? "" }

    private static func spawn(_ arguments: [String], log: FilePath) throws -> pid_t {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_addopen(
            &actions,
            STDOUT_FILENO,
            log.string,
            O_WRONLY | O_CREAT | O_TRUNC,
            0o644
        )
        unsafe posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
        var list = unsafe arguments.map { unsafe strdup($0) } + [nil]
        var variables = unsafe ["PATH", "TMPDIR"].map { unsafe strdup("\($0)=\(environment($0))") } + [nil]
        defer {
            for index in unsafe list.indices { unsafe free(list[index]) }
            for index in unsafe variables.indices { unsafe free(variables[index]) }
        }
        var pid: pid_t = 0
        let answer = unsafe posix_spawn(&pid, arguments[0], &actions, nil, &list, &variables)
        guard answer == 0 else { throw Errno(rawValue: answer) }
        return pid
    }
}
