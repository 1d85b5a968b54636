import FoundationEssentials
import SystemPackage
import TestSupport
import Testing
import TransferEngine

/// The commands that look whether backups are whole and what they cost.
@Suite(.serialized, .timeLimit(.minutes(5))) struct `Commands that look at backups` {
    private struct Fixture {
        let root: FilePath
        let location: [String]

        /// A vault with two backups of one node, between which a file was added.
        init(in root: FilePath) async throws {
            self.root = root
            location = ["--location", "file://\(root)/vault"]
            let table = root.appending("data/shop/orders-3e2816e0e53811f1916b25b74eacdfa4/snapshots/daily")
            try FileTree.makeDirectories(table)
            for (index, name) in ["one", "two"].enumerated() {
                let file = try WritableFile(table.appending("nb-\(index + 1)-big-Data.db"), creation: .mustBeNew)
                try file.write(Content.random(5000, seed: UInt64(index)).span, at: 0)
                let answer = try await backUp(name)
                #expect(answer.status == 0, "\(answer.errors)")
            }
        }

        func backUp(_ name: String, _ more: [String] = []) async throws -> Program.Answer {
            try await Program.run(
                ["backup", "start", "--data-dir", "\(root)/data", "--snapshot", "daily", "--name", name]
                    + ["--host-id", "11111111-2222-3333-4444-555555555555", "--state-dir", "\(root)/state"] + location
                    + more
            )
        }

        /// The blobs' files, ascending.
        func blobs() throws -> [FilePath] {
            let folder = root.appending("vault/blobs")
            return try DirectoryListing(of: folder).names.sorted().flatMap { hh in
                try DirectoryListing(of: folder.appending(hh)).names.sorted().map { folder.appending(hh).appending($0) }
            }
        }
    }

    private static let commands = [
        ["backup", "verify", "two"], ["vault", "check"], ["backup", "diff", "one", "two"], ["vault", "stats"],
        ["backup", "show", "two", "--why"],
    ]

    @Test func `tell what they found, as tables and as JSON`() async throws {
        try await withTemporaryDirectory { root in
            let fixture = try await Fixture(in: root)
            for command in Self.commands {
                let text = try await Program.run(command + fixture.location)
                #expect(text.status == 0, "\(command): \(text.errors)")
                #expect(!text.output.isEmpty)
                let json = try await Program.run(command + fixture.location + ["--output", "json"])
                #expect((try? JSONDecoder().decode(JSONValue.self, from: Data(json.output.utf8))) != nil, "\(command)")
            }
            let why = try await Program.run(["backup", "show", "two", "--why"] + fixture.location)
            #expect(why.output.contains("compared with 'one'"))
            let diff = try await Program.run(["backup", "diff", "one", "two", "--files"] + fixture.location)
            #expect(diff.output.contains("+ 11111111-2222-3333-4444-555555555555"))
        }
    }

    @Test func `tell damage by status 6, name the object and what to do, and a recheck mends it`() async throws {
        try await withTemporaryDirectory { root in
            let fixture = try await Fixture(in: root)
            let blob = try #require(try fixture.blobs().first)
            try FileTree.remove(blob)
            for command in [["backup", "verify", "two"], ["vault", "check"]] {
                for level in ["list", "checksum", "full"] {
                    let answer = try await Program.run(command + fixture.location + ["--level", level])
                    #expect(answer.status == 6, "\(answer.errors)")
                    #expect(answer.output.contains(try #require(blob.lastComponent).string))
                    #expect(answer.output.contains("--recheck 100%"))
                }
            }
            let repair = try await fixture.backUp("three", ["--recheck", "100%"])
            #expect(repair.status == 0, "\(repair.errors)")
            #expect(repair.output.contains("repaired 1"))
            #expect(repair.errors.contains("whole again"))
            let check = try await Program.run(["vault", "check", "--level", "full"] + fixture.location)
            #expect(check.status == 0, "\(check.output)")
        }
    }

    @Test(
        arguments: [
            (["backup", "verify", "two", "--level", "deep"], 64, "list, checksum or full"),
            (["backup", "verify", "two", "--sample", "0%"], 64, "10%"),
            (["vault", "check", "--sample", "101%"], 64, "10%"),
            (["vault", "stats", "--by", "colour"], 64, "keyspace"),
            (["backup", "verify", "nine"], 3, "'two'"), (["backup", "diff", "one", "nine"], 3, "'two'"),
            (["backup", "verify", "two", "--node", "22222222-2222-3333-4444-555555555555"], 3, "11111111"),
            (["backup", "verify", "two", "--node", "x"], 64, "UUID"),
        ] as [([String], Int32, String)]
    )
    func `say in one line what is wrong with what was asked`(
        arguments: [String],
        status: Int32,
        words: String
    ) async throws {
        try await withTemporaryDirectory { root in
            let fixture = try await Fixture(in: root)
            let answer = try await Program.run(arguments + fixture.location)
            #expect(answer.status == status, "\(answer.errors)")
            #expect(answer.errors.contains(words), "\(answer.errors)")
        }
    }

    @Test(arguments: [("101%", 64), ("0.001%", 64), ("-1%", 64), ("often", 64), ("0%", 0), ("0.5", 0), ("100%", 0)])
    func `take a share to be rechecked, or say what one is`(share: String, status: Int32) async throws {
        try await withTemporaryDirectory { root in
            let fixture = try await Fixture(in: root)
            let answer = try await fixture.backUp("three", ["--recheck=\(share)"])
            #expect(answer.status == status, "\(answer.errors)")
            if status != 0 { #expect(answer.errors.contains("1%")) }
        }
    }
}

/// Any JSON, to see that it is some.
private enum JSONValue: Decodable {
    case some

    init(from decoder: any Decoder) throws { self = .some }
}
