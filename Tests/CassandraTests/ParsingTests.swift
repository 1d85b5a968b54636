import SystemPackage
import TestSupport
import Testing

@testable import Cassandra

@Suite struct `A digest` {
    @Test(arguments: [("1946819704", 1_946_819_704), ("0", 0), (" 4294967295\n", UInt32.max), ("007", 7)])
    func `is a decimal number`(text: String, value: UInt32) throws {
        #expect(try Digest.parse(text.utf8, of: "x") == value)
    }

    @Test(arguments: ["", " ", "4294967296", "-1", "+1", "1 2", "0x10", "12\u{0}", "abc", "１２"])
    func `of anything else is refused`(text: String) {
        #expect(throws: CassandraError.self) { try Digest.parse(text.utf8, of: "x") }
    }

    @Test func `names the file that it cannot read`() throws {
        do {
            _ = try Digest.parse("junk".utf8, of: "shop/orders/nb-1-big-Digest.crc32")
            Issue.record("junk was parsed")
        } catch {
            #expect(error.code == .corrupt)
            #expect("\(error)".hasPrefix("cannot read the checksum in shop/orders/nb-1-big-Digest.crc32: "))
        }
    }
}

@Suite struct `A table of contents` {
    @Test func `says what is missing`() throws {
        let contents = try TableOfContents("TOC.txt\nData.db\r\n\nSAI+aa+i+Meta.db\nData.db\n".utf8, of: "x")
        #expect(contents.components == ["TOC.txt", "Data.db", "SAI+aa+i+Meta.db"])
        #expect(contents.missing(from: ["TOC.txt", "SAI+aa+i+Meta.db", "Other.db"]) == ["Data.db"])
        #expect(contents.missing(from: contents.components) == [])
    }

    @Test(arguments: [[0xFF, 0x0A], Array("a/b\n".utf8), Array("Data.db\u{0}\n".utf8)] as [[UInt8]])
    func `that no node wrote is refused`(bytes: [UInt8]) {
        #expect(throws: CassandraError.self) { try TableOfContents(bytes, of: "x") }
    }

    @Test(arguments: Fixture.versions)
    func `of every captured SSTable names only files beside it`(version: String) throws {
        try Fixture.withDataDirectories(version) { _, directories in
            for table in try directories.tables().tables {
                for group in try TableListing(table, source: .live).groups {
                    let sstable = try #require(group.sstable)
                    let contents = try TableOfContents(group.base.appending("\(sstable)-TOC.txt"))
                    let present = group.components.map(group.componentName)
                    #expect(contents.missing(from: present) == [])
                    // 5.0.1 does not list this one, though it writes it.
                    let unlisted = present.filter { !contents.components.contains($0) }
                    #expect(unlisted == [] || unlisted == ["SAI+aa+PartitionToSize.db"])
                    _ = try Digest.read(group.base.appending("\(sstable)-Digest.crc32"))
                }
            }
        }
    }
}

@Suite struct `A snapshot tag` {
    @Test(arguments: ["daily-1", "2026-11-20T10:00", "with space", "é", String(repeating: "x", count: 255), "..."])
    func `is a name in a directory`(name: String) throws {
        #expect(try SnapshotTag(name).name == name)
    }

    @Test(arguments: ["", ".", "..", "a/b", "/", "a\u{0}", String(repeating: "x", count: 256)])
    func `cannot be a path`(name: String) {
        #expect(throws: CassandraError.self) { try SnapshotTag(name) }
    }

    @Test(arguments: [
        ("truncated-1795216600000-to_be_truncated", true), ("dropped-1795216600000-t", true), ("dropped-by-me", false),
        ("daily-1", false),
    ])
    func `of Cassandra's own is known by its form`(name: String, isAutomatic: Bool) throws {
        #expect(try SnapshotTag(name).isAutomatic == isAutomatic)
    }
}

