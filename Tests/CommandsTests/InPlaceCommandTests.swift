import SystemPackage
import TestSupport
import Testing
import TransferEngine

/// Restores into a stopped node by the real program.
@Suite(.timeLimit(.minutes(10))) struct `restore start --strategy in-place` {
    /// A node with its cassandra.yaml, and a vault with a backup of it.
    private struct Stopped {
        static let orders = "shop/orders-3e2816e0e53811f1916b25b74eacdfa4"
        static let schema = "system_schema/tables-afddfb9dbc1e30688056eed6c302ba41"

        let root: FilePath
        let place: [String]

        init(in root: FilePath) async throws {
            self.root = root
            place = ["--location", "file://\(root)/vault", "--state-dir", "\(root)/state"]
            for directory in ["data1", "data2"] {
                try write([1, 2, 3], "\(directory)/\(Self.orders)/nb-1-big-Data.db")
                try write([4], "\(directory)/\(Self.schema)/nb-1-big-Data.db")
            }
            try write([5], "commitlog/CommitLog-7-1.log")
            let lines = [
                "cluster_name: ring", "num_tokens: 1", "partitioner: org.apache.cassandra.dht.Murmur3Partitioner",
                "data_file_directories:", "  - \(root)/data1", "  - \(root)/data2",
                "commitlog_directory: \(root)/commitlog",
                "hints_directory: \(root)/hints", "saved_caches_directory: \(root)/caches",
                "cdc_raw_directory: \(root)/cdc",
            ]
            try write(Array(lines.joined(separator: "\n").utf8), "conf/cassandra.yaml")
            let data = ["--data-dir", "\(root)/data1", "--data-dir", "\(root)/data2"]
            let made = try await Program.run(["vault", "init"] + place.prefix(2))
            try #require(made.status == 0, "\(made.errors)")
            let stored = try await Program.run(
                ["backup", "start", "--name", "one", "--live", "--node", "none"] + data + place
            )
            try #require(stored.status == 0, "\(stored.errors)")
        }

        func write(_ bytes: [UInt8], _ name: String) throws {
            let path = root.appending(name)
            try FileTree.makeDirectories(path.removingLastComponent())
            try FileTree.remove(path)
            try WritableFile(path, creation: .mustBeNew).write(bytes.span, at: 0)
        }

        func bytes(_ name: String) -> [UInt8]? { try? SmallFile.bytes(of: root.appending(name)) }

        var node: [String] { ["--node", "none", "--cassandra-config", "\(root)/conf"] }

        func restore(_ more: [String]) async throws -> Program.Answer {
            try await Program.run(
                ["restore", "start", "--name", "one", "--strategy", "in-place"] + node + place + more
            )
        }
    }

    @Test func `plans, restores, is undone and cleaned up after`() async throws {
        try await withTemporaryDirectory { root in
            let node = try await Stopped(in: root)
            let name = "data2/\(Stopped.orders)/nb-1-big-Data.db"
            try node.write([9, 9, 9], name)

            let dry = try await node.restore(["--dry-run", "--output", "json"])
            #expect(dry.status == 0, "\(dry.errors)")
            #expect(dry.output.contains(#""strategy" : "in-place""#))
            #expect(dry.output.contains(#""action" : "set aside""#))
            #expect(node.bytes(name) == [9, 9, 9])
            #expect(try !DirectoryListing(of: root.appending("data1")).names.contains(".ringvault"))

            let text = try await node.restore(["--dry-run"])
            #expect(text.output.contains("shop.orders"))
            #expect(text.output.contains("commitlog"))

            let done = try await node.restore([])
            #expect(done.status == 0, "\(done.errors)")
            #expect(node.bytes(name) == [1, 2, 3])
            #expect(node.bytes("commitlog/CommitLog-7-1.log") == nil)

            let twice = try await node.restore([])
            #expect(twice.status == 8)
            #expect(twice.errors.contains("--again"))

            let undone = try await Program.run(["restore", "undo"] + node.node)
            #expect(undone.status == 0, "\(undone.errors)")
            #expect(node.bytes(name) == [9, 9, 9])
            #expect(node.bytes("commitlog/CommitLog-7-1.log") == [5])

            let list = try await Program.run(["restore", "cleanup"] + node.node)
            #expect(list.output.contains("undone"))
            let cleaned = try await Program.run(
                ["restore", "cleanup", "--discard-aside", "--output", "json"] + node.node
            )
            #expect(cleaned.status == 0, "\(cleaned.errors)")
            #expect(cleaned.output.contains(#""restores" : ["#))
            #expect(try !DirectoryListing(of: root.appending("data1")).names.contains(".ringvault"))
            #expect(node.bytes(name) == [9, 9, 9])
        }
    }

    @Test func `ends with status 8 and changes nothing where a check fails`() async throws {
        try await withTemporaryDirectory { root in
            let node = try await Stopped(in: root)
            let only = ["--table", "shop.orders"]
            try node.write(Array(repeating: 1, count: 64), "commitlog/CommitLog-7-1.log")
            for more in [["--dry-run"], []] {
                let refused = try await node.restore(only + more)
                #expect(refused.status == 8)
                #expect((refused.output + refused.errors).contains("commit log"))
            }
            #expect(try !DirectoryListing(of: root.appending("data1")).names.contains(".ringvault"))
        }
    }

    @Test(arguments: [
        (["--strategy", "sideways"], "sideways"), ([], "--target"),
        (["--strategy", "in-place", "--target", "x"], "--target"),
        (["--target", "x", "--new-node"], "--new-node"), (["--strategy", "in-place", "--as", "a.b"], "--as"),
        (["--strategy", "refresh", "--table-id", "a.b=c"], "--table-id"),
        (["--strategy", "in-place", "--until", "later"], "later"), (["--target", "x", "--dry-run"], "--dry-run"),
    ])
    func `says which options do not go together`(options: [String], word: String) async throws {
        let answer = try await Program.run(
            ["restore", "start", "--name", "one", "--location", "file:///nowhere"] + options
        )
        #expect(answer.status == 64)
        #expect(answer.errors.contains(word))
    }
}
