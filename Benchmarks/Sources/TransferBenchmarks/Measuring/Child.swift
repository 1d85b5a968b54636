internal import FoundationEssentials
internal import Glibc

/// A command that is run and measured.
struct Child {
    /// The program that starts and counts it; it lies beside this one.
    private static let launcher = (CommandLine.executable.map { $0 + "/Launcher" }) ?? "Launcher"

    let arguments: [String]
    /// Beside this process's own.
    var environment: [String: String] = [:]

    /// - Parameter log: where standard output and error go; `<log>.usage` is written beside it.
    /// - Throws: `BenchmarkError` with the end of `log` if the command does not end with status 0.
    func run(log: String) throws(BenchmarkError) -> Usage {
        try Interrupt.check()
        let file = log + ".usage"
        let pid = try Child(arguments: [Self.launcher, file] + arguments, environment: environment).start(log: log)
        var status: Int32 = 0
        var isInterrupted = false
        // Looked at again and again, since signals come to another thread. Its time is taken by the launcher.
        while true {
            let ended = unsafe waitpid(pid, &status, WNOHANG)
            if ended == pid { break }
            guard ended == 0 || errno == EINTR else {
                throw BenchmarkError("cannot wait for \(arguments[0]): errno \(errno)")
            }
            if !isInterrupted, Interrupt.isRequested {
                isInterrupted = true
                kill(pid, SIGTERM)
            }
            usleep(3000)
        }
        // A signal to the whole foreground may have ended the command before this process saw it.
        try Interrupt.check()
        guard status == 0, let line = try? String(contentsOfFile: file, encoding: .utf8),
            let (answer, usage) = Usage.parsed(line)
        else { throw failure("status \(status) of Launcher", log) }
        guard answer == 0 else { throw failure("wait status \(answer)", log) }
        return usage
    }

    private func failure(_ reason: String, _ log: String) -> BenchmarkError {
        let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
        return BenchmarkError("\(reason): \(arguments.joined(separator: " "))\n\(text.suffix(2000))")
    }

    /// Starts it as a child of this process, and does not wait.
    ///
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

        // Threads of the pool have all signals blocked; a child of theirs would too, and never hear of its own.
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        unsafe sigemptyset(&none)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))

        // What a user has set up for clients of stores must not disturb them here.
        var variables = ProcessInfo.processInfo.environment.filter { variable in
            !["RINGVAULT_", "AWS_", "RCLONE_", "RESTIC_", "BORG_"].contains { variable.key.hasPrefix($0) }
        }
        variables["LC_ALL"] = "C.UTF-8"
        variables.merge(environment) { _, new in new }
        let words = unsafe arguments.map { unsafe strdup($0) } + [nil]
        let settings = unsafe variables.map { unsafe strdup("\($0.key)=\($0.value)") } + [nil]
        var texts = unsafe words + settings
        defer { while let text = unsafe texts.popLast() { unsafe free(text) } }
        var pid: pid_t = 0
        let answer = unsafe posix_spawnp(&pid, arguments[0], &actions, &attributes, words, settings)
        guard answer == 0 else { throw BenchmarkError("cannot start \(arguments[0]): errno \(answer)") }
        return pid
    }
}

extension CommandLine {
    /// The directory this program lies in.
    fileprivate static var executable: String? {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
            .map { String($0[..<($0.lastIndex(of: "/") ?? $0.startIndex)]) }
    }
}