@Suite struct `A table filter` {
    @Test func `is a keyspace or one table, with its case`() throws {
        let filter = try TableFilter(["MixedCase", "shop.orders"])
        #expect(filter.matches(keyspace: "MixedCase", table: "Events"))
        #expect(!filter.matches(keyspace: "mixedcase", table: "Events"))
        #expect(filter.matches(keyspace: "shop", table: "orders"))
        #expect(!filter.matches(keyspace: "shop", table: "orders_archive"))
        #expect(try TableFilter([]).matches(keyspace: "system", table: "local"))
    }

    @Test(
        arguments: [
            ("shop.orders*", "orders", true), ("shop.orders*", "orders_archive", true),
            ("shop.orders?*", "orders", false),
            ("shop.orders", "orders_archive", false), ("shop.order?", "orders", true), ("shop.*s", "orders", true),
            ("shop.*s", "orders_archive", false), ("*.orders", "orders", true), ("s*p.o*d*s", "orders", true),
            ("sh?p.*", "orders", true), ("SHOP.*", "orders", false), ("shop.ORDERS", "orders", false),
            ("?.orders", "orders", false), ("*", "orders", true), ("*.*r*r*r*", "orders", false),
        ] as [(String, String, Bool)]
    )
    func `matches patterns over the whole name`(text: String, table: String, matches: Bool) throws {
        #expect(try TableFilter([text]).matches(keyspace: "shop", table: table) == matches)
    }

    @Test func `excludes whatever else asks for it`() throws {
        let filter = try TableFilter(["shop", "stock.parts"], excluding: ["shop.tmp_*", "stock"])
        #expect(filter.matches(keyspace: "shop", table: "orders"))
        #expect(!filter.matches(keyspace: "shop", table: "tmp_1"))
        #expect(!filter.matches(keyspace: "stock", table: "parts"))
        let rest = try TableFilter([], excluding: ["shop.orders"])
        #expect(!rest.matches(keyspace: "shop", table: "orders"))
        #expect(rest.matches(keyspace: "shop", table: "orders_archive"))
    }

    @Test func `knows when it wants every table of a keyspace`() throws {
        #expect(TableFilter.everything.wantsAll(ofKeyspace: "shop"))
        #expect(try TableFilter(["sh*"]).wantsAll(ofKeyspace: "shop"))
        #expect(try TableFilter(["shop.*"]).wantsAll(ofKeyspace: "shop"))
        #expect(try TableFilter(["shop.o*"]).wantsAll(ofKeyspace: "shop") == false)
        #expect(try TableFilter([], excluding: ["shop.tmp"]).wantsAll(ofKeyspace: "shop") == false)
        #expect(try TableFilter([], excluding: ["shop.tmp"]).wantsAll(ofKeyspace: "stock"))
    }

    @Test func `leaves traces out of a backup unless they are called by name`() throws {
        for (texts, matches) in [([], false), (["system*"], false), (["system_traces"], true)] {
            let filter = try TableFilter(texts).leavingOut()
            #expect(filter.matches(keyspace: "system_traces", table: "events") == matches)
        }
        #expect(try TableFilter([]).leavingOut().matches(keyspace: "system_auth", table: "roles"))
        #expect(
            try TableFilter(["system_traces.events"]).leavingOut().matches(keyspace: "system_traces", table: "events")
        )
    }

    @Test(arguments: [
        "", ".", "shop.", ".orders", "a.b.c", "shop.[a]", "\"Shop\"", "shop orders", "sh\u{e4}p", "!shop",
    ])
    func `of another form is refused`(text: String) {
        #expect(throws: CassandraError.self) { try TableFilter([text]) }
        #expect(throws: CassandraError.self) { try TableFilter([], excluding: [text]) }
    }

    @Test func `takes no longer for a pattern of many stars`() throws {
        let filter = try TableFilter(["shop." + String(repeating: "*a", count: 40) + "*b"])
        #expect(!filter.matches(keyspace: "shop", table: String(repeating: "a", count: 48)))
    }
}
