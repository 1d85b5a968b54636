import FoundationEssentials
import Testing

@testable import Vault

/// A value of every kind that the manifest's lines have.
private struct Sample: Codable, Equatable {
    struct Part: Codable, Equatable {
        var name: String
        var size: Int64
    }

    var text: String
    var signed: Int64
    var unsigned: UInt64
    var parts: [Part]

    static func random(_ random: inout SeededRandom) -> Sample {
        let edges: [Int64] = [0, -1, 1, .min, .max, 1 << 53, -(1 << 53) - 1]
        func number(_ random: inout SeededRandom) -> Int64 {
            random.bool() ? edges[random.int(0...edges.count - 1)] : Int64(bitPattern: random.next())
        }
        return Sample(
            text: random.text(0...40),
            signed: number(&random),
            unsigned: random.bool() ? .max : random.next(),
            parts: (0..<random.int(0...4)).map { _ in Part(name: random.text(0...10), size: number(&random)) }
        )
    }

    /// As `JSONText` writes it.
    var written: [UInt8] {
        var json = JSONText()
        json.object { json in
            json.member("text", text)
            json.member("signed", signed)
            json.array("parts", parts) { json, part in
                json.object {
                    $0.member("name", part.name)
                    $0.member("size", part.size)
                }
            }
            json.member("unsigned", unsigned)
        }
        return json.take()
    }

    /// As `JSONScanner` reads it.
    init(scanning bytes: [UInt8]) throws {
        var sample = Sample(text: "", signed: 0, unsigned: 0, parts: [])
        var scanner = JSONScanner(bytes.span)
        try scanner.object { (key, scanner) throws(JSONError) in
            switch key {
            case "text": sample.text = try scanner.string()
            case "signed": sample.signed = try scanner.integer()
            case "unsigned": sample.unsigned = try scanner.unsigned()
            case "parts":
                guard scanner.isAtArray else { throw JSONError("no array") }
                try scanner.array { (scanner) throws(JSONError) in
                    var part = Part(name: "", size: 0)
                    try scanner.object { (key, scanner) throws(JSONError) in
                        if key == "name" { part.name = try scanner.string() } else { part.size = try scanner.integer() }
                    }
                    sample.parts.append(part)
                }
            default: try scanner.skip()
            }
        }
        try scanner.end()
        self = sample
    }

    init(text: String, signed: Int64, unsigned: UInt64, parts: [Part]) {
        self.text = text
        self.signed = signed
        self.unsigned = unsigned
        self.parts = parts
    }

    func isIdentical(to other: Sample) -> Bool {
        self == other && text.utf8.elementsEqual(other.text.utf8)
            && zip(parts, other.parts).allSatisfy { $0.name.utf8.elementsEqual($1.name.utf8) }
    }
}

/// Passes over one value of any kind.
private func skip(_ bytes: [UInt8]) throws {
    var scanner = JSONScanner(bytes.span)
    try scanner.skip()
    try scanner.end()
}

private func string(_ text: String) throws -> String {
    let bytes = Array(text.utf8)
    var scanner = JSONScanner(bytes.span)
    let value = try scanner.string()
    try scanner.end()
    return value
}

private func integer(_ text: String) throws -> Int64 {
    let bytes = Array(text.utf8)
    var scanner = JSONScanner(bytes.span)
    let value = try scanner.integer()
    try scanner.end()
    return value
}

/// Any JSON, as Foundation understands it: decoded to the last value, since it looks at strings and numbers late.
private struct AnyJSON: Decodable {
    struct Key: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
        if var list = try? decoder.unkeyedContainer() {
            while !list.isAtEnd { _ = try list.decode(AnyJSON.self) }
        } else if let members = try? decoder.container(keyedBy: Key.self) {
            for key in members.allKeys { _ = try members.decode(AnyJSON.self, forKey: key) }
        } else {
            let value = try decoder.singleValueContainer()
            if value.decodeNil() || (try? value.decode(Bool.self)) != nil || (try? value.decode(Double.self)) != nil {
                return
            }
            _ = try value.decode(String.self)
        }
    }
}

