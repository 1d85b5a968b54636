import Testing

@testable import Cassandra

@Suite struct `A component's file name` {
    @Test(arguments: [
        ("la-1-big-Data.db", "la-1-big", "Data.db"),
        ("ma-12-big-Digest.adler32", "ma-12-big", "Digest.adler32"),
        ("me-3-big-CRC.db", "me-3-big", "CRC.db"),
        ("nb-1-big-Digest.crc32", "nb-1-big", "Digest.crc32"),
        ("oa-18446744073709551615-big-TOC.txt", "oa-18446744073709551615-big", "TOC.txt"),
        (
            "da-3h5o_1s2i_1jaqy2hq62c8bojz0c-bti-Rows.db", "da-3h5o_1s2i_1jaqy2hq62c8bojz0c-bti", "Rows.db"
        ),
        ("da-3h5o_1s2i_1jaqy2hq62c8bojz0c-bti-Partitions.db", "da-3h5o_1s2i_1jaqy2hq62c8bojz0c-bti", "Partitions.db"),
        ("da-1-bti-SAI+aa+products_price_sai+KDTree.db", "da-1-bti", "SAI+aa+products_price_sai+KDTree.db"),
        ("nb-1-big-SI_orders-by-name.db", "nb-1-big", "SI_orders-by-name.db"),
        ("zz-7-future2-New+Component-1.db", "zz-7-future2", "New+Component-1.db"),
    ])
    func `is split into prefix and component`(name: String, prefix: String, component: String) throws {
        let parsed = try #require(SSTableName(name))
        #expect(parsed.prefix == prefix)
        #expect(parsed.component == component)
        #expect("\(parsed.prefix)-\(parsed.component)" == name)
    }

    @Test func `tells version, id and format`() throws {
        let old = try #require(SSTableName("nb-42-big-Data.db"))
        #expect(old.version == "nb")
        #expect(old.id == .integer(42))
        #expect(old.format == .big)
        let new = try #require(SSTableName("da-3h5o_1s2i_1jaqy2hq62c8bojz0c-bti-Data.db"))
        #expect(new.id == .uuid("3h5o_1s2i_1jaqy2hq62c8bojz0c"))
        #expect(new.format == .bti)
        #expect(SSTableName("pa-1-trie-Data.db")?.format == .other("trie"))
    }

    @Test(arguments: [
        "manifest.json", "schema.cql", "", "-", "---", "nb-1-big-", "nb-1-big", "nb--big-Data.db", "nb-x-big-Data.db",
        "nb-1--Data.db", "nbb-1-big-Data.db", "n-1-big-Data.db", "NB-1-big-Data.db", "nb-+1-big-Data.db",
        "nb-18446744073709551616-big-Data.db", "nb-3h5o_1s2i_1jaqy2hq62c8bojz0-big-Data.db",
        "nb-3h5o_1s2i-big-Data.db", "shop-orders-ka-1-Data.db", "shop-orders-jb-1-Data.db",
        "tmp-la-1-big-Data.db", "nb-1-big-Statistics.db.tmp", "nb_txn_compaction_1.log",
    ])
    func `of another form is none of an SSTable`(name: String) {
        #expect(SSTableName(name) == nil)
    }

    @Test(arguments: [
        ("tmp-la-1-big-Data.db", true), ("tmplink-la-1-big-Index.db", true), ("shop-orders-tmp-ka-1-Data.db", true),
        ("shop-orders-tmplink-ka-1-Data.db", true), ("nb-1-big-Statistics.db.tmp", true),
        ("nb-1-big-Data.db", false), ("tmp.json", false), ("shop-orders-ka-1-Data.db", false),
        ("nb-1-big-SI_tmp-x.db", false),
    ])
    func `says whether the file is temporary`(name: String, isTemporary: Bool) {
        #expect(SSTableName.isTemporary(name) == isTemporary)
    }
}

@Suite struct `A table's directory name` {
    @Test func `is a name and an id`() throws {
        let parsed = try #require(TableDirectory("orders_archive-3e7ceda0e53811f1916b25b74eacdfa4"))
        #expect(parsed.table == "orders_archive")
        #expect(parsed.id == "3e7ceda0e53811f1916b25b74eacdfa4")
        #expect(parsed.name == "orders_archive-3e7ceda0e53811f1916b25b74eacdfa4")
        #expect(TableDirectory("Events")?.id == nil)
        #expect(TableDirectory("Events")?.table == "Events")
    }

    @Test(arguments: [
        "", "-", "orders-", "-3e7ceda0e53811f1916b25b74eacdfa4", "orders-3e7ceda0e53811f1916b25b74eacdfa",
        "orders-3e7ceda0e53811f1916b25b74eacdfa44", "orders-3E7CEDA0E53811F1916B25B74EACDFA4",
        "or ders-3e7ceda0e53811f1916b25b74eacdfa4", "ördérs", ".orders_idx", "orders.bak",
        "or-ders-3e7ceda0e53811f1916b25b74eacdfa4",
        "a123456789012345678901234567890123456789012345678",
    ])
    func `of another form is none`(name: String) {
        #expect(TableDirectory(name) == nil)
    }

    @Test func `may have 48 characters`() {
        let longest = String(repeating: "a", count: 48)
        #expect(SchemaName.isValid(longest))
        #expect(!SchemaName.isValid(longest + "a"))
        #expect(!SchemaName.isValid(""))
    }
}
