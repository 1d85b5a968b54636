import FoundationEssentials
import SystemPackage
import TestSupport
import Testing
import TransferEngine

@Suite(.timeLimit(.minutes(5))) struct `Old backups` {
    private static let host = "11111111-2222-3333-4444-555555555555"
    private static let table = "shop/orders-3e2816e0e53811f1916b25b74eacdfa4"

    /// Runs the program on the vault below `root`.
    private func run(_ arguments: [String], in root: FilePath) async throws -> Program.Answer {
        try await Program.run(arguments + ["--location", "file://\(root)/vault"])
    }

    /// Backs up a snapshot whose files have contents of these seeds: a large one, and small ones that share a pack.
    private func backUp(_ name: String, _ seeds: [UInt64], in root: FilePath) async throws {
        let directory = root.appending("data").appending(Self.table).appending("snapshots").appending(name)
        try FileTree.makeDirectories(directory)
        for seed in seeds {
            for (component, size) in [("Data.db", 2_000_000), ("Index.db", 3000), ("Filter.db", 500)] {
                let path = directory.appending("nb-\(seed)-big-\(component)")
                try WritableFile(path, creation: .mustBeNew).write(
                    Content.random(size, seed: seed + UInt64(size)).span,
                    at: 0
                )
            }
        }
        let answer = try await run(
            [
                "backup", "start", "--name", name, "--snapshot", name, "--data-dir", "\(root)/data", "--host-id",
                Self.host, "--state-dir", "\(root)/state", "--cluster", "c",
            ],
            in: root
        )
        #expect(answer.status == 0, "\(answer.errors)")
    }

    private func names(in root: FilePath) async throws -> [String] {
        let list = try await run(["backup", "list", "--output", "json"], in: root)
        struct Backup: Decodable { let backup: String }
        return try JSONDecoder().decode([Backup].self, from: Data(list.output.utf8)).map(\.backup)
    }

    /// Makes every list a day older, as a day would.
    private func age(in root: FilePath) throws {
        let directory = root.appending("vault/condemned")
        for name in try DirectoryListing(of: directory).names where name.hasSuffix(".zst") {
            let file = try WritableFile(directory.appending(name), creation: .orReopen)
            try file.setModified(try file.status().modified - 25 * 3_600_000_000_000)
        }
    }

    private func blobs(in root: FilePath) throws -> [String] {
        let directory = root.appending("vault/blobs")
        return try DirectoryListing(of: directory).names.flatMap {
            try DirectoryListing(of: directory.appending($0)).names
        }
    }

    private func expectRestored(_ name: String, in root: FilePath) async throws {
        let target = root.appending("restored-\(name)")
        let answer = try await run(["restore", "start", "--name", name, "--target", "\(target)"], in: root)
        #expect(answer.status == 0, "\(answer.errors)")
        let original = root.appending("data").appending(Self.table).appending("snapshots").appending(name)
        let files = try DirectoryListing(of: original).names
        #expect(!files.isEmpty)
        for file in files {
            let copy = target.appending(Self.table).appending(file)
            #expect(
                try SmallFile.bytes(of: copy, limit: 4 << 20)
                    == SmallFile.bytes(of: original.appending(file), limit: 4 << 20)
            )
        }
    }

    @Test func `go to the trash, come back, and leave the vault when they are collected`() async throws {
        try await withTemporaryDirectory { root in
            try await backUp("one", [1, 2], in: root)
            try await backUp("two", [2, 3], in: root)

            let deleted = try await run(["backup", "delete", "one"], in: root)
            #expect(deleted.status == 0, "\(deleted.errors)")
            #expect(deleted.output.contains("'one' of cluster 'c' is in the trash: 1 node\n"))
            #expect(try await names(in: root) == ["two"])
            let trash = try await run(["backup", "undelete"], in: root)
            #expect(trash.output.contains("one"))
            let back = try await run(["backup", "undelete", "one"], in: root)
            #expect(back.status == 0, "\(back.errors)")
            #expect(try await names(in: root) == ["one", "two"])
            try await expectRestored("one", in: root)

            let gone = try await run(["backup", "delete", "one", "--now"], in: root)
            #expect(gone.output.contains("is deleted for good"), "\(gone.errors)")
            let before = try blobs(in: root)
            let early = try await run(["vault", "collect", "--dry-run"], in: root)
            #expect(early.output.contains("young"), "\(early.errors)")
            let first = try await run(["vault", "collect", "--spare", "0", "--output", "json"], in: root)
            #expect(first.status == 0, "\(first.errors)")
            #expect(first.output.contains("\"condemned\""))
            #expect(try blobs(in: root) == before)
            try age(in: root)
            let second = try await run(["vault", "collect", "--spare", "0"], in: root)
            #expect(second.status == 0, "\(second.errors)")
            #expect(try blobs(in: root).count < before.count)
            try await expectRestored("two", in: root)
        }
    }

    @Test func `are stored again from the node's files when their blobs are condemned`() async throws {
        try await withTemporaryDirectory { root in
            try await backUp("one", [1, 2], in: root)
            #expect(try await run(["backup", "delete", "one", "--now", "--force"], in: root).status == 0)
            #expect(try await run(["vault", "collect", "--spare", "0"], in: root).status == 0)
            // The same contents, which the vault still has, and must not be relied on.
            try await backUp("two", [1, 2], in: root)
            let renewed = try blobs(in: root).filter { $0.split(separator: ".").dropFirst().first == "1" }
            #expect(renewed.count >= 2)
            try age(in: root)
            #expect(try await run(["vault", "collect", "--spare", "0"], in: root).status == 0)
            #expect(try blobs(in: root).allSatisfy { renewed.contains($0) })
            try await expectRestored("two", in: root)
        }
    }

    @Test func `are pruned by rules, and the last complete one stays`() async throws {
        try await withTemporaryDirectory { root in
            try await backUp("one", [1], in: root)
            try await backUp("two", [1, 2], in: root)
            #expect(try await run(["backup", "prune"], in: root).status == 64)
            #expect(try await run(["backup", "prune", "--keep-last", "-1"], in: root).status == 64)

            let dry = try await run(["backup", "prune", "--keep-last", "1", "--dry-run"], in: root)
            #expect(dry.status == 0, "\(dry.errors)")
            #expect(dry.output.contains("would delete  no rule keeps it"))
            #expect(try await names(in: root) == ["one", "two"])
            let pruned = try await run(["backup", "prune", "--keep-last", "1", "--output", "json"], in: root)
            #expect(pruned.status == 0, "\(pruned.errors)")
            #expect(try await names(in: root) == ["two"])

            let last = try await run(["backup", "prune", "--keep-last", "0"], in: root)
            #expect(last.output.contains("the last complete backup"))
            let refused = try await run(["backup", "delete", "two"], in: root)
            #expect(refused.status == 4)
            #expect(refused.errors.contains("--force"))
            #expect(try await names(in: root) == ["two"])
            let forced = try await run(["backup", "prune", "--keep-last", "0", "--allow-deleting-last"], in: root)
            #expect(forced.status == 0, "\(forced.errors)")
            #expect(try await names(in: root) == [])
        }
    }

    @Test(arguments: [
        ["backup", "delete", "nope"], ["backup", "undelete", "nope"],
    ])
    func `that are not there are told as such`(arguments: [String]) async throws {
        try await withTemporaryDirectory { root in
            #expect(try await run(["vault", "init"], in: root).status == 0)
            let answer = try await run(arguments, in: root)
            #expect(answer.status == 3, "\(answer.errors)")
        }
    }

    @Test(arguments: [
        ["--grace", "1h"], ["--grace", "8d"], ["--grace", "soon"], ["--spare", "soon"], ["--temp-dir", "/dev/null"],
    ])
    func `are not collected by settings that cannot be used`(options: [String]) async throws {
        try await withTemporaryDirectory { root in
            #expect(try await run(["vault", "init"], in: root).status == 0)
            let answer = try await run(["vault", "collect"] + options, in: root)
            #expect(answer.status == 64, "\(answer.errors)")
        }
    }
}
