internal import ArgumentParser
internal import Cassandra
internal import SystemPackage
internal import TransferEngine

/// `ringvault node show`: who the node is, how it is, its ring and its directories.
struct NodeShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show the node's facts, mode, ring and directories.",
        discussion: """
            Asks the node by what --node names, and reads its cassandra.yaml. Changes nothing. Where there is no \
            cassandra.yaml the directories are left out.
            """
    )

    @OptionGroup var node: NodeOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let settings = try global.settings()
        let output = try global.output(settings)
        let logger = try global.logger(settings)
        let control = try node.control(settings, logger)
        let configuration = try found { try node.configuration(settings) }
        let facts = try await control.facts()
        let result = NodeShowResult(
            means: control.means,
            facts: facts,
            mode: try await control.mode(),
            ring: try await control.ring(),
            configuration: configuration
        )
        try output.print(result)
    }

    /// Nil where it is nowhere; any other flaw is an error.
    private func found(_ read: () throws -> CassandraConfiguration) throws -> CassandraConfiguration? {
        do {
            return try read()
        } catch let error as CassandraError where error.code == .notFound && node.cassandraConfig == nil {
            return nil
        }
    }
}

/// What `ringvault node show` prints.
struct NodeShowResult: Renderable {
    let means: String
    let facts: NodeFacts
    let mode: NodeMode
    let ring: RingState
    let configuration: CassandraConfiguration?

    struct JSON: Encodable {
        struct Directories: Encodable {
            let configuration: String
            let data: [String]
            let system: String?
            let commitLog: String
            let hints: String
            let savedCaches: String
            let changeDataCapture: String
        }

        let means: String
        let facts: NodeFacts
        let mode: String
        let ring: RingState
        let directories: Directories?
    }

    var json: JSON {
        JSON(
            means: means,
            facts: facts,
            mode: mode.description,
            ring: ring,
            directories: configuration.map { configuration in
                JSON.Directories(
                    configuration: configuration.file.string,
                    data: configuration.dataDirectories.map(\.string),
                    system: configuration.systemDataDirectory?.string,
                    commitLog: configuration.commitLogDirectory.string,
                    hints: configuration.hintsDirectory.string,
                    savedCaches: configuration.savedCachesDirectory.string,
                    changeDataCapture: configuration.cdcDirectory.string
                )
            }
        )
    }

    var text: String {
        var lines = [
            ("asked by", means),
            ("release", facts.releaseVersion.description),
            ("mode", mode.description),
            ("host id", facts.hostID),
            ("address", facts.address),
            ("cluster", facts.clusterName),
            ("datacenter", facts.datacenter),
            ("rack", facts.rack),
            ("partitioner", facts.partitioner),
            ("tokens", tokens),
            ("schema", facts.schemaVersion ?? "unknown"),
        ]
        if let configuration {
            lines.append(("configuration", configuration.file.string))
            lines += configuration.dataDirectories.map { ("data", $0.string) }
            if let system = configuration.systemDataDirectory { lines.append(("system data", system.string)) }
            lines += [
                ("commit log", configuration.commitLogDirectory.string),
                ("hints", configuration.hintsDirectory.string),
                ("saved caches", configuration.savedCachesDirectory.string),
            ]
        }
        let width = lines.map(\.0.count).max() ?? 0
        let head = lines.map { name, value in
            "\(name)\(String(repeating: " ", count: width - name.count))  \(value)\n"
        }
        return head.joined() + "\n" + members.text + agreement
    }

    private var tokens: String {
        guard let first = facts.tokens.first, let last = facts.tokens.last else { return "none told" }
        return facts.tokens.count == 1 ? first : "\(facts.tokens.count), from \(first) to \(last)"
    }

    private var members: TextTable {
        var table = TextTable([
            ("address", .left), ("up", .left), ("state", .left), ("datacenter", .left), ("rack", .left),
            ("host id", .left),
        ])
        for member in ring.members {
            table.append([
                member.address, member.isUp ? "yes" : "no", member.state.rawValue, member.datacenter,
                member.rack ?? "", member.hostID ?? "",
            ])
        }
        return table
    }

    private var agreement: String {
        var text = ""
        if !ring.agreesOnSchema {
            text += "\nThe nodes disagree on the schema: \(ring.schemaVersions.count) versions.\n"
        }
        if !ring.unreachable.isEmpty { text += "\nUnreachable: \(ring.unreachable.joined(separator: ", "))\n" }
        return text
    }
}
