import Cassandra
import SystemPackage
import TestSupport
import TransferEngine

/// A program that stands for nodetool, in a directory of its own, and what it has been told to answer.
struct ScriptedNodetool {
    private let directory: FilePath

    init(in directory: FilePath) throws {
        self.directory = directory
        let program = Fixture.tests.appending("Fixtures").appending("nodetool").appending("nodetool")
        try makeLink(to: program, at: directory.appending("nodetool"))
    }

    var path: String { directory.appending("nodetool").string }

    /// - Parameter command: `info`; "any" for all that have no answer of their own.
    func answer(_ command: String = "any", status: Int = 0, output: String = "", errors: String = "") throws {
        try make(directory.appending("\(command).status"), "\(status)\n")
        try make(directory.appending("\(command).txt"), output)
        if !errors.isEmpty { try make(directory.appending("\(command).err"), errors) }
    }

    /// Lines of sh(1) that run before the answer.
    func run(_ lines: String, status: Int = 0) throws {
        try answer(status: status)
        try make(directory.appending("any.sh"), lines)
    }

    /// A real node's answer.
    func answer(_ command: String = "any", _ capture: Capture) throws {
        try answer(command, status: capture.status, output: capture.output, errors: capture.errors)
    }

    /// The arguments of each call so far.
    var calls: [[String]] {
        let text = (try? SmallFile.text(of: directory.appending("arguments"))) ?? ""
        return text.split(separator: "\n\n").map { $0.split(separator: "\n").map(String.init) }
    }

    func control(_ change: (inout NodetoolSettings) -> Void = { _ in }) throws -> Nodetool {
        var settings = NodetoolSettings()
        settings.executable = path
        settings.environment = ["PATH": "/usr/bin:/bin"]
        change(&settings)
        return try Nodetool(settings)
    }
}

/// What one command of a real nodetool printed.
struct Capture {
    let output: String
    let errors: String
    let status: Int

    /// - Parameters:
    ///   - node: `4.0.14`, `ring-4.0.14/n1`.
    ///   - name: `snapshot-daily-1`.
    init(_ node: String, _ name: String) throws {
        let directory = Fixture.tests.appending("Fixtures/cassandra").appending("\(node)/nodetool")
        output = try SmallFile.text(of: directory.appending("\(name).txt"))
        errors = (try? SmallFile.text(of: directory.appending("\(name).err"))) ?? ""
        let line = try Self.index(node).first { $0.first == "\(name).txt" }
        guard let line, line.count > 1, let status = Int(line[1]) else {
            throw CassandraError(.notFound, "find the capture", name, "")
        }
        self.status = status
    }

    /// Rows of index.tsv: file, status, state of the node, command.
    static func index(_ node: String) throws -> [[String]] {
        let path = Fixture.tests.appending("Fixtures/cassandra").appending("\(node)/nodetool/index.tsv")
        return try SmallFile.text(of: path).split(separator: "\n").map {
            $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        }
    }
}

/// The error's code, and its text; nil if none is thrown.
func nodeFailure(_ body: () async throws -> Void) async -> (code: CassandraError.Code?, text: String)? {
    do {
        try await body()
        return nil
    } catch {
        return ((error as? CassandraError)?.code, "\(error)")
    }
}