@Suite struct `JSON of our own` {
    @Test func `is read by Foundation as it was meant`() throws {
        var random = SeededRandom(10)
        for _ in 0..<1500 {
            let sample = Sample.random(&random)
            let read = try JSONDecoder().decode(Sample.self, from: Data(sample.written))
            #expect(read.isIdentical(to: sample))
        }
    }

    @Test func `is read by ourselves as it was meant`() throws {
        var random = SeededRandom(11)
        for _ in 0..<1500 {
            let sample = Sample.random(&random)
            #expect(try Sample(scanning: sample.written).isIdentical(to: sample))
        }
    }

    @Test(arguments: [[], .prettyPrinted, .sortedKeys, .withoutEscapingSlashes] as [JSONEncoder.OutputFormatting])
    func `may also be Foundation's`(formatting: JSONEncoder.OutputFormatting) throws {
        var random = SeededRandom(12)
        let encoder = JSONEncoder()
        encoder.outputFormatting = formatting
        for _ in 0..<500 {
            let sample = Sample.random(&random)
            #expect(try Sample(scanning: Array(encoder.encode(sample))).isIdentical(to: sample))
        }
    }

    @Test func `has no line break in it, so that a line is a value`() throws {
        var random = SeededRandom(13)
        for _ in 0..<500 {
            let bytes = Sample.random(&random).written
            #expect(!bytes.contains { $0 < 0x20 })
        }
    }
}

@Suite struct `Hostile JSON` {
    @Test func `cut at any byte is an error`() throws {
        var random = SeededRandom(20)
        for _ in 0..<40 {
            let bytes = Sample.random(&random).written
            for count in 0..<bytes.count {
                #expect(throws: JSONError.self) { _ = try Sample(scanning: Array(bytes.prefix(count))) }
                #expect(throws: JSONError.self) { try skip(Array(bytes.prefix(count))) }
            }
        }
    }

    @Test func `with any byte changed is an error or a value`() throws {
        var random = SeededRandom(21)
        let sample = Sample.random(&random)
        for index in sample.written.indices {
            for byte in [0, 0x22, 0x5C, 0x2C, 0x5B, 0x7D, 0x80, 0xFF, UInt8(random.int(0...255))] {
                var bytes = sample.written
                bytes[index] = byte
                _ = try? Sample(scanning: bytes)
                try? skip(bytes)
            }
        }
    }

