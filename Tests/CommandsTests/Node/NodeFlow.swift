import SystemPackage
import TestSupport
import Testing
import TransferEngine

/// A stand-in for a node, a vault in a directory beside it, and `ringvault` run on both as on a node's own machine.
struct NodeFlow {
    let node: StandInNode
    private let root: FilePath
    /// Files with passwords, and the like.
    private let more: [String]

    /// Makes the node, and a vault unless there is one in `root` already: the nodes of a ring share it.
    init(
        _ version: String,
        in root: FilePath,
        called name: String = "node",
        isEmpty: Bool = false,
        login: (user: String, password: String)? = nil,
        options: [String] = []
    ) async throws {
        node = try await StandInNode(version, in: root.appending(name), isEmpty: isEmpty, login: login)
        self.root = root
        more = options
        if (try? FileStatus(of: root.appending("vault"))) == nil {
            try await succeed(["vault", "init", "--location", location])
        }
    }

    /// The same node and vault, asked for with other options.
    init(_ other: NodeFlow, options: [String]) {
        node = other.node
        root = other.root
        more = options
    }

    var location: String { "file://\(root)/vault" }
    var vault: FilePath { root.appending("vault") }

    /// What every command about the node is given.
    var options: [String] {
        [
            "--nodetool", node.nodetool.string, "--cqlsh", node.cqlsh.string, "--cassandra-config",
            node.configuration.string, "--jmx-port", node.jmxPort, "--cql-host", node.address,
        ] + more
    }

    /// `ringvault` with the vault, the node and a state directory of its own.
    func run(_ command: [String], _ arguments: [String] = []) async throws -> Program.Answer {
        // What restores have left on a node is known without the vault.
        let needsVault = command != ["restore", "undo"] && command != ["restore", "cleanup"]
        let place = needsVault ? ["--location", location] : []
        return try await Program.run(command + place + options + arguments, environment: environment)
    }

    /// The same for a command that must succeed.
    @discardableResult
    func succeed(
        _ command: [String],
        _ arguments: [String] = [],
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> Program.Answer {
        let isOfNode = command.first != "vault"
        let answer =
            isOfNode
            ? try await run(command, arguments)
            : try await Program.run(command + arguments, environment: environment)
        let said = "\(command.joined(separator: " ")) \(arguments.joined(separator: " "))"
        try #require(answer.status == 0, "\(said): \(answer.errors)\n\(answer.output)", sourceLocation: sourceLocation)
        return answer
    }

    /// The same for one that must not: with this status and these words on standard error.
    @discardableResult
    func refuse(
        _ command: [String],
        _ arguments: [String] = [],
        status: Int32? = nil,
        saying words: String...,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> Program.Answer {
        let answer = try await run(command, arguments)
        let said = "\(command.joined(separator: " ")) \(arguments.joined(separator: " ")): \(answer.errors)"
        #expect(answer.status != 0, "\(said)\(answer.output)", sourceLocation: sourceLocation)
        if let status { #expect(answer.status == status, "\(said)", sourceLocation: sourceLocation) }
        for word in words {
            #expect(
                answer.errors.contains(word) || answer.output.contains(word),
                "\(said)\(answer.output)",
                sourceLocation: sourceLocation
            )
        }
        return answer
    }

    @discardableResult
    func backUp(
        _ name: String,
        _ arguments: String...,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> Program.Answer {
        try await succeed(["backup", "start"], ["--name", name] + arguments, sourceLocation: sourceLocation)
    }

    @discardableResult
    func restore(
        _ name: String,
        _ strategy: String,
        _ arguments: String...,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> Program.Answer {
        let words = ["--name", name, "--strategy", strategy] + arguments
        return try await succeed(["restore", "start"], words, sourceLocation: sourceLocation)
    }

    /// `restore undo`, which needs no vault.
    func undo(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let answer = try await Program.run(["restore", "undo"] + options, environment: environment)
        try #require(answer.status == 0, "\(answer.errors)\n\(answer.output)", sourceLocation: sourceLocation)
    }

    /// `backup show`, which needs no node.
    func show(_ name: String) async throws -> Program.Answer {
        try await Program.run(
            ["backup", "show", name, "--location", location],
            environment: environment
        )
    }

    /// Live files of one table, with or without those of its indexes.
    func files(of table: String, withIndexes: Bool = true) throws -> StandInFiles {
        let parts = table.split(separator: ".").map(String.init)
        return try StandInFiles(live: node) { path in
            path.contains("/\(parts[0])/\(parts[1])-") && (withIndexes || !path.contains("/."))
        }
    }

    /// Live files of all that users made.
    func userFiles() throws -> StandInFiles {
        try StandInFiles(live: node) { path in !path.contains("/system") }
    }

    /// Tags of snapshots in the data directories.
    func tags() async throws -> Set<String> {
        var tags: Set<String> = []
        for data in try node.dataDirectories {
            for keyspace in try DirectoryListing(of: data).entries where keyspace.kind == .directory {
                for table in try DirectoryListing(of: data.appending(keyspace.name)).entries
                where table.kind == .directory {
                    let snapshots = data.appending(keyspace.name).appending(table.name).appending("snapshots")
                    tags.formUnion((try? DirectoryListing(of: snapshots).names) ?? [])
                }
            }
        }
        return tags
    }

    /// Tags that Ringvault made.
    func ownTags() async throws -> Set<String> { try await tags().filter { $0.hasPrefix("ringvault-") } }

    private var environment: [String: String] { ["RINGVAULT_STATE_DIR": "\(root)/state"] }
}
