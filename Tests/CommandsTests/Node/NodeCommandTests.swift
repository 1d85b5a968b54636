import FoundationEssentials
import SystemPackage
import TestSupport
import Testing
import TransferEngine

@Suite(.timeLimit(.minutes(5))) struct `ringvault node` {
    private func ask(_ node: StandInNode, _ arguments: String..., options: [String] = []) async throws -> Program.Answer
    {
        let means = ["--nodetool", node.nodetool.string, "--jmx-port", node.jmxPort]
        let configuration = ["--cassandra-config", node.configuration.string]
        return try await Program.run(["node"] + arguments + means + configuration + options)
    }

    @Test(arguments: StandInNode.versions) func `shows who the node is, its ring and its directories`(
        version: String
    ) async throws {
        try await withTemporaryDirectory { root in
            let node = try await StandInNode(version, in: root.appending("node"))
            let text = try await ask(node, "show")
            #expect(text.status == 0, "\(text.errors)")
            #expect(text.output.contains("release        \(version)\nmode           NORMAL\n"))
            for directory in try node.dataDirectories { #expect(text.output.contains("data           \(directory)\n")) }
            #expect(text.output.contains("127.0.0.1  yes  normal  dc1         rack1"))

            struct Shown: Decodable {
                struct Facts: Decodable {
                    let releaseVersion: String
                    let tokens: [String]
                }
                struct Directories: Decodable {
                    let data: [String]
                    let commitLog: String
                }
                let facts: Facts
                let mode: String
                let directories: Directories
            }
            let json = try await ask(node, "show", options: ["--output", "json"])
            let shown = try JSONDecoder().decode(Shown.self, from: Data(json.output.utf8))
            #expect(shown.facts.releaseVersion == version && shown.facts.tokens.count == 16 && shown.mode == "NORMAL")
            #expect(shown.directories.data == (try node.dataDirectories.map(\.string)))
            #expect(shown.directories.commitLog.hasPrefix(node.root.string))
        }
    }

    @Test(arguments: StandInNode.versions) func `lists snapshots by their tags`(version: String) async throws {
        try await withTemporaryDirectory { root in
            let node = try await StandInNode(version, in: root.appending("node"))
            let taken = try await node.nodetool("snapshot", "-t", "ringvault-x", "-kt", "shop.orders")
            #expect(taken.status == 0)
            let answer = try await ask(node, "snapshots")
            #expect(answer.status == 0, "\(answer.errors)")
            let lines = answer.output.split(separator: "\n")
            let own = lines.first { $0.hasPrefix("ringvault-x ") }?.split(separator: " ")
            #expect(own?[1] == "1" && own?.last == "ringvault", "\(answer.output)")
            #expect(lines.contains { $0.hasPrefix("daily-1 ") })
            #expect(lines.contains { $0.hasPrefix("truncated-") && $0.hasSuffix("cassandra") })

            struct Listed: Decodable {
                let tag: String
                let keyspace: String
                let table: String
            }
            let json = try await ask(node, "snapshots", options: ["--output", "json"])
            let listed = try JSONDecoder().decode([Listed].self, from: Data(json.output.utf8))
            #expect(listed.count { $0.tag == "ringvault-x" && $0.keyspace == "shop" && $0.table == "orders" } == 1)
        }
    }

    @Test func `says that the node is down, and what to do`() async throws {
        try await withTemporaryDirectory { root in
            let node = try await StandInNode("4.1.7", in: root.appending("node"))
            try await node.stop()
            let answer = try await ask(node, "show")
            #expect(answer.status == 5 && answer.output.isEmpty)
            #expect(answer.errors.contains("Connection refused"))
            #expect(answer.errors.contains("--jmx-host, --jmx-port"))
        }
    }

    @Test func `logs in with a password that only its file has`() async throws {
        try await withTemporaryDirectory { root in
            let node = try await StandInNode("4.0.14", in: root.appending("node"), login: ("backup", "canary-secret"))
            let file = root.appending("jmx.password")
            try makeFile(file, Array("other wrong\nbackup canary-secret\n".utf8))
            let refused = try await ask(node, "show", options: ["--log-level", "debug"])
            #expect(refused.status == 1)
            #expect(refused.errors.contains("--jmx-username and --jmx-password-file"))
            let login = ["--jmx-username", "backup", "--jmx-password-file", file.string, "--log-level", "trace"]
            let answer = try await ask(node, "show", options: login)
            #expect(answer.status == 0, "\(answer.errors)")
            for text in [refused.output, refused.errors, answer.output, answer.errors] {
                #expect(!text.contains("canary-secret"))
            }
        }
    }

    @Test(
        arguments: [
            (["--node", "none"], 1, "no node is asked"),
            (["--node", "telepathy"], 64, "nodetool, management-api, sidecar, none"),
            (["--nodetool", "/nonexistent/nodetool"], 64, "/nonexistent/nodetool"),
            (["--nodetool-option=-pw"], 64, "--jmx-password-file"),
            (["--jmx-port", "x"], 64, "a port"),
            (["--node-timeout", "0"], 64, "a time such as 10m"),
            (["--node", "management-api", "--node-url", "http://127.0.0.1:1"], 5, "nobody listens there"),
            (["--node", "sidecar", "--node-url", "127.0.0.1"], 64, "its address is not a URL"),
        ]
    )
    func `ends with a status that tells why`(options: [String], status: Int32, words: String) async throws {
        let answer = try await Program.run(["node", "snapshots"] + options)
        let shown = try await Program.run(["node", "show"] + options)
        #expect(shown.status == status, "\(shown.errors)")
        #expect(shown.errors.contains(words), "\(shown.errors)")
        // Sidecar refuses a list before it is asked; all else fails alike.
        #expect(answer.status == status, "\(answer.errors)")
    }

    @Test func `takes its settings from the configuration too`() async throws {
        try await withTemporaryDirectory { root in
            let node = try await StandInNode("5.0.1", in: root.appending("node"))
            let file = root.appending("ringvault.yaml")
            let text = """
                nodetool: \(node.nodetool)
                jmx-port: \(node.jmxPort)
                jmx-ssl: false
                cassandra-config: \(node.configuration)
                """
            try makeFile(file, Array(text.utf8))
            let answer = try await Program.run(["node", "show", "--config", file.string])
            #expect(answer.status == 0, "\(answer.errors)")
            #expect(answer.output.contains("data           \(node.root)/data1\n"))
        }
    }
}
