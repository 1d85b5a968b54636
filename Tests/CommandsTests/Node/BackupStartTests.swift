import FoundationEssentials
import SystemPackage
import TestSupport
import Testing
import TransferEngine

/// `backup start` on a running node, by the real program and the stand-in.
@Suite(.serialized, .timeLimit(.minutes(10))) struct `A backup of a running node` {
    /// What programs read of the result.
    private struct Result: Decodable {
        struct Snapshot: Decodable {
            let tag: String
            let kept: Bool
            let clearedTables: Int
            let swept: [String]
        }

        struct Header: Decodable {
            let cluster: String
            let hostId: String
            let datacenter: String
            let rack: String
            let source: String
            let releaseVersion: String
            let filter: Filter?
            let totals: Totals
        }

        struct Filter: Decodable {
            let included: [String]
            let excluded: [String]
        }

        struct Totals: Decodable { let tables: Int }

        let backup: Header
        let complete: Bool?
        let snapshot: Snapshot
    }

    private struct Checks: Decodable {
        struct Check: Decodable {
            let check: String
            let result: String
        }

        let passed: Bool
        let checks: [Check]
    }

    private func run(_ command: [String], _ node: StandInNode, in root: FilePath) async throws -> Program.Answer {
        try await Program.run(
            command + [
                "--location", "file://\(root)/vault", "--state-dir", "\(root)/state", "--nodetool", "\(node.nodetool)",
                "--cqlsh", "\(node.cqlsh)", "--cassandra-config", "\(node.configuration)", "--output", "json",
            ],
            environment: ["HOME": "\(root)/home"]
        )
    }

    private func decoded<Value: Decodable>(_ type: Value.Type, _ answer: Program.Answer) throws -> Value {
        try JSONDecoder().decode(type, from: Data(answer.output.utf8))
    }

    @Test func `takes from the node what it knows, and leaves no snapshot of its own`() async throws {
        try await withTemporaryDirectory { root in
            let node = try await StandInNode("4.1.7", in: root.appending("node"))
            let before = try await node.nodetool("listsnapshots").output
            let answer = try await run(
                ["backup", "start", "--name", "one", "--exclude-table", "shop.ev*"],
                node,
                in: root
            )
            try #require(answer.status == 0, "\(answer.errors)")
            let result = try decoded(Result.self, answer)
            #expect(result.backup.cluster == "Fixture 4.1.7")
            #expect(result.backup.hostId == "e59c5211-6d4a-4c0e-a746-4ea27a72281c")
            #expect((result.backup.datacenter, result.backup.rack) == ("dc1", "rack1"))
            #expect(result.backup.releaseVersion == "4.1.7")
            #expect(result.backup.source == "snapshot \(result.snapshot.tag)")
            #expect(result.backup.filter?.excluded == ["shop.ev*", "system_traces"])
            #expect(result.complete == true)
            #expect(result.snapshot.clearedTables == result.backup.totals.tables)
            #expect(try await node.nodetool("listsnapshots").output == before)
        }
    }

    @Test func `is refused with status 8 by a node that is drained, and by options that are another node's`()
        async throws
    {
        try await withTemporaryDirectory { root in
            let node = try await StandInNode("5.0.1", in: root.appending("node"))
            try await node.set("status", "\"drained\"")
            let other = ["--host-id", "99999999-2222-3333-4444-555555555555"]
            let answer = try await run(["backup", "start", "--name", "one"] + other, node, in: root)
            #expect(answer.status == 8, "\(answer.errors)")
            for part in ["DRAINED", "--host-id"] { #expect(answer.errors.contains(part), "\(answer.errors)") }
            let looked = try await run(["backup", "start", "--preflight"] + other, node, in: root)
            #expect(looked.status == 8)
            let checks = try decoded(Checks.self, looked)
            #expect(!checks.passed)
            #expect(
                Set(checks.checks.filter { $0.result == "failed" }.map(\.check)).isSuperset(of: ["identity", "mode"])
            )
            try await node.set("status", "\"down\"")
            let down = try await run(["backup", "start", "--name", "one"], node, in: root)
            #expect(down.status == 5, "\(down.errors)")
        }
    }
}
