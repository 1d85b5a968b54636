import Testing

@testable import Cassandra

@Suite struct `A row in JSON` {
    @Test func `keeps numbers as they stand`() throws {
        let row = try CQLRow(json: #"{"a": 1.0, "b": -12345678901234567890, "c": 1E-5, "d": true, "e": null}"#)
        #expect(row["a"] == .number("1.0"))
        #expect(row["b"] == .number("-12345678901234567890"))
        #expect(try row.text("c") == "1E-5")
        #expect(try row.boolean("d") == true)
        #expect(row["e"] == .null && row["none"] == .null)
        #expect(try row.texts("e") == [] && row.textMap("none") == [:])
    }

    @Test func `takes every escape`() throws {
        let row = try CQLRow(json: #"{"a\"": "\\\/\b\f\n\r\t\u00e9\ud83d\ude42", "b": [["x"], {"k": "v"}]}"#)
        #expect(row["a\""] == .text("\\/\u{8}\u{C}\n\r\té🙂"))
        #expect(row["b"] == .list([.list([.text("x")]), .map(["k": .text("v")])]))
    }

    @Test(arguments: [
        "", "[]", "{", "{}x", #"{"a"}"#, #"{"a": }"#, #"{"a": 1,}"#, #"{"a": "x}"#, #"{"a": "\ud83d"}"#, #"{"a": nul}"#,
        #"{"a": "\x41"}"#, #"{"a": --}"#, #"{"a": .5}"#,
        "{\"a\": " + String(repeating: "[", count: 100) + String(repeating: "]", count: 100) + "}",
    ])
    func `is refused where it is none`(text: String) {
        let error = #expect(throws: CassandraError.self) { try CQLRow(json: text) }
        #expect(error?.code == .malformed)
    }

    @Test func `says which column is not what it should be`() throws {
        let row = try CQLRow(json: #"{"a": [1], "b": 1.5}"#)
        for read in [{ try row.text("a") }, { try row.requiredText("c") }, { try row.texts("a").first }] {
            #expect(throws: CassandraError.self) { try read() }
        }
        #expect(throws: CassandraError.self) { try row.integer("b") }
    }

    @Test(
        arguments: [
            ("1970-01-01 00:00:00.000Z", 0), ("2026-11-20 23:21:25.819Z", 1_795_216_885_819),
            ("1969-12-31 23:59:59.999Z", -1), ("2024-02-29 12:00:00Z", 1_709_208_000_000),
            ("+294247-01-10 04:00:54.775Z", 9_223_372_036_854_775), ("2026-11-20 23:21:25.819", nil),
            ("2026-13-20 23:21:25.819Z", nil), ("", nil),
        ] as [(String, Int64?)]
    )
    func `tells a moment in milliseconds`(text: String, milliseconds: Int64?) {
        #expect(CQLMoment.milliseconds(text) == milliseconds)
    }
}

@Suite struct `CQL in tokens` {
    @Test func `is parted at quotes, comments and signs`() throws {
        let text = #"""
            CREATE TABLE "Mixed ""Case""".t (-- a comment; not the end
                id 0f9c63c0-e539-11f1-a127-4d48bb39bcb8, x 'it''s; /* text */' /* 'c' */, y -1.5e-3)
            // another
            ; DROP $$ it's; $$
            """#
        let tokens = try #require(CQLTokens(text))
        #expect(tokens.statements.count == 2)
        #expect(
            tokens.statements[0].map(\.value) == [
                "CREATE", "TABLE", "Mixed \"Case\"", ".", "t", "(", "id", "0f9c63c0-e539-11f1-a127-4d48bb39bcb8", ",",
                "x",
                "it's; /* text */", ",", "y", "-", "1.5e-3", ")",
            ]
        )
        #expect(tokens.statements[0][2].kind == .quotedName && tokens.statements[0][10].kind == .text)
        #expect(tokens.statements[1].map(\.value) == ["DROP", " it's; "])
    }

    @Test(arguments: ["'x", "\"x", "/* x", "$$ x $"])
    func `have an end`(text: String) {
        #expect(CQLTokens(text) == nil)
    }

    @Test(arguments: [
        ("text", "text"), ("shop", "shop"), ("Shop", "\"Shop\""), ("seq no", "\"seq no\""), ("select", "\"select\""),
        ("1a", "\"1a\""), ("a\"b", "\"a\"\"b\""), ("", "\"\""), ("é", "\"é\""),
    ])
    func `have names in quotes where they need them`(name: String, text: String) {
        #expect(CQLText.name(name) == text)
    }

    @Test(
        arguments: [
            ("map<text,frozen<list<frozen<address>>>>", "map<text, frozen<list<frozen<address>>>>", ["address"]),
            ("vector<float, 4>", "vector<float, 4>", []), ("frozen<\"My Type\">", "frozen<\"My Type\">", ["My Type"]),
            ("INT", "int", []),
            ("'org.apache.cassandra.db.marshal.BytesType'", "'org.apache.cassandra.db.marshal.BytesType'", []),
            ("tuple<int, \"text\">", "tuple<int, text>", ["text"]),
        ] as [(String, String, [String])]
    )
    func `have types that are taken apart`(text: String, written: String, types: [String]) throws {
        let type = try #require(CQLType(text))
        #expect(type.description == written)
        #expect(type.userTypes == Set(types))
    }

    @Test(arguments: ["", "<int>", "list<int", "list<int>>", "list<>", "a b", String(repeating: "list<", count: 100)])
    func `have no type where there is none`(text: String) {
        #expect(CQLType(text) == nil)
    }
}
