import ObjectStorage
import Testing
import TransferEngine

@testable import Vault

/// Lines that no writer of ours writes, as JSON by hand.
@Suite(.timeLimit(.minutes(5))) struct `A hostile manifest` {
    static let hash = String(repeating: "ab", count: 32)
    static let table = #"{"type":"table","table":"ks/t"}"#

    /// A group of one file.
    static func group(
        name: String = "a",
        path: String = "a",
        size: String = "3",
        dir: String = "0",
        table: String = "ks/t",
        blobs: String = #"{"blob":"\#(hash).zst","offset":0,"length":3}"#,
        digest: String? = hash
    ) -> String {
        let sum = digest.map { #","sha256":"\#($0)""# } ?? ""
        return #"{"type":"file","table":"\#(table)","name":"\#(name)","dir":\#(dir),"files":["#
            + #"{"path":"\#(path)","size":\#(size),"mtime":-1,"inode":18446744073709551615\#(sum),"blobs":[\#(blobs)]}]}"#
    }

    static func piece(offset: String = "0", length: String = "3", blob: String = hash) -> String {
        #"{"blob":"\#(blob)","offset":\#(offset),"length":\#(length)}"#
    }

    static func end(tables: Int = 1, groups: Int = 1, files: Int = 1, bytes: Int64 = 3) -> String {
        #"{"type":"end","tables":\#(tables),"groups":\#(groups),"files":\#(files),"bytes":\#(bytes)}"#
    }

    /// The code of the error that reading these lines gives; nil if there is none.
    private func code(_ lines: [String], header: String? = nil) async throws -> VaultError.Code? {
        let fixture = try await ManifestFixture()
        try fixture.put(header: header, lines: lines)
        guard let problem = await fixture.problem() else { return nil }
        return try #require(problem as? VaultError, "\(problem)").code
    }

    @Test func `is not what these lines are made of: they are good`() async throws {
        #expect(try await code([Self.table, Self.group(), Self.end()]) == nil)
        let large = Self.group(
            size: "1048577",
            blobs: [Self.piece(length: "1048576"), Self.piece(length: "1")].joined(separator: ","),
            digest: nil
        )
        #expect(try await code([Self.table, large, Self.end(bytes: 1_048_577)]) == nil)
    }

    @Test(arguments: [
        "..", ".", "", "/a", "a/", "a//b", "../a", "a/../b", "a/..", "./a", "a/./b", "/", "//", "a/b/c/d/e",
        #"a\u0000"#, #"\u0000"#,
        #"..\/a"#, #"\u002e\u002e"#, #"..\u002fa"#, "/\u{301}", "../\u{301}x", "a/\u{301}/../b", "..//\u{301}",
        "../\u{200D}",
        String(repeating: "x", count: 256), "a/" + String(repeating: "é", count: 128),
        String(repeating: "a/", count: 5000) + "a",
    ])
    func `cannot name a file outside its table's directory`(path: String) async throws {
        #expect(try await code([Self.table, Self.group(path: path), Self.end()]) == .damaged)
    }

    @Test(
        arguments: [
            ("1", nil, true), ("9007199254740991", nil, false), ("2097152", "\"00ff00ff\"", true),
            ("2097153", nil, false), ("0", nil, false), ("-1", nil, false), ("1.5", nil, false), ("null", nil, false),
            ("7", "\"0\"", false), ("7", "\"00FF00FF\"", false), ("7", "\"00ff00f\"", false),
            ("7", "\"+0ff00ff\"", false),
            ("7", "16711935", false), (nil, "\"00ff00ff\"", false), (nil, nil, true),
        ] as [(String?, String?, Bool)]
    )
    func `cannot tell of an object that no blob can be`(stored: String?, sum: String?, isGood: Bool) async throws {
        let members = [stored.map { #","stored":\#($0)"# }, sum.map { #","crc32c":\#($0)"# }].compactMap(\.self)
        let piece = String(Self.piece().dropLast()) + members.joined() + "}"
        let code = try await code([Self.table, Self.group(blobs: piece), Self.end()])
        #expect(code == (isGood ? nil : .damaged))
    }

    @Test(arguments: [
        "..", "ks", "ks/t/u", "/ks", "ks/", "../ks", "ks/..", "./t", "", "/", "../\u{301}x", #"ks\u0000/t"#, #"../t"#,
        "ks/" + String(repeating: "x", count: 256),
    ])
    func `cannot name a table outside the data directory`(path: String) async throws {
        let lines = [#"{"type":"table","table":"\#(path)"}"#, Self.group(table: path), Self.end()]
        #expect(try await code(lines) == .damaged)
    }

    @Test(arguments: [
        ("-3", "3"), ("4", "3"), ("2", "3"), ("0", "3"), ("9223372036854775807", "3"), ("-9223372036854775808", "3"),
        ("9223372036854775808", "3"), ("3.0", "3"), ("\"3\"", "3"), ("null", "3"), ("0", "0"), ("-1", "-1"),
        ("9223372036854775807", "9223372036854775807"), ("-9223372036854775808", "-9223372036854775808"),
        ("1048577", "1048577"), ("3", "3.0"), ("3", "1e9"), ("3", "99999999999999999999"),
    ])
    func `cannot have a size that is not its pieces'`(size: String, length: String) async throws {
        let group = Self.group(size: size, blobs: Self.piece(length: length))
        #expect(try await code([Self.table, group, Self.end()]) == .damaged)
    }

    @Test(arguments: [
        "-1", "1048574", "1048576", "9223372036854775807", "9223372036854775805", "-9223372036854775808", "0.5",
        "18446744073709551615",
    ])
    func `cannot have a piece outside its blob`(offset: String) async throws {
        let group = Self.group(blobs: Self.piece(offset: offset))
        #expect(try await code([Self.table, group, Self.end()]) == .damaged)
    }

    @Test func `cannot make a sum overflow`() async throws {
        let most = Self.piece(length: "\(Int64.max)")
        let blobs = [most, most, Self.piece(length: "5")].joined(separator: ",")
        #expect(try await code([Self.table, Self.group(size: "3", blobs: blobs), Self.end()]) == .damaged)
        #expect(try await code([Self.table, Self.group(), Self.end(bytes: .max)]) == .damaged)
        #expect(
            try await code([Self.table, Self.group(), Self.end(tables: .max, groups: .min, files: -1)]) == .damaged
        )
    }

    @Test func `cannot have pieces of a large file inside packs`() async throws {
        let blobs = [Self.piece(length: "2"), Self.piece(offset: "7", length: "1")].joined(separator: ",")
        #expect(try await code([Self.table, Self.group(blobs: blobs, digest: nil), Self.end()]) == .damaged)
    }

    @Test(arguments: ["", "zz", hash.uppercased(), hash + "00", "../" + hash, hash + ".gz", hash + ".0"])
    func `cannot have a hash or a blob of another writing`(text: String) async throws {
        #expect(try await code([Self.table, Self.group(digest: text), Self.end()]) == .damaged)
        #expect(try await code([Self.table, Self.group(blobs: Self.piece(blob: text)), Self.end()]) == .damaged)
    }

    @Test(arguments: ["1", "-1", "9223372036854775807", "-9223372036854775808", "0.5", "\"0\""])
    func `cannot be of a data directory that the header does not name`(dir: String) async throws {
        let lines = [Self.table, Self.group(dir: dir), Self.end()]
        let fixture = try await ManifestFixture()
        try fixture.put(header: fixture.headerText { $0.dataDirectories = ["/one"] }, lines: lines)
        #expect((await fixture.problem() as? VaultError)?.code == .damaged)
    }

    @Test(arguments: [
        [group(), end(tables: 0)], [table, end()], [table, group()], [end(), table, group()],
        [table, group(), end(), end()],
        [table, group(), end(), ""], [table, table, group(), end(tables: 2)],
        [table, group(), group(), end(groups: 2, files: 2, bytes: 6)],
        [table, group(name: "b"), group(name: "a"), end(groups: 2, files: 2, bytes: 6)],
        [table, group(dir: "1"), group(dir: "0"), end(groups: 2, files: 2, bytes: 6)],
        [#"{"type":"table","table":"ks/u"}"#, table, group(), end(tables: 2)],
        [table, #"{"type":"table","table":"ks/u"}"#, group(), end(tables: 2)],
        [table, group(table: "ks/u"), end()], [table, group(table: ""), end()],
        [#"{"type":"table","table":"ks/\u00e9"}"#, group(table: "ks/e\u{301}"), end()],
        [table, group(), end(groups: 2)], [table, group(), end(files: 0)], [table, group(), end(bytes: 4)],
        [table, "", group(), end()],
        [table, #"{"type":"other"}"#, group(), end()], [table, "{}", group(), end()], [table, "[]", end()],
        [table, "null", end()],
        [#"{"type":"manifest"}"#, table, group(), end()], [table, #"{"type":"file","name":"a"}"#, end()],
        [table, #"{"type":"file","table":"ks/t"}"#, end()], [table, group() + group(), end()],
        [table, group() + " x", end()],
        [table, group(), #"{"type":"end"}"#],
        [table, group(), #"{"type":"end","tables":1,"groups":1,"files":[],"bytes":3}"#],
    ])
    func `cannot have lines in another order, twice, of unknown types or too few`(lines: [String]) async throws {
        #expect(try await code(lines) == .damaged)
    }

    @Test func `cannot have a file twice in a group`() async throws {
        let file = #"{"path":"a","size":0,"blobs":[]}"#
        let group = #"{"type":"sstable","table":"ks/t","name":"a","dir":0,"files":[\#(file),\#(file)]}"#
        #expect(try await code([Self.table, group, Self.end(files: 2, bytes: 0)]) == .damaged)
    }

    @Test func `is none because two names are equal to Swift alone`() async throws {
        let names = ["e\u{301}", "\u{E9}"].map { #"{"path":"\#($0)","size":0,"blobs":[]}"# }.joined(separator: ",")
        let group = #"{"type":"sstable","table":"ks/t","name":"a","dir":0,"files":[\#(names)]}"#
        #expect(try await code([Self.table, group, Self.end(files: 2, bytes: 0)]) == nil)
    }

    @Test func `is none because of members that a later version may add`() async throws {
        let more = #""more":{"deep":[[1,{"x":null}],true]},"#
        let lines = [Self.table, Self.group(), Self.end()].map { "{" + more + $0.dropFirst() }
        #expect(try await code(lines) == nil)
    }

    @Test func `cannot nest without end`() async throws {
        let deep = String(repeating: "[", count: 1_000_000)
        #expect(try await code([#"{"more":\#(deep)"#]) == .damaged)
    }

    @Test func `of a later version is refused as such`() async throws {
        let fixture = try await ManifestFixture()
        try fixture.put(
            header: fixture.headerText { $0.version = 2 },
            lines: [Self.end(tables: 0, groups: 0, files: 0, bytes: 0)]
        )
        let error = try #require(await fixture.problem() as? VaultError)
        #expect(error.code == .unsupported)
        #expect(error.description.contains("newer ringvault"))
    }

    @Test func `of another vault, or with another first line, is refused`() async throws {
        let fixture = try await ManifestFixture()
        let headers = [
            try fixture.headerText { $0.vault = "another" }, try fixture.headerText { $0.type = "backup" }, "{}", "[]",
            "", Self.table,
            try fixture.headerText().replacing("prod", with: "\u{0}"),
            try fixture.headerText().replacing(":1", with: ":1e99"),
            String(repeating: "[", count: 100_000), String(repeating: #"{"a":"#, count: 100_000),
        ]
        for header in headers {
            try fixture.put(header: header, lines: [Self.end(tables: 0, groups: 0, files: 0, bytes: 0)])
            #expect((await fixture.problem() as? VaultError)?.code == .damaged, "\(header.prefix(80))")
        }
    }

    @Test func `cannot fill the memory with a line that never ends`() async throws {
        let fixture = try await ManifestFixture()
        // 64 MiB of spaces in a few kilobytes: more than the longest line that this reader allows.
        var encoder = try ZstdStreamEncoder(level: 1)
        let spaces = [UInt8](repeating: 0x20, count: 4 << 20)
        for _ in 0..<16 { try encoder.write(spaces.span) }
        let bomb = try encoder.finish()
        #expect(bomb.count < 1 << 16)
        fixture.store[fixture.key.description] = try compressed(fixture.headerText() + "\n") + bomb
        var reader = try await ManifestReader.open(fixture.vault, key: fixture.key, maxLine: 1 << 20)
        var problem: VaultError?
        do { _ = try await reader.next() } catch let error as VaultError { problem = error }
        #expect(problem?.code == .damaged)
        #expect(problem?.reason == "a line is endless")
    }
}

@Suite struct `A path in a manifest` {
    @Test(arguments: [
        "a", "nb-1-big-Data.db", ".orders_idx/nb-1-big-TOC.txt", "a/b/c/d", "...", "..a", "a..", ".a", " ", "a\nb",
        "a\\b", "é",
        "e\u{301}", "日本語", "..\u{301}", "~", "C:", "-rf", "*", "da-1-bti-SAI+aa+orders_idx+Meta.db",
        String(repeating: "x", count: 255), String(repeating: "é", count: 127) + "x",
    ])
    func `may be any name below the table's directory`(path: String) {
        #expect(ManifestRules.isSafePath(path, depth: 1...4))
    }

    @Test(arguments: [
        "", ".", "..", "/", "//", "/a", "a/", "a//b", "./a", "a/.", "a/..", "../a", "a/../b", "a/b/c/d/e", "a\u{0}",
        "\u{0}", "a/\u{0}/b",
        "../\u{301}a", "a/\u{301}/..", "/\u{301}", "..//\u{301}", "a/\u{200D}/../b", String(repeating: "x", count: 256),
        String(repeating: "é", count: 128),
    ])
    func `is refused where it could lead elsewhere`(path: String) {
        #expect(!ManifestRules.isSafePath(path, depth: 1...4))
    }
}
