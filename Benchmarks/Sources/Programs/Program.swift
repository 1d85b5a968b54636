internal import FoundationEssentials
internal import Glibc

/// A program that is run for what it prints, or for what it does.
package struct Program {
    package let arguments: [String]
    /// Beside this process's own.
    package var environment: [String: String]

    /// - Parameter arguments: its name, looked for in `PATH` unless it has a slash, and what it is given.
    package init(_ arguments: [String], environment: [String: String] = [:]) {
        self.arguments = arguments
        self.environment = environment
    }

    /// How a program ended.
    package struct Result: Sendable {
        /// What it printed on standard output, if that was asked for.
        package let output: [UInt8]
        /// Of wait(2): 0 is success.
        package let status: Int32
        package let userSeconds: Double
        package let systemSeconds: Double

        package var text: String { String(decoding: output, as: UTF8.self) }
    }

    /// Where what it prints goes.
    package enum Output: Sendable {
        /// Into `Result.output`; errors go to this process's own standard error, or nowhere.
        case kept(isQuiet: Bool)
        /// Both into a file.
        case file(String)
    }

    /// Runs it to its end, with nothing in its standard input.
    ///
    /// - Throws: `ProgramError` if it cannot be started; an end with another status than 0 is a result.
    package func run(_ output: Output = .kept(isQuiet: false)) throws(ProgramError) -> Result {
        var ends: [Int32] = [0, 0]
        guard unsafe pipe(&ends) == 0 else { throw ProgramError("cannot make a pipe: errno \(errno)") }
        defer { close(ends[0]) }
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        switch output {
        case .kept(let isQuiet):
            unsafe posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
            if isQuiet { unsafe posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0) }
        case .file(let path):
            unsafe posix_spawn_file_actions_addopen(&actions, 1, path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
            unsafe posix_spawn_file_actions_adddup2(&actions, 1, 2)
        }
        for end in ends { unsafe posix_spawn_file_actions_addclose(&actions, end) }
        let pid: pid_t
        do { pid = try unsafe spawn(&actions) } catch {
            close(ends[1])
            throw error
        }
        close(ends[1])
        let bytes = Self.everything(from: ends[0])
        var status: Int32 = 0
        var usage = rusage()
        while unsafe wait4(pid, &status, 0, &usage) < 0, errno == EINTR {}
        return Result(
            output: bytes,
            status: status,
            userSeconds: Self.seconds(usage.ru_utime),
            systemSeconds: Self.seconds(usage.ru_stime)
        )
    }

    /// Starts it and leaves it running, with what it prints in a file.
    ///
    /// - Throws: `ProgramError` if it cannot be started.
    package func start(log: String) throws(ProgramError) -> Int32 {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        unsafe posix_spawn_file_actions_adddup2(&actions, 1, 2)
        return try unsafe spawn(&actions)
    }

    /// Whether a program of this name is in `PATH`.
    package static func isInstalled(_ name: String) -> Bool {
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains { folder in
            FileManager.default.isExecutableFile(atPath: "\(folder)/\(name)")
        }
    }

    /// A program that was built with the running one.
    ///
    /// - Throws: `ProgramError` if it is not beside it.
    package static func sibling(_ name: String) throws(ProgramError) -> String {
        guard let own = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") else {
            throw ProgramError("cannot tell where the running program lies")
        }
        let path = String(own.prefix(through: own.lastIndex(of: "/") ?? own.startIndex) + name)
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw ProgramError("there is no \(path): 'swift build -c release --product \(name)' makes it")
        }
        return path
    }

    private func spawn(_ actions: UnsafePointer<posix_spawn_file_actions_t>) throws(ProgramError) -> pid_t {
        var variables = ProcessInfo.processInfo.environment
        variables.merge(environment) { _, new in new }
        let words = unsafe arguments.map { unsafe strdup($0) } + [nil]
        let settings = unsafe variables.map { unsafe strdup("\($0.key)=\($0.value)") } + [nil]
        var texts = unsafe words + settings
        defer { while let text = unsafe texts.popLast() { unsafe free(text) } }
        var pid: pid_t = 0
        let answer = unsafe posix_spawnp(&pid, arguments[0], actions, nil, words, settings)
        guard answer == 0 else { throw ProgramError("cannot start \(arguments[0]): errno \(answer)") }
        return pid
    }

    private static func everything(from descriptor: Int32) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = unsafe Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return bytes }
            bytes += buffer[..<count]
        }
    }

    private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
}

/// Why a program could not be run.
package struct ProgramError: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}
