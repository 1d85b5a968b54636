import SystemPackage
import TestSupport
import Testing
import TransferEngine

@testable import Cassandra

@Suite struct `Renumbering` {
    private func name(_ prefix: String) throws -> SSTableName { try #require(SSTableName("\(prefix)-Data.db")) }

    @Test func `goes far above every number that live files, snapshots and backups have`() throws {
        try withTemporaryDirectory { root in
            let places = [root.appending("d1"), root.appending("d2")]
            try makeSet(places[0], "nb-7-big")
            try makeSet(places[1].appending("snapshots/a"), "nb-40-big")
            try makeSet(places[0].appending("backups"), "nb-41-big")
            var numbers = try SSTableRenumbering(places: places)
            #expect(try numbers.prefix(for: name("nb-7-big")) == "nb-10000042-big")
            #expect(try numbers.prefix(for: name("nb-7-big")) == "nb-10000043-big")
            #expect(try numbers.prefix(for: name("mc-1-big")) == "mc-10000044-big")
        }
    }

    @Test func `never goes beyond what an int of Java holds`() throws {
        var numbers = SSTableRenumbering(used: [.integer(UInt64(Int32.max) - 2)])
        #expect(try numbers.prefix(for: name("nb-1-big")) == "nb-\(Int32.max)-big")
        #expect(throws: CassandraError.self) { try numbers.prefix(for: name("nb-1-big")) }
        var near = SSTableRenumbering(used: [.integer(UInt64(Int32.max) - 1000)])
        #expect(try near.prefix(for: name("nb-1-big")) == "nb-\(Int(Int32.max) - 499)-big")
    }

    @Test func `keeps a UUID that is free and makes another for one that is taken`() throws {
        let own = "oa-3h5o_1s2i_1jaqy2hq62c8bojz0c-big"
        var numbers = SSTableRenumbering(used: [try name(own).id])
        let other = "oa-3h5o_1s2i_1jaqy2hq62c8bojz0d-big"
        #expect(try numbers.prefix(for: name(other)) == other)
        let first = try numbers.prefix(for: name(own))
        let second = try numbers.prefix(for: name(own))
        #expect(Set([own, other, first, second]).count == 4)
        for prefix in [first, second] {
            guard case .uuid(let text) = try name(prefix).id else {
                Issue.record("\(prefix) has no UUID")
                continue
            }
            let id = try #require(SSTableTimeID(text))
            #expect(id.text == text)
            #expect(id.lowerBits >> 62 == 2)
        }
    }

    @Test func `reads and writes time ids as Cassandra does`() throws {
        // The UUID 8a75e3a0-e53b-11f1-8f4e-4d48bb39bcb8: its time in 100 ns since 1582, its lower half.
        let id = SSTableTimeID(ticks: 0x1F1_E53B_8A75_E3A0, lowerBits: 0x8F4E_4D48_BB39_BCB8)
        #expect(SSTableTimeID(id.text) == id)
        #expect(id.text.utf8.count == 28)
        #expect(try name("oa-\(id.text)-big").id == .uuid(id.text))
        // 2026-11-20: days since 1582-10-15 are 162204, 3h5o in base 36.
        #expect(SSTableTimeID(nanoseconds: 1_795_132_800_000_000_000).text.hasPrefix("3h5o_0000_00000"))
        for text in ["3h5o_1s2i_1jaqy2hq62c8bojz0", "3h5o-1s2i-1jaqy2hq62c8bojz0c", "zzzz_zzzz_zzzzzzzzzzzzzzzzzz", ""]
        {
            #expect(SSTableTimeID(text) == nil)
        }
    }
}

@Suite struct `Placing an SSTable` {
    private func placed(in directory: FilePath) throws -> [String] { try DirectoryListing(of: directory).names }

    @Test func `links all files under the new name and leaves the first ones`() throws {
        try withTemporaryDirectory { root in
            let (stage, live) = (root.appending("stage"), root.appending("live"))
            try makeSet(stage, "nb-1-big")
            try makeSet(live, "nb-1-big")
            let before = try placed(in: live)
            let set = try #require(try SSTableFolder(stage).sets.first)
            try SSTablePlacing.link(set, in: stage, to: live, as: "nb-9-big")
            #expect(try placed(in: live).count == before.count + 7)
            #expect(try SSTablePlacing.isPlaced(set, in: stage, to: live, as: "nb-9-big"))
            #expect(try !SSTablePlacing.isPlaced(set, in: stage, to: live, as: "nb-1-big"))
            #expect(set.placingOrder.suffix(2) == ["TOC.txt", "Data.db"])
            try SSTablePlacing.unlink(set, in: stage, from: live, as: "nb-9-big")
            #expect(try placed(in: live) == before)
        }
    }

    @Test(arguments: ["CompressionInfo.db", "Summary.db", "TOC.txt", "Data.db"])
    func `that meets a taken name leaves nothing and replaces nothing`(taken: String) throws {
        try withTemporaryDirectory { root in
            let (stage, live) = (root.appending("stage"), root.appending("live"))
            try makeSet(stage, "nb-1-big")
            try make(live.appending("nb-9-big-\(taken)"), "another's")
            let set = try #require(try SSTableFolder(stage).sets.first)
            let error = #expect(throws: CassandraError.self) {
                try SSTablePlacing.link(set, in: stage, to: live, as: "nb-9-big")
            }
            #expect(error?.code == .exists)
            #expect(try placed(in: live) == ["nb-9-big-\(taken)"])
            #expect(try SmallFile.text(of: live.appending("nb-9-big-\(taken)")) == "another's")
            // What is another's is not taken back either.
            try SSTablePlacing.unlink(set, in: stage, from: live, as: "nb-9-big")
            #expect(try placed(in: live).count == 1)
        }
    }

    @Test func `that is torn is refused`() throws {
        try withTemporaryDirectory { root in
            try makeSet(root.appending("stage"), "nb-1-big", without: "Statistics.db")
            try FileTree.makeDirectories(root.appending("live"))
            let set = try #require(try SSTableFolder(root.appending("stage")).sets.first)
            let error = #expect(throws: CassandraError.self) {
                try SSTablePlacing.link(set, in: root.appending("stage"), to: root.appending("live"), as: "nb-2-big")
            }
            #expect(error?.code == .corrupt)
            #expect(error?.description.contains("Statistics.db") == true)
            #expect(try placed(in: root.appending("live")).isEmpty)
        }
    }

    @Test func `finds the snapshots that a truncate left, oldest first`() throws {
        try Fixture.withDataDirectories("4.0.14") { _, directories in
            let tables = try directories.tables(matching: TableFilter(["shop.to_be_truncated"])).tables
            let tags = try tables.flatMap { try $0.truncateSnapshots() }
            #expect(tags.count == 1)
            let tag = try #require(tags.first)
            #expect(tag.name.hasSuffix("-to_be_truncated"))
            #expect(tag.truncated != nil)
            let found = try #require(tables.first).directories(of: tag)
            #expect(!found.isEmpty)
            let sets = try found.flatMap { try SSTableFolder($0.path).sets }
            #expect(!sets.isEmpty)
        }
    }
}