    @Test func `of any bytes is an error or a value, and what Foundation takes is taken`() {
        var random = SeededRandom(22)
        let alphabet = Array(#"{}[]":,\u0019deEtrufalsn+-. "#.utf8) + [0, 0x0A, 0xC3, 0xA9, 0xFF]
        for _ in 0..<20_000 {
            let bytes = (0..<random.int(1...14)).map { _ in alphabet[random.int(0...alphabet.count - 1)] }
            let isOurs = (try? skip(bytes)) != nil
            let isValid = !bytes.contains(0) && (try? JSONDecoder().decode(AnyJSON.self, from: Data(bytes))) != nil
            #expect(isOurs || !isValid, "\(String(decoding: bytes, as: UTF8.self).debugDescription)")
        }
    }

    @Test(arguments: [1000, 100_000, 5_000_000])
    func `nested deeply is an error, not a full stack`(depth: Int) {
        let opening = ["[", "{\"a\":", "[{\"a\":"]
        for text in opening {
            let bytes = Array(String(repeating: text, count: depth / text.utf8.count).utf8)
            #expect(throws: JSONError.self) { try skip(bytes) }
        }
    }

    @Test func `may be nested 32 levels deep and no more`() throws {
        func nested(_ depth: Int) -> [UInt8] {
            Array(String(repeating: "[", count: depth).utf8) + Array(String(repeating: "]", count: depth).utf8)
        }
        try skip(nested(32))
        #expect(throws: JSONError.self) { try skip(nested(33)) }
        // Side by side is not deep.
        try skip(Array("[\(Array(repeating: "[[]]", count: 1000).joined(separator: ","))]".utf8))
    }

    @Test(arguments: [
        (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"), (#""\u0041\u00e9\u00E9""#, "A\u{E9}\u{E9}"),
        (#""\u0000""#, "\u{0}"),
        (#""\ud83d\ude00""#, "\u{1F600}"), (#""\uD800\uDC00\uDBFF\uDFFF""#, "\u{10000}\u{10FFFF}"), ("  \"\" ", ""),
        ("\"\u{7F}\u{85}\u{2028}\"", "\u{7F}\u{85}\u{2028}"), ("\"e\u{301}\"", "e\u{301}"), (#""\uFFFE""#, "\u{FFFE}"),
    ])
    func `has every escape of RFC 8259`(json: String, text: String) throws {
        #expect(try string(json).unicodeScalars.elementsEqual(text.unicodeScalars))
    }

    @Test(arguments: [
        "", "\"", #""\"#, #""\""#, #""\a""#, #""\x41""#, #""\u""#, #""\u1""#, #""\u12g4""#, #""\u+041""#, #""\U0041""#,
        #""\ud800""#, #""\ud800x""#, #""\ud800\n""#, #""\ud800\u0041""#, #""\ud800\ud800""#, #""\udc00""#,
        #""\udc00\ud800""#,
        "\"\n\"", "\"\u{0}\"", "\"\t\"", "'a'", "a", "\"a\"b", "\"a\"\"b\"", "\"a\" ,", "\u{FEFF}\"\"",
    ])
    func `with a bad string is an error`(json: String) {
        #expect(throws: JSONError.self) { try string(json) }
    }

    @Test(
        arguments: [[0x80], [0xC3], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xFF, 0xFE]]
            as [[UInt8]]
    )
    func `with a string that is not UTF-8 is an error`(bytes: [UInt8]) {
        #expect(throws: JSONError.self) { try skip([0x22] + bytes + [0x22]) }
    }

    @Test(
        arguments: [
            ("0", 0), ("-0", 0), (" -1 ", -1), ("9223372036854775807", .max), ("-9223372036854775808", .min),
        ] as [(String, Int64)]
    )
    func `has whole numbers of 64 bits`(json: String, value: Int64) throws {
        #expect(try integer(json) == value)
    }

    @Test(arguments: [
        "", "-", "9223372036854775808", "-9223372036854775809", "1e3", "1.0", "1.", ".5", "0x10", "1 2", "1,", "NaN",
        "-Infinity",
        "١", "true", "null", "\"1\"", "--1", "1e400", "1-1", "\u{0}1", "1\u{0}",
        String(repeating: "9", count: 1_000_000), "1" + String(repeating: "0", count: 400),
    ])
    func `with any other number is an error`(json: String) {
        #expect(throws: JSONError.self) { try integer(json) }
    }

    @Test(arguments: [
        "{", "}", "{]", "[}", "[1,]", "[,1]", "[1 2]", "{\"a\"}", "{\"a\":}", "{\"a\" 1}", "{\"a\":1,}", "{,}", "{a:1}",
        "{1:1}",
        "{\"a\":1 \"b\":2}", "[1]]", "{}{}", "[] x", "tru", "truex", "nul", "falsy", "True", "[1]\u{0}", "\u{0}", "//",
        "[1/**/]",
        "{\"a\":1}\n{\"b\":2}",
    ])
    func `of a wrong shape is an error`(json: String) {
        #expect(throws: JSONError.self) { try skip(Array(json.utf8)) }
    }

    @Test func `may have a member twice: the last one counts`() throws {
        let json = #"{"text":"a","text":"b","signed":1,"signed":2,"more":[{"x":[true,false,null,-1.5e+3]}]}"#
        let sample = try Sample(scanning: Array(json.utf8))
        #expect(sample.text == "b")
        #expect(sample.signed == 2)
    }
}
