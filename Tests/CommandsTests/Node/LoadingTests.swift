import SystemPackage
import TestSupport
import Testing
import TransferEngine

/// Restores into a node that runs: by import, and by refresh.
@Suite(.timeLimit(.minutes(10))) struct `Loading into a node of any version` {
    struct Way: Sendable, CustomTestStringConvertible {
        let version: String
        let strategy: String
        var testDescription: String { "\(strategy) \(version)" }
    }

    /// Every version with refresh, those that have it with import.
    static let ways = StandInNode.versions.flatMap { version in
        (version < "4" ? ["refresh"] : ["import", "refresh"]).map { Way(version: version, strategy: $0) }
    }

    /// One for each version, one for each strategy: what is the same code for all of them need not be shown by all.
    static let oneOfVersion = ways.filter { $0.version < "4" || $0.strategy == "import" }
    static let oneOfStrategy = ways.filter {
        [$0.version, $0.strategy] == ["3.11.17", "refresh"] || [$0.version, $0.strategy] == ["4.1.7", "import"]
    }

    /// SSTables of the table but not of its indexes, which Cassandra builds itself.
    private func sets(_ flow: NodeFlow, _ table: String) throws -> [[String: String]] {
        try flow.files(of: table, withIndexes: false).sets
    }

    @Test(arguments: ways)
    func `brings back what TRUNCATE took, also where names are taken by other content`(way: Way) async throws {
        try await withTemporaryDirectory { root in
            let flow = try await NodeFlow(way.version, in: root)
            try await flow.node.write("shop.to_be_truncated", count: 2)
            try await flow.backUp("b1")
            let before = try sets(flow, "shop.to_be_truncated")
            let others = try StandInFiles(live: flow.node) {
                !$0.contains("/to_be_truncated-") && !$0.contains("/system")
            }
            #expect(before.count >= 3)
            #expect(try await flow.node.cqlsh("TRUNCATE shop.to_be_truncated").status == 0)
            // Integer ids start anew: the next ones have the backup's names and other content.
            try await flow.node.stop()
            try await flow.node.start()
            try await flow.node.write("shop.to_be_truncated", count: 2, seed: 50)
            let written = try sets(flow, "shop.to_be_truncated")
            try await flow.restore("b1", way.strategy, "--table", "shop.to_be_truncated")
            #expect(try Set(sets(flow, "shop.to_be_truncated")) == Set(before + written))
            #expect(try sets(flow, "shop.to_be_truncated").count == before.count + written.count)
            let after = try StandInFiles(live: flow.node) {
                !$0.contains("/to_be_truncated-") && !$0.contains("/system")
            }
            #expect(after == others, "\(after.difference(from: others))")
            // It all stands a restart, and nothing of the staging is in the way.
            try await flow.node.stop()
            try await flow.node.start()
            #expect(try sets(flow, "shop.to_be_truncated").count == before.count + written.count)
        }
    }

    @Test(arguments: ways)
    func `with --truncate leaves just the backup's rows, and undo those of before`(way: Way) async throws {
        try await withTemporaryDirectory { root in
            let flow = try await NodeFlow(way.version, in: root)
            try await flow.backUp("b1")
            let before = try sets(flow, "shop.orders")
            try await flow.node.write("shop.orders", count: 2, seed: 20)
            try await flow.node.compact("shop.orders")
            try await flow.node.write("shop.orders", seed: 30)
            let lost = try sets(flow, "shop.orders")
            #expect(lost != before)
            // TRUNCATE empties the table's view too: nobody loses that unasked.
            let words = ["--name", "b1", "--strategy", way.strategy, "--table", "shop.orders", "--truncate"]
            try await flow.refuse(["restore", "start"], words, saying: "orders_by_status")
            #expect(try sets(flow, "shop.orders") == lost)
            try await flow.succeed(["restore", "start"], words + ["--table", "shop.orders_by_status"])
            #expect(try sets(flow, "shop.orders") == before)
            #expect(try await flow.tags().contains { $0.hasPrefix("truncated-") && $0.hasSuffix("-orders") })
            try await flow.undo()
            #expect(try sets(flow, "shop.orders") == lost)
            try await flow.node.stop()
            try await flow.node.start()
        }
    }

    @Test(arguments: oneOfVersion)
    func `makes a dropped table with its id again, and loads it`(way: Way) async throws {
        try await withTemporaryDirectory { root in
            let flow = try await NodeFlow(way.version, in: root)
            let table = way.version == "3.11.17" ? "shop.orders" : "shop.orders_archive"
            let name = String(table.dropFirst(5))
            try await flow.backUp("b1")
            let before = try sets(flow, table)
            let described = try await flow.node.cqlsh("DESCRIBE SCHEMA").output
            let paths = try flow.files(of: table, withIndexes: false).paths.map { FilePath($0).removingLastComponent() }
            let drop = table == "shop.orders" ? "DROP MATERIALIZED VIEW shop.orders_by_status; " : ""
            let dropped = try await flow.node.cqlsh(drop + "DROP TABLE \(table)")
            #expect(dropped.status == 0, "\(dropped.errors)")
            let words = ["--name", "b1", "--strategy", way.strategy, "--table", table]
            let live = try StandInFiles(live: flow.node)
            try await flow.refuse(["restore", "start"], words, saying: name)
            #expect(try StandInFiles(live: flow.node) == live, "a table is missing: nothing is touched")
            let view = drop.isEmpty ? [] : ["--table", "shop.orders_by_status"]
            try await flow.succeed(["restore", "start"], words + view + ["--schema", "create"])
            #expect(try sets(flow, table) == before)
            let now = try await flow.node.cqlsh("DESCRIBE SCHEMA").output
            #expect(now.split(separator: "\n").sorted() == described.split(separator: "\n").sorted())
            let placed = try flow.files(of: table, withIndexes: false).paths.map {
                FilePath($0).removingLastComponent()
            }
            #expect(Set(placed.map(\.lastComponent)) == Set(paths.map(\.lastComponent)), "the id is the same")
        }
    }

    @Test(arguments: oneOfVersion)
    func `as another table leaves the first alone`(way: Way) async throws {
        try await withTemporaryDirectory { root in
            let flow = try await NodeFlow(way.version, in: root)
            try await flow.backUp("b1")
            let before = try sets(flow, "shop.to_be_truncated")
            let first = try flow.files(of: "shop.to_be_truncated")
            try await flow.restore(
                "b1",
                way.strategy,
                "--table",
                "shop.to_be_truncated",
                "--as",
                "other.t2",
                "--schema",
                "create"
            )
            #expect(try sets(flow, "other.t2") == before)
            #expect(try flow.files(of: "shop.to_be_truncated") == first)
        }
    }

    @Test(arguments: oneOfStrategy)
    func `is not done twice by the same words`(way: Way) async throws {
        try await withTemporaryDirectory { root in
            let flow = try await NodeFlow(way.version, in: root)
            try await flow.backUp("b1")
            try await flow.restore("b1", way.strategy, "--table", "shop.to_be_truncated")
            let once = try sets(flow, "shop.to_be_truncated")
            let again = try await flow.run(
                ["restore", "start"],
                ["--name", "b1", "--strategy", way.strategy, "--table", "shop.to_be_truncated"]
            )
            #expect(try sets(flow, "shop.to_be_truncated") == once, "\(again.status) \(again.errors)")
        }
    }

    @Test(arguments: oneOfStrategy)
    func `goes on where a kill ended it, and loads nothing twice`(way: Way) async throws {
        try await withTemporaryDirectory { root in
            let flow = try await NodeFlow(way.version, in: root)
            try await flow.backUp("b1")
            let orders = try sets(flow, "shop.orders")
            let plain = try sets(flow, "shop.to_be_truncated")
            #expect(try await flow.node.cqlsh("TRUNCATE shop.orders; TRUNCATE shop.to_be_truncated").status == 0)
            let words = [
                "--name", "b1", "--strategy", way.strategy, "--table", "shop.orders", "--table",
                "shop.orders_by_status", "--table", "shop.to_be_truncated",
            ]
            // Before the first table, then after the second has been given to the node, unnoticed.
            try await flow.node.kill(at: way.strategy)
            #expect(try await flow.run(["restore", "start"], words).status == -9)
            try await flow.node.kill(at: way.strategy, containing: "to_be_truncated", isLate: true)
            #expect(try await flow.run(["restore", "start"], words).status == -9)
            try await flow.succeed(["restore", "start"], words)
            #expect(try sets(flow, "shop.orders") == orders)
            #expect(try sets(flow, "shop.to_be_truncated") == plain)
        }
    }

    @Test(arguments: oneOfStrategy)
    func `with a torn blob in the vault touches nothing`(way: Way) async throws {
        try await withTemporaryDirectory { root in
            let flow = try await NodeFlow(way.version, in: root)
            try await flow.backUp("b1", "--table", "shop.to_be_truncated")
            let before = try StandInFiles(live: flow.node)
            let tags = try await flow.tags()
            #expect(CommandLineTool.run("cd '\(flow.vault)/blobs' && find . -type f -exec truncate -s -7 {} +"))
            try await flow.refuse(
                ["restore", "start"],
                ["--name", "b1", "--strategy", way.strategy, "--table", "shop.to_be_truncated", "--truncate"],
                status: 6
            )
            #expect(try StandInFiles(live: flow.node) == before)
            #expect(try await flow.tags() == tags)
        }
    }

    @Test func `by import is refused on 3.11 before anything is fetched`() async throws {
        try await withTemporaryDirectory { root in
            let flow = try await NodeFlow("3.11.17", in: root)
            try await flow.backUp("b1")
            try await flow.refuse(
                ["restore", "start"],
                ["--name", "b1", "--strategy", "import", "--table", "shop.to_be_truncated"],
                saying: "refresh"
            )
        }
    }
}
