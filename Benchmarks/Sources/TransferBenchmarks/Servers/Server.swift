internal import FoundationEssentials
internal import Glibc

/// A program that serves others while they are measured, and never outlives this one.
///
/// A shell stands between: it ends the server when its standard input ends, and that is a pipe whose other end only this
/// process has. So the server goes however this process comes to its end, SIGKILL included.
final class Server {
    private let pid: pid_t
    private let lifeline: Int32

    private static let guardian = """
        "$@" </dev/null & child=$!
        trap : INT TERM
        read -r _
        kill "$child" 2>/dev/null
        wait "$child"
        """

    /// - Parameter log: where its standard output and error go.
    init(_ arguments: [String], log: String) throws(BenchmarkError) {
        var ends: [Int32] = [0, 0]
        guard unsafe pipe(&ends) == 0 else { throw BenchmarkError("cannot make a pipe: errno \(errno)") }
        defer { close(ends[0]) }
        // No other child may hold it open.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        do throws(BenchmarkError) {
            let shell = Child(arguments: ["sh", "-c", Self.guardian, "sh"] + arguments)
            pid = try shell.start(log: log, input: ends[0])
        } catch {
            close(ends[1])
            throw error
        }
        lifeline = ends[1]
    }

    deinit {
        close(lifeline)
        var status: Int32 = 0
        while unsafe waitpid(pid, &status, 0) < 0, errno == EINTR {}
    }
}
