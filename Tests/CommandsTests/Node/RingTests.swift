import SystemPackage
import TestSupport
import Testing
import TransferEngine

/// A ring of three, each node backed up and restored on its own.
@Suite(.timeLimit(.minutes(10))) struct `A ring of three` {
    private static let names = ["n1", "n2", "n3"]

    private func ring(in root: FilePath) async throws -> [NodeFlow] {
        var flows: [NodeFlow] = []
        for name in Self.names { flows.append(try await NodeFlow("ring-4.0.14/\(name)", in: root, called: name)) }
        try await flows[0].node.join(flows[1...].map(\.node))
        return flows
    }

    @Test func `stands for the captured one`() async throws {
        try await withTemporaryDirectory { root in
            for (name, flow) in zip(Self.names, try await ring(in: root)) {
                let compared = [
                    "status", "status-shop", "describecluster", "describering-shop", "version", "statusbinary",
                ]
                let captures = try Capture.all("nodetool", "ring-4.0.14/\(name)").filter { compared.contains($0.name) }
                let answers = try await flow.node.answers(to: captures.map { [$0.program] + $0.arguments })
                let lines = { (text: String) in text.split(separator: "\n").sorted() }
                for (capture, answer) in zip(captures, answers) {
                    #expect(lines(answer.output) == lines(capture.output), "\(name) \(capture.name)")
                }
                #expect(answers.count >= 4)
            }
        }
    }

    @Test func `is emptied once and filled by each node`() async throws {
        try await withTemporaryDirectory { root in
            let flows = try await ring(in: root)
            var before: [[[String: String]]] = []
            for flow in flows {
                try await flow.backUp("b1")
                before.append(try flow.files(of: "shop.peers_by_city", withIndexes: false).sets)
                try await flow.node.write("shop.peers_by_city", seed: 8)
            }
            #expect(before.allSatisfy { !$0.isEmpty } && Set(before.map(\.count)).count >= 1)
            for flow in flows {
                try await flow.restore("b1", "import", "--table", "shop.peers_by_city", "--until", "staged")
            }
            // While one is down nothing can be truncated.
            try await flows[2].node.stop()
            let words = ["--name", "b1", "--strategy", "import", "--table", "shop.peers_by_city", "--truncate"]
            try await flows[0].refuse(["restore", "start"], words)
            #expect(try flows[0].files(of: "shop.peers_by_city", withIndexes: false).sets.count == before[0].count + 1)
            try await flows[2].node.start()
            try await flows[0].succeed(["restore", "start"], words)
            for flow in flows[1...] { try await flow.restore("b1", "import", "--table", "shop.peers_by_city") }
            for (flow, sets) in zip(flows, before) {
                #expect(try flow.files(of: "shop.peers_by_city", withIndexes: false).sets == sets)
            }
        }
    }

    /// A node alone has every row whatever its tokens are; in a ring it would be given rows that it does not own.
    @Test(arguments: ["import", "refresh"])
    func `has no node loaded whose tokens are others, and says what would be missing`(strategy: String) async throws {
        try await withTemporaryDirectory { root in
            let flow = try await ring(in: root)[0]
            try await flow.backUp("b1")
            let tokens = (1...8).map { "\"\(-9_000_000_000_000_000_000 + $0 * 1_000_000_000_000_000)\"" }
            try await flow.node.set("tokens", "[\(tokens.joined(separator: ","))]")
            let before = try StandInFiles(live: flow.node)
            try await flow.refuse(
                ["restore", "start"],
                ["--name", "b1", "--strategy", strategy, "--table", "MixedCase.Events"],
                status: 8,
                saying: "token"
            )
            #expect(try StandInFiles(live: flow.node) == before)
        }
    }

    @Test func `gets a node back that lost everything`() async throws {
        try await withTemporaryDirectory { root in
            let flows = try await ring(in: root)
            for flow in flows { try await flow.backUp("b1") }
            let before = try StandInFiles(live: flows[1].node)
            try await flows[1].node.stop()
            #expect(try await flows[0].node.nodetool("status").output.contains("DN  127.0.0.2"))
            try await flows[1].node.wipe()
            // Nobody can tell which of three an empty machine was.
            try await flows[1].refuse(
                ["restore", "start"],
                ["--name", "b1", "--strategy", "in-place"],
                saying: "--host-id"
            )
            try await flows[1].restore(
                "b1",
                "in-place",
                "--host-id",
                "d7a390ad-11fe-44b2-ac75-c94d433d94cd"
            )
            let after = try StandInFiles(live: flows[1].node)
            #expect(after == before, "\(after.difference(from: before))")
            try await flows[1].node.start()
            #expect(try await flows[0].node.nodetool("status").output.contains("UN  127.0.0.2"))
        }
    }
}
