internal import FoundationEssentials
internal import Glibc

/// What one command took, with all processes that it started and waited for.
struct Usage: Sendable, Codable {
    /// Seconds from start to end.
    var wall: Double
    /// Seconds of all cores in the program itself.
    var user: Double
    /// Seconds of all cores in the kernel on its behalf.
    var system: Double
    /// The most memory one of its processes had resident, in bytes.
    ///
    /// Linux counts what the starting process had at that moment, so it is never less than this runner's own.
    var peakMemory: Int

    var cpu: Double { user + system }
}

/// A command that is run and measured, by wait4(2).
struct Child {
    let arguments: [String]
    /// Beside this process's own.
    var environment: [String: String] = [:]

    /// - Parameter log: where standard output and error go.
    /// - Throws: `BenchmarkError` with the end of `log` if the command does not end with status 0.
    func run(log: String) throws(BenchmarkError) -> Usage {
        try Interrupt.check()
        let clock = ContinuousClock.now
        let pid = try start(log: log)
        var status: Int32 = 0
        var usage = rusage()
        while unsafe wait4(pid, &status, 0, &usage) < 0 {
            guard errno == EINTR else { throw BenchmarkError("cannot wait for \(arguments[0]): errno \(errno)") }
            do { try Interrupt.check() } catch {
                kill(pid, SIGTERM)
                unsafe wait4(pid, &status, 0, nil)
                throw error
            }
        }
        let wall = clock.duration(to: .now) / .seconds(1)
        guard status == 0 else {
            let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
            let command = arguments.joined(separator: " ")
            throw BenchmarkError("wait status \(status) of: \(command)\n\(text.suffix(2000))")
        }
        return Usage(
            wall: wall,
            user: Self.seconds(usage.ru_utime),
            system: Self.seconds(usage.ru_stime),
            peakMemory: usage.ru_maxrss * 1024
        )
    }

    /// - Parameter input: what becomes its standard input; nil: nothing is in it.
    func start(log: String, input: Int32? = nil) throws(BenchmarkError) -> pid_t {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        if let input {
            unsafe posix_spawn_file_actions_adddup2(&actions, input, 0)
        } else {
            unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        }
        unsafe posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        unsafe posix_spawn_file_actions_adddup2(&actions, 1, 2)

        var variables = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("RINGVAULT_") }
        variables["LC_ALL"] = "C"
        variables.merge(environment) { _, new in new }
        let words = unsafe arguments.map { unsafe strdup($0) } + [nil]
        let settings = unsafe variables.map { unsafe strdup("\($0.key)=\($0.value)") } + [nil]
        var texts = unsafe words + settings
        defer { while let text = unsafe texts.popLast() { unsafe free(text) } }
        var pid: pid_t = 0
        let answer = unsafe posix_spawnp(&pid, arguments[0], &actions, nil, words, settings)
        guard answer == 0 else { throw BenchmarkError("cannot start \(arguments[0]): errno \(answer)") }
        return pid
    }

    private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
}
