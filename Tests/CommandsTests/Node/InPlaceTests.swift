import SystemPackage
import TestSupport
import Testing
import TransferEngine

/// Restores into the data directories of a node that is stopped.
@Suite(.timeLimit(.minutes(10))) struct `A restore in place` {
    /// What happens to a node between its backup and the restore: of everything something.
    private func lose(_ flow: NodeFlow) async throws {
        try await flow.node.write("shop.orders", seed: 77)
        try await flow.node.compact("shop.orders")
        let statements = #"TRUNCATE shop.to_be_truncated; DROP TABLE "MixedCase"."Events""#
        let answer = try await flow.node.cqlsh(statements)
        #expect(answer.status == 0, "\(answer.errors)")
        // Names that were free come back with other content.
        try await flow.node.stop()
        try await flow.node.start()
        try await flow.node.write("shop.to_be_truncated", count: 3, seed: 5)
        // Would be replayed into the restored tables.
        try await flow.node.write("shop.peers_by_city", inMemory: true)
    }

    @Test(arguments: StandInNode.versions)
    func `gives back every file as it was, keeps what was there, and undo brings that back`(
        version: String
    ) async throws {
        try await withTemporaryDirectory { root in
            let flow = try await NodeFlow(version, in: root)
            try await flow.node.write("shop.peers_by_city", count: 2)
            try await flow.backUp("b1")
            let before = try flow.userFiles()
            let schema = try await flow.node.cqlsh("DESCRIBE SCHEMA").output
            let identity = try await flow.node.nodetool("info", "-T").output
            #expect(before.paths.count > 30)
            let foreign = try StandInFiles(snapshot: "daily-1", of: flow.node)
            try await lose(flow)
            #expect(try flow.userFiles() != before)
            try await flow.node.stop()
            let lost = try StandInFiles(live: flow.node)

            let plan = try await flow.restore("b1", "in-place", "--dry-run")
            #expect(plan.output.contains("shop.orders"))
            #expect(try StandInFiles(live: flow.node) == lost, "a dry run changes nothing")

            try await flow.restore("b1", "in-place")
            let after = try flow.userFiles()
            #expect(after == before, "\(after.difference(from: before))")
            #expect(try StandInFiles(snapshot: "daily-1", of: flow.node) == foreign)
            try await flow.node.start()
            let started = try flow.userFiles()
            #expect(started == before, "\(started.difference(from: before))")
            #expect(try await flow.node.cqlsh("DESCRIBE SCHEMA").output == schema)
            #expect(try await flow.node.nodetool("info", "-T").output == identity)

            try await flow.node.stop()
            try await flow.undo()
            let undone = try StandInFiles(live: flow.node)
            #expect(undone == lost, "\(undone.difference(from: lost))")
            try await flow.node.start()
            let rows = try flow.files(of: "shop.peers_by_city", withIndexes: false).sets.count
            #expect(rows == 3 + before.sets(of: "peers_by_city") - 2, "the commit log is back as well")
        }
    }

    @Test(arguments: ["3.11.17", "5.0.1"])
    func `refuses while the node runs, drained or not`(version: String) async throws {
        try await withTemporaryDirectory { root in
            let flow = try await NodeFlow(version, in: root)
            try await flow.backUp("b1")
            try await flow.node.write("shop.orders", seed: 9)
            let before = try StandInFiles(live: flow.node)
            let words = ["--name", "b1", "--strategy", "in-place"]
            try await flow.refuse(["restore", "start"], words, saying: "stop")
            #expect(try await flow.node.nodetool("drain").status == 0)
            try await flow.refuse(["restore", "start"], words, saying: "stop")
            #expect(try StandInFiles(live: flow.node) == before)
        }
    }

    @Test(arguments: StandInNode.versions)
    func `fills a machine that lost everything, and it is the same node`(version: String) async throws {
        try await withTemporaryDirectory { root in
            let flow = try await NodeFlow(version, in: root)
            try await flow.backUp("b1")
            let before = try StandInFiles(live: flow.node)
            let identity = try await flow.node.nodetool("info", "-T").output
            try await flow.node.stop()
            try await flow.node.wipe()
            try await flow.restore("b1", "in-place")
            let after = try StandInFiles(live: flow.node)
            #expect(after == before, "\(after.difference(from: before))")
            try await flow.node.start()
            #expect(try await flow.node.nodetool("info", "-T").output == identity)
        }
    }

    @Test(arguments: StandInNode.versions)
    func `gives a new machine the tables and the tokens, but not the identity`(version: String) async throws {
        try await withTemporaryDirectory { root in
            let flow = try await NodeFlow(version, in: root)
            try await flow.node.write("shop.peers_by_city", count: 2)
            try await flow.backUp("b1")
            let before = try flow.userFiles()
            let info = try await flow.node.nodetool("info", "-T").output.split(separator: "\n")
            let tokens = info.filter { $0.hasPrefix("Token") }
            try await flow.node.stop()
            try await flow.node.wipe()
            let answer = try await flow.restore("b1", "in-place", "--new-node")
            // system.peers is left out, peers_by_city is not.
            let after = try flow.userFiles()
            #expect(after == before, "\(after.difference(from: before))")
            #expect(try flow.files(of: "system.local").paths.isEmpty)
            #expect(try flow.files(of: "system.peers").paths.isEmpty)
            #expect(try flow.files(of: "shop.peers_by_city").paths.count >= 16)
            let settings = answer.output.split(separator: "\n").map { $0.drop { $0 == " " } }.filter {
                $0.hasPrefix("initial_token: ") || $0.hasPrefix("auto_bootstrap: ")
            }
            #expect(settings.count == 2, "\(answer.output)")
            #expect(
                CommandLineTool.run(
                    "printf '%s\\n' '\(settings.joined(separator: "' '"))' >> '\(flow.node.configuration)/cassandra.yaml'"
                )
            )
            try await flow.node.start()
            let new = try await flow.node.nodetool("info", "-T").output.split(separator: "\n")
            #expect(new.filter { $0.hasPrefix("Token") } == tokens)
            #expect(new[0] != info[0], "the host id is another")
            #expect(try flow.userFiles() == before)
        }
    }

    @Test(arguments: ["3.11.17", "4.0.14", "5.0.1"])
    func `of one table leaves all others, also one whose name begins like its`(version: String) async throws {
        try await withTemporaryDirectory { root in
            let flow = try await NodeFlow(version, in: root)
            try await flow.node.write("shop.orders_archive", seed: 3)
            try await flow.backUp("b1")
            let orders = try flow.files(of: "shop.orders")
            try await flow.node.compact("shop.orders")
            try await flow.node.compact("shop.orders_archive")
            try await flow.node.write("shop.orders_by_status", seed: 4)
            try await flow.node.stop()
            let others = { try StandInFiles(live: flow.node) { !$0.contains("/shop/orders-") } }
            let before = try others()
            try await flow.restore("b1", "in-place", "--table", "shop.orders")
            let after = try flow.files(of: "shop.orders")
            #expect(after == orders, "\(after.difference(from: orders))")
            #expect(try others() == before)
            try await flow.node.start()
        }
    }

    @Test func `with a torn blob in the vault touches nothing`() async throws {
        try await withTemporaryDirectory { root in
            let flow = try await NodeFlow("4.0.14", in: root)
            try await flow.backUp("b1", "--table", "shop.orders")
            try await flow.node.compact("shop.orders")
            try await flow.node.stop()
            let before = try StandInFiles(live: flow.node)
            #expect(CommandLineTool.run("cd '\(flow.vault)/blobs' && find . -type f -exec truncate -s -7 {} +"))
            try await flow.refuse(
                ["restore", "start"],
                ["--name", "b1", "--strategy", "in-place", "--table", "shop.orders"],
                status: 6
            )
            #expect(try StandInFiles(live: flow.node) == before)
            try await flow.node.start()
        }
    }
}

extension StandInFiles {
    /// How many SSTables the table has, those of its indexes apart.
    fileprivate func sets(of table: String) -> Int {
        var some = self
        some.digests = digests.filter { $0.key.contains("/\(table)-") && !$0.key.contains("/.") }
        return some.sets.count
    }
}
