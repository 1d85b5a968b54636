import FoundationEssentials
import Subprocess
import SystemPackage
import TestSupport
import Testing
import TransferEngine

@Suite(.timeLimit(.minutes(5))) struct `The command line` {
    static let host = "11111111-2222-3333-4444-555555555555"

    /// A data directory with one snapshot `daily`, and the options of a backup of it.
    private func node(in root: FilePath, files: Int = 3, size: Int = 5000) throws -> [String] {
        let table = root.appending("data/shop/orders-3e2816e0e53811f1916b25b74eacdfa4/snapshots/daily")
        try FileTree.makeDirectories(table)
        for index in 0..<files {
            let file = try WritableFile(table.appending("nb-\(index + 1)-big-Data.db"), creation: .mustBeNew)
            try file.write(Content.random(size, seed: UInt64(index)).span, at: 0)
        }
        return [
            "backup", "start", "--location", "file://\(root)/vault", "--data-dir", "\(root)/data", "--snapshot",
            "daily",
            "--host-id", Self.host,
        ]
    }

    @Test func `backs up, lists, shows and restores`() async throws {
        try await withTemporaryDirectory { root in
            let backup = try await Program.run(node(in: root) + ["--name", "one", "--cluster", "Test Cluster"])
            #expect(backup.status == 0, "\(backup.errors)")
            #expect(backup.output.contains("'one' of cluster 'Test Cluster'"))
            let location = ["--location", "file://\(root)/vault"]
            let list = try await Program.run(["backup", "list"] + location)
            #expect(list.output.split(separator: "\n").count == 2)
            #expect(list.output.contains("Test Cluster"))
            let show = try await Program.run(["backup", "show", "one"] + location)
            #expect(show.output.contains(Self.host))
            let restore = try await Program.run(
                ["restore", "start", "--name", "one", "--target", "\(root)/out"] + location
            )
            #expect(restore.status == 0, "\(restore.errors)")
            let original = root.appending("data/shop/orders-3e2816e0e53811f1916b25b74eacdfa4/snapshots/daily")
            let copy = root.appending("out/shop/orders-3e2816e0e53811f1916b25b74eacdfa4")
            let names = try DirectoryListing(of: original).names
            #expect(try DirectoryListing(of: copy).names == names)
            for name in names {
                #expect(try SmallFile.bytes(of: copy.appending(name)) == SmallFile.bytes(of: original.appending(name)))
            }
        }
    }

    @Test func `prints JSON for every result when asked`() async throws {
        try await withTemporaryDirectory { root in
            let common = ["--location", "file://\(root)/vault", "--output", "json"]
            let commands = [
                ["vault", "init"] + common, try node(in: root) + ["--name", "one", "--output", "json"],
                ["vault", "show"] + common, ["backup", "list"] + common, ["backup", "show", "one"] + common,
                ["restore", "start", "--name", "one", "--target", "\(root)/out"] + common,
            ]
            for arguments in commands {
                let answer = try await Program.run(arguments)
                #expect(answer.status == 0, "\(arguments): \(answer.errors)")
                _ = try JSONDecoder().decode(AnyJSON.self, from: Data(answer.output.utf8))
            }
        }
    }

    @Test func `takes settings from options, then the environment, then the file`() async throws {
        try await withTemporaryDirectory { root in
            let configuration = root.appending("ringvault.yaml")
            let yaml = "location: file://\(root)/from-file\nmemory: 64MiB\ncluster: from-file\n"
            try WritableFile(configuration, creation: .mustBeNew).write(Array(yaml.utf8).span, at: 0)
            for name in ["from-file", "from-environment", "from-option"] {
                let made = try await Program.run(["vault", "init", "--location", "file://\(root)/\(name)"])
                #expect(made.status == 0, "\(made.errors)")
            }
            let show = ["vault", "show", "--config", "\(configuration)"]
            let file = try await Program.run(show)
            #expect(file.output.contains("/from-file"), "\(file.errors)")
            let variables = ["RINGVAULT_LOCATION": "file://\(root)/from-environment"]
            let environment = try await Program.run(show, environment: variables)
            #expect(environment.output.contains("/from-environment"))
            let option = try await Program.run(
                show + ["--location", "file://\(root)/from-option"],
                environment: variables
            )
            #expect(option.output.contains("/from-option"))
        }
    }

    @Test(
        arguments: [
            (
                ["backup", "start", "--name", "x", "--location", "file:///tmp/none", "--node", "none"], 64,
                "--snapshot or --live"
            ),
            (
                ["backup", "start", "--live", "--snapshot", "a", "--location", "file:///tmp/none"], 64,
                "--snapshot or --live"
            ),
            (["backup", "start", "--name", "x", "--live", "--location", "file:///tmp/none"], 64, "--data-dir"),
            (["backup", "start", "--name", "x", "--live", "--data-dir", "/nonexistent"], 64, "--location"),
            (["backup", "list", "--location", "/plain/path"], 64, "file:///"),
            (["backup", "list", "--location", "ftp://host/x"], 64, "ftp"),
            (["backup", "list", "--location", "file:///nonexistent/vault"], 3, "vault init"),
            (["backup", "list", "--location", "file:///tmp", "--memory", "12"], 64, "memory"),
            (["backup", "list", "--location", "file:///tmp", "--memory", "many"], 64, "256MiB"),
            (["backup", "list", "--location", "file:///tmp", "--rate-limit", "fast"], 64, "100MiB/s"),
            (["backup", "list", "--location", "file:///tmp", "--output", "xml"], 64, "table or json"),
            (["backup", "list", "--config", "/nonexistent.yaml"], 64, "/nonexistent.yaml"),
            (["vault", "init", "--location", "file:///nonexistent", "--chunk-size", "3MiB"], 64, "power of two"),
            (["no-such-command"], 64, "no-such-command"),
        ] as [([String], Int32, String)]
    )
    func `says in one line what is wrong with what was asked`(
        arguments: [String],
        status: Int32,
        words: String
    ) async throws {
        let answer = try await Program.run(arguments)
        #expect(answer.status == status, "\(answer.errors)")
        #expect(answer.errors.contains(words), "\(answer.errors)")
        #expect(!answer.errors.contains("Fatal error"))
    }

    @Test func `documents every option of every command`() async throws {
        for command in [
            ["backup", "start"], ["backup", "list"], ["backup", "show"], ["restore", "start"], ["vault", "init"],
            ["vault", "show"], ["demo"], ["vault", "key", "generate"], ["vault", "key", "list"],
            ["vault", "key", "add"],
            ["vault", "key", "remove"], ["vault", "key", "rotate"], ["vault", "key", "export"],
        ] {
            let help = try await Program.run(command + ["--help"])
            #expect(help.status == 0)
            let lines = help.output.split(separator: "\n").map(String.init)
            for (index, line) in lines.enumerated() where line.hasPrefix("  --") {
                // The text stands on the same line, or on the next where the option is long.
                let described = line.dropFirst(2).contains("  ") || lines[index + 1].hasPrefix("     ")
                #expect(described, "\(command): \(line)")
            }
        }
    }

    @Test func `refuses to use a mistyped setting`() async throws {
        try await withTemporaryDirectory { root in
            let configuration = root.appending("ringvault.yaml")
            try WritableFile(configuration, creation: .mustBeNew).write(Array("lokation: x\n".utf8).span, at: 0)
            let answer = try await Program.run(["vault", "show", "--config", "\(configuration)"])
            #expect(answer.status == 64)
            #expect(answer.errors.contains("'lokation'"))
        }
    }

    @Test func `ends with status 130 when interrupted, and goes on when started again`() async throws {
        try await withTemporaryDirectory { root in
            let start = try node(in: root, files: 40, size: 500_000) + ["--name", "one"]
            let slow = start + ["--read-rate-limit", "100KiB/s"]
            let vault = root.appending("vault/vault.json")
            let status = try await Program.run(slow, ending: .interrupt) { await appearance(of: vault) }
            #expect(status == .exited(130))
            let again = try await Program.run(start)
            #expect(again.status == 0, "\(again.errors)")
        }
    }
}

/// Waits until `isReached`, giving way to other tasks in between; gives up after a minute, for a program that failed.
func wait(until isReached: () -> Bool) async {
    let end = ContinuousClock.now + .seconds(60)
    while !isReached(), ContinuousClock.now < end { await Task.yield() }
}

/// Waits until a file exists.
func appearance(of path: FilePath) async {
    await wait { (try? FileStatus(of: path)) != nil }
}

/// Any JSON value: only whether it can be read.
private struct AnyJSON: Decodable {
    init(from decoder: any Decoder) throws {
        if let object = try? decoder.container(keyedBy: Key.self) {
            for key in object.allKeys { _ = try object.decode(AnyJSON.self, forKey: key) }
        } else if var list = try? decoder.unkeyedContainer() {
            while !list.isAtEnd { _ = try list.decode(AnyJSON.self) }
        }
    }

    private struct Key: CodingKey {
        let stringValue: String
        let intValue: Int? = nil

        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}
