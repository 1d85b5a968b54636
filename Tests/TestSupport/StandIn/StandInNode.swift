internal import Subprocess
package import SystemPackage
internal import TransferEngine

/// A stand-in for a Cassandra node: `Tests/Fixtures/standin`, whose README says what it does like the real one.
///
/// It starts with the data of `Tests/Fixtures/cassandra/<version>`, running. What is done to it is done by programs, so
/// a value only names the directories; the test that made it removes them.
package struct StandInNode: Sendable {
    /// What a program of the stand-in's ended with.
    package struct Answer: Sendable, Hashable {
        package let status: Int32
        package let output: String
        package let errors: String
    }

    /// The versions that there are captures of.
    package static let versions = ["3.11.17", "4.0.14", "4.1.7", "5.0.1"]

    package let version: String
    /// Holds all of it: programs, settings, state, and the node's files in `root`.
    package let home: FilePath

    /// Makes and starts a node.
    ///
    /// - Parameters:
    ///   - version: one of `versions`, or a path below `Tests/Fixtures/cassandra`.
    ///   - home: must not exist.
    ///   - isEmpty: the captured schema without the captured files.
    ///   - login: asked for by both its programs.
    package init(
        _ version: String,
        in home: FilePath,
        isEmpty: Bool = false,
        login: (user: String, password: String)? = nil
    ) async throws {
        self.version = version
        self.home = home
        var arguments = ["make", home.string, "--capture", Self.fixtures.appending("cassandra/\(version)").string]
        if isEmpty { arguments.append("--empty") }
        if let login { arguments += ["--user", login.user, login.password] }
        try await Self.act(arguments)
        let state = try SmallFile.text(of: home.appending("node.json"), limit: 16 << 20)
        jmxPort = Self.value("jmx_port", in: state)
        address = Self.value("address", in: state)
    }

    /// The first string of that name.
    private static func value(_ name: String, in json: String) -> String {
        let parts = json.split(separator: "\"\(name)\": \"", maxSplits: 1)
        return parts.count == 2 ? String(parts[1].prefix { $0 != "\"" }) : ""
    }

    // MARK: What ringvault is given

    package var nodetool: FilePath { home.appending("bin/nodetool") }
    package var cqlsh: FilePath { home.appending("bin/cqlsh") }
    /// What `nodetool -p` and `cqlsh` are given; the nodes of a ring have one each.
    package let jmxPort: String
    package let address: String
    /// With cassandra.yaml and cassandra-rackdc.properties.
    package var configuration: FilePath { home.appending("conf") }
    package var root: FilePath { home.appending("root") }

    package var dataDirectories: [FilePath] {
        get throws {
            try DirectoryListing(of: root).names.filter { $0.hasPrefix("data") }.sorted().map { root.appending($0) }
        }
    }

    // MARK: What happens to it

    /// Opens what is on disk; throws what the log of a node that cannot start would say.
    package func start() async throws { try await act("start") }
    /// Ends the process; what was only in memory stays in the commit log.
    package func stop() async throws { try await act("stop") }
    /// Another machine in its place, stopped: its directories are empty.
    package func wipe() async throws { try await act("wipe") }

    /// New rows in `table` (`shop.orders`), each time as an SSTable of `size` bytes of data, or in memory.
    package func write(
        _ table: String,
        size: Int = 20_000,
        count: Int = 1,
        seed: Int = 0,
        inMemory: Bool = false
    ) async throws {
        let numbers = ["--size", "\(size)", "--count", "\(count)", "--seed", "\(seed)"]
        try await act("write", [table] + numbers + (inMemory ? ["--in-memory"] : []))
    }

    /// One other SSTable in place of those the table has open.
    package func compact(_ table: String) async throws { try await act("compact", [table]) }

    /// Makes these nodes, of one captured ring, see each other.
    package func join(_ others: [StandInNode]) async throws { try await act("join", others.map(\.home.string)) }

    /// Changes a value of node.json; `value` is JSON.
    package func set(_ name: String, _ value: String) async throws { try await act("set", [name, value]) }

    /// Has the next `command` of nodetool, or statement that begins with it, fail with these words.
    ///
    /// - Parameters:
    ///   - part: which its arguments, or the statement, must have.
    ///   - isLate: whether it does its work before.
    package func fail(
        _ command: String,
        saying words: String,
        containing part: String = "",
        isLate: Bool = false
    ) async throws {
        try await act("fault", [command, "--says", words, "--containing", part] + (isLate ? ["--late"] : []))
    }

    /// Has the next such command end the program that runs it, as by kill -9.
    ///
    /// - Parameter count: how many of them go well before.
    package func kill(
        at command: String,
        containing part: String = "",
        skipping count: Int = 0,
        isLate: Bool = false
    ) async throws {
        let words = [command, "--kills", "--containing", part, "--skip", "\(count)"]
        try await act("fault", words + (isLate ? ["--late"] : []))
    }

    // MARK: Its clients

    /// Runs its nodetool.
    package func nodetool(_ arguments: String...) async throws -> Answer {
        try await Self.run(nodetool, ["-p", jmxPort] + arguments)
    }
    package func nodetool(_ arguments: [String]) async throws -> Answer { try await Self.run(nodetool, arguments) }

    /// Runs its cqlsh with one or more statements.
    package func cqlsh(_ statements: String) async throws -> Answer {
        try await Self.run(cqlsh, ["-e", statements, address])
    }
    package func cqlsh(_ arguments: [String]) async throws -> Answer { try await Self.run(cqlsh, arguments) }

    /// Runs many calls in one process, which is much quicker: `["nodetool", …]`, `["cqlsh", …]`, `["set", name, value]`.
    package func answers(to calls: [[String]]) async throws -> [Answer] {
        let file = home.appending("calls-\(UInt64.random(in: 0 ... .max))")
        let text = calls.map { $0.map { "\($0)\u{1F}" }.joined() + "\u{1E}" }.joined()
        try WritableFile(file, creation: .mustBeNew).write(Array(text.utf8).span, at: 0)
        let answer = try await Self.run(
            Self.fixtures.appending("standin/standin"),
            ["calls", home.string, file.string]
        )
        guard answer.status == 0 else { throw StandInFailure(words: answer.errors + answer.output) }
        return answer.output.split(separator: "\u{1E}").map {
            let fields = $0.split(separator: "\u{1F}", omittingEmptySubsequences: false).map(String.init)
            return Answer(status: Int32(fields[0]) ?? -1, output: fields[1], errors: fields[2])
        }
    }

    /// All calls of its programs: arguments, environment and CQL, one a line.
    package func calls() throws -> String {
        (try? SmallFile.text(of: home.appending("calls.jsonl"), limit: 64 << 20)) ?? ""
    }

    // MARK: Programs

    /// `Tests/Fixtures`.
    package static let fixtures: FilePath = {
        var path = FilePath(#filePath)
        for _ in 0..<3 { path.removeLastComponent() }
        return path.appending("Fixtures")
    }()

    private func act(_ action: String, _ arguments: [String] = []) async throws {
        try await Self.act([action, home.string] + arguments)
    }

    private static func act(_ arguments: [String]) async throws {
        let answer = try await run(fixtures.appending("standin/standin"), arguments)
        guard answer.status == 0 else { throw StandInFailure(words: answer.errors + answer.output) }
    }

    private static func run(_ program: FilePath, _ arguments: [String]) async throws -> Answer {
        let result = try await Subprocess.run(
            .path(program),
            arguments: Arguments(arguments),
            environment: .custom(["PATH": "/usr/bin:/bin"]),
            output: .string(limit: 16 << 20),
            error: .string(limit: 16 << 20)
        )
        let status: Int32 =
            switch result.terminationStatus {
            case .exited(let code): code
            case .signaled(let signal): -signal
            }
        return Answer(status: status, output: result.standardOutput, errors: result.standardError)
    }
}

/// What a stand-in could not do, in its words.
package struct StandInFailure: Error, CustomStringConvertible {
    package let words: String

    package var description: String { "the stand-in says: \(words)" }
}
