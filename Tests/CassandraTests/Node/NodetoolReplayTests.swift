import SystemPackage
import TestSupport
import Testing

@testable import Cassandra

/// Real nodetools' answers, each replayed to the call that asks for it.
@Suite struct `What a real nodetool printed` {
    private static let nodes = Fixture.versions + ["ring-4.0.14/n1", "ring-4.0.14/n2", "ring-4.0.14/n3"]

    @Test(.timeLimit(.minutes(5)), arguments: nodes) func `is understood, every success and every failure`(
        node: String
    ) async throws {
        var replayed = 0
        for row in try Capture.index(node).dropFirst() {
            let name = String(row[0].dropLast(4))
            let words = row[row.count - 1].split(separator: " ").dropFirst().map(String.init)
            guard let call = Call(words) else { continue }
            let failure = try await withTemporaryDirectory { root in
                let nodetool = try ScriptedNodetool(in: root)
                try nodetool.answer("any", Capture(node, name))
                let control = try nodetool.control()
                return await nodeFailure { try await call.run(control) }
            }
            let expected = Self.expected(node, name)
            #expect(failure?.code == expected?.code, "\(node) \(name): \(failure?.text ?? "a success")")
            if let expected { #expect(failure?.text == expected.text, "\(node) \(name)") }
            #expect(failure?.text.contains("\tat ") != true && failure?.text.contains("StackTrace") != true)
            replayed += 1
        }
        #expect(replayed >= 11, "\(node): \(replayed) captures")
    }

    /// How a capture fails; nil for a success.
    private static func expected(_ node: String, _ name: String) -> (code: CassandraError.Code, text: String)? {
        let isOld = node.hasPrefix("3.")
        let keepsFlushing = isOld || node.hasPrefix("4.0")
        let down = "the node is down, or JMX listens elsewhere: --jmx-host, --jmx-port"
        let port = node.hasSuffix("n3") ? "7399" : "7199"
        let refused = "nodetool: Failed to connect to '127.0.0.1:\(port)' - ConnectException: 'Connection refused'."
            .dropFirst("nodetool: ".count)
        let pool = isOld || node.hasPrefix("4.0") ? "ThreadPoolExecutor" : "MemtablePostFlush"
        let drained = "\(pool) has shut down; the node is drained; it must be restarted first"
        let unknownCommand = "this release's nodetool does not know the command or its options"
        return switch name {
        case "snapshot-existing-tag":
            (.exists, "cannot take the snapshot daily-1: Snapshot daily-1 already exists.")
        case "snapshot-unknown-keyspace":
            (.notFound, "cannot take the snapshot nope: Keyspace no_such_ks does not exist")
        case "snapshot-unknown-table":
            (.notFound, "cannot take the snapshot nope: Unknown keyspace/cf pair (shop.no_such_table)")
        case "drained-snapshot" where keepsFlushing:
            (.notReady, "cannot take the snapshot drained: \(drained)")
        case "drained-snapshot-table" where keepsFlushing:
            (.notReady, "cannot take the snapshot drained-2: \(drained)")
        case "drained-flush": (.notReady, "cannot flush shop: \(drained)")
        case "dead-status": (.unreachable, "cannot look up the ring: \(refused); \(down)")
        case "dead-info": (.unreachable, "cannot look up the node's facts: \(refused); \(down)")
        case "dead-snapshot": (.unreachable, "cannot take the snapshot x: \(refused); \(down)")
        case "wrong-host-status":
            (
                .unreachable,
                "cannot look up the ring: Failed to connect to '127.0.0.99:7199' - ConnectException: "
                    + "'Connection refused'.; \(down)"
            )
        case "describering-unknown":
            (.notFound, "cannot look up the ranges of no_such_ks: No such keyspace: no_such_ks")
        case "flush-unknown-table":
            (.notFound, "cannot flush shop.no_such_table: Unknown keyspace/cf pair (shop.no_such_table)")
        case "refresh-unknown-table":
            (.notFound, "cannot refresh shop.no_such_table: Unknown keyspace/cf pair (shop.no_such_table)")
        case "refresh-unknown-keyspace":
            isOld
                ? (.notFound, "cannot refresh no_such_ks.t: Unknown keyspace no_such_ks")
                : (.notFound, "cannot refresh no_such_ks.t: Keyspace no_such_ks does not exist")
        case "import-bad-directory":
            isOld
                ? (
                    .unsupported,
                    "cannot import into shop.orders: Found unexpected parameters: [import, shop, orders, "
                        + "/nonexistent/backup]; \(unknownCommand)"
                )
                : (.notFound, "cannot import into shop.orders: Directory /nonexistent/backup does not exist")
        case "import-unknown-table":
            isOld
                ? (
                    .unsupported,
                    "cannot import into shop.no_such_table: Found unexpected parameters: [import, shop, no_such_table, "
                        + "/tmp]; \(unknownCommand)"
                )
                : (
                    .notFound,
                    "cannot import into shop.no_such_table: ColumnFamilyStore for shop/no_such_table not found."
                )
        default: nil
        }
    }

    /// What we would call for a captured command line.
    private struct Call {
        private let words: [String]

        /// Nil for a command that is never asked for.
        init?(_ line: [String]) {
            var words = line
            while let option = words.first, ["-p", "-h"].contains(option) { words.removeFirst(2) }
            words.removeAll { $0 == "--" }
            let asked: Set<String> = [
                "snapshot", "clearsnapshot", "flush", "refresh", "import", "listsnapshots", "netstats", "describering",
                "info", "version", "status", "describecluster",
            ]
            guard let command = words.first, asked.contains(command), words != ["clearsnapshot"] else { return nil }
            self.words = words
        }

        func run(_ node: Nodetool) async throws {
            switch words[0] {
            case "snapshot":
                let tag = try SnapshotTag(value(of: "-t") ?? "")
                if let tables = value(of: "-kt") {
                    let names = tables.split(separator: ",").map { $0.split(separator: ".").map(String.init) }
                    let scope = SnapshotScope.tables(names.map { TableName(keyspace: $0[0], name: $0[1]) })
                    try await node.takeSnapshot(tag, of: scope, ttl: nil, skipsFlush: false)
                } else if ["-t", "-sf"].contains(words[words.count - 2]), value(of: "--ttl") == nil,
                    words.last == tag.name
                {
                    try await node.takeSnapshot(tag, of: .everything, ttl: nil, skipsFlush: false)
                } else {
                    let ttl = value(of: "--ttl").map { _ in Duration.seconds(5 * 3600) }
                    let scope = SnapshotScope.keyspaces([words[words.count - 1]])
                    try await node.takeSnapshot(tag, of: scope, ttl: ttl, skipsFlush: words.contains("-sf"))
                }
            case "clearsnapshot":
                try await node.clearSnapshot(SnapshotTag(value(of: "-t") ?? ""), keyspaces: Array(words.dropFirst(3)))
            case "flush": try await node.flush(keyspace: words[1], tables: Array(words.dropFirst(2)))
            case "refresh": try await node.refresh(TableName(keyspace: words[1], name: words[2]))
            case "import":
                let table = TableName(keyspace: words[1], name: words[2])
                _ = try await node.importSSTables(into: table, from: [FilePath(words[3])], ImportOptions())
            case "listsnapshots": _ = try await node.snapshots()
            case "netstats": _ = try await node.mode()
            case "describering": _ = try await node.ranges(ofKeyspace: words[1])
            case "info" where words.count > 1: try await Self.only("info") { _ = try await node.facts() }
            case "info": try await Self.only("info") { _ = try await node.facts() }
            case "version", "describecluster": try await Self.only(words[0]) { _ = try await node.facts() }
            case "status": try await Self.only("status") { _ = try await node.ring() }
            default: preconditionFailure(words[0])
            }
        }

        /// Facts and ring take several commands, of which only this one's answer is replayed: what the others then
        /// lack is no failure of it.
        private static func only(_ command: String, _ body: () async throws -> Void) async throws {
            do {
                try await body()
            } catch let error as CassandraError
                where error.code == .malformed && error.target != "nodetool \(command)"
            {}
        }

        private func value(of option: String) -> String? {
            words.firstIndex(of: option).map { words[$0 + 1] }
        }
    }
}
