import SystemPackage
import TestSupport
import Testing
import TransferEngine

/// The stand-in against the captures: what tests with it prove is worth as much as this.
@Suite(.timeLimit(.minutes(5))) struct `A stand-in for a node` {
    /// Answers that depend on what had been done before with the captured node, or count what changes by itself.
    private static let passing: Set<String> = [
        "listsnapshots-none", "listsnapshots-daily-1", "listsnapshots-daily-2", "listsnapshots",
        "drained-listsnapshots",
        "snapshot-daily-1", "snapshot-daily-2", "draining-netstats", "drained-status", "drained-info", "getsstables",
        "drain",
    ]

    @Test(arguments: StandInNode.versions)
    func `answers as captured, word for word, up, drained and down`(version: String) async throws {
        try await withTemporaryDirectory { root in
            let node = try await StandInNode(version, in: root.appending("node"))
            var calls: [[String]] = []
            var captures: [Capture?] = []
            // All of one state together.
            for state in ["up", "drained", "down"] {
                calls.append(["set", "status", "\"\(state)\""])
                captures.append(nil)
                for capture in try Capture.all("nodetool", version) + Capture.all("cql", version)
                where capture.state == state && !Self.passing.contains(capture.name) {
                    if capture.name.hasPrefix("statusbackup") {
                        // enablebackup was asked for in between.
                        calls.append(["set", "incremental_backups", "\(capture.name != "statusbackup-off")"])
                        captures.append(nil)
                    }
                    calls.append([capture.program] + capture.arguments)
                    captures.append(capture)
                }
            }
            let answers = try await node.answers(to: calls)
            #expect(answers.count == calls.count && calls.count > 60)
            for (capture, answer) in zip(captures, answers) {
                guard let capture else { continue }
                #expect(answer.status == capture.status, "\(capture.name)")
                // Cassandra's order is that of a hash table.
                #expect(lines(answer.output) == lines(capture.output), "\(capture.name)")
                #expect(answer.errors == capture.errors, "\(capture.name)")
            }
        }
    }

    @Test(arguments: StandInNode.versions)
    func `lists the captured snapshots with their sizes`(version: String) async throws {
        try await withTemporaryDirectory { root in
            let node = try await StandInNode(version, in: root.appending("node"))
            let listed = rows(try await node.nodetool("listsnapshots").output)
            let all = try Capture.all("nodetool", version)
            let captured = rows(try #require(all.first { $0.name == "listsnapshots" }).output)
            // The fixtures lack three SSTables of 4.0.14's shop.events.
            let own = listed.filter { !($0.count > 2 && $0[2] == "events") && $0[0] != "Total" }
            #expect(own.count > 5)
            for row in own { #expect(captured.contains(row), "\(row)") }
        }
    }

    @Test(arguments: StandInNode.versions)
    func `makes the same schema again from what it describes`(version: String) async throws {
        try await withTemporaryDirectory { root in
            let node = try await StandInNode(version, in: root.appending("node"))
            let before = try await node.cqlsh("DESCRIBE SCHEMA").output
            let columns = try await node.cqlsh("SELECT JSON * FROM system_schema.columns").output
            let dropped = try await node.cqlsh(
                #"DROP KEYSPACE shop; DROP KEYSPACE "MixedCase"; DROP KEYSPACE empty_ks"#
            )
            #expect(dropped.status == 0, "\(dropped.errors)")
            #expect(try await node.cqlsh("DESCRIBE SCHEMA").output.count < 10)
            let made = try await node.cqlsh(before)
            #expect(made.status == 0, "\(made.errors)")
            #expect(try await node.cqlsh("DESCRIBE SCHEMA").output == before)
            let again = try await node.cqlsh("SELECT JSON * FROM system_schema.columns").output
            #expect(rowTexts(again) == rowTexts(columns))
            #expect(rowTexts(again).count > 100)
        }
    }

    @Test(arguments: StandInNode.versions)
    func `loses nothing by a stop, and nothing but the live files by TRUNCATE`(version: String) async throws {
        try await withTemporaryDirectory { root in
            let node = try await StandInNode(version, in: root.appending("node"))
            let table = "shop.to_be_truncated"
            let isOfTable = { (path: String) in path.contains("/to_be_truncated-") }
            try await node.write(table, inMemory: true)
            let before = try StandInFiles(live: node, where: isOfTable)
            try await node.stop()
            #expect(try await node.nodetool("status").status == 1)
            try await node.start()
            let after = try StandInFiles(live: node, where: isOfTable)
            #expect(after.sets.count == before.sets.count + 1, "the commit log was replayed")
            #expect(try await node.cqlsh("TRUNCATE \(table)").status == 0)
            #expect(try StandInFiles(live: node, where: isOfTable).paths.isEmpty)
            let listed = rows(try await node.nodetool("listsnapshots").output)
            let tag = try #require(listed.first { $0[0].hasPrefix("truncated-") && $0[2] == "to_be_truncated" }?[0])
            let kept = try rows(of: node, isOfTable)
            #expect(kept.contains { $0.contains("/snapshots/truncated-") }, "\(tag)")
        }
    }

    private func rows(of node: StandInNode, _ wanted: (String) -> Bool) throws -> [String] {
        var found: [String] = []
        for data in try node.dataDirectories {
            for table in try DirectoryListing(of: data.appending("shop")).names where wanted("/\(table)") {
                let snapshots = data.appending("shop").appending(table).appending("snapshots")
                let names = (try? DirectoryListing(of: snapshots).names) ?? []
                found += names.map { "\(table)/snapshots/\($0)" }
            }
        }
        return found
    }

    private func lines(_ text: String) -> [Substring] { text.split(separator: "\n").sorted() }

    /// The rows of a SELECT JSON in order, without the spaces before them.
    private func rowTexts(_ text: String) -> [Substring] {
        lines(text).map { $0.drop { $0 == " " } }.filter { $0.hasPrefix("{") }.sorted()
    }

    private func rows(_ text: String) -> [[String]] {
        text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    }
}
