import FoundationEssentials
import Testing

@testable import Vault

@Suite struct `A host id` {
    @Test func `is a UUID in lower case, however it was written`() throws {
        let id = try #require(HostID("4F0B0E6A-2C1D-4E5F-8A9B-0C1D2E3F4A5B"))
        #expect(id.description == "4f0b0e6a-2c1d-4e5f-8a9b-0c1d2e3f4a5b")
        #expect(HostID(id.description) == id)
    }

    @Test(arguments: [
        "", "-", "----", "4f0b0e6a2c1d4e5f8a9b0c1d2e3f4a5b", "4f0b0e6a-2c1d-4e5f-8a9b-0c1d2e3f4a5",
        "4f0b0e6a-2c1d-4e5f-8a9b-0c1d2e3f4a5b0", "4f0b0e6a-2c1d-4e5f-8a9b-0c1d2e3f4a5g",
        "{4f0b0e6a-2c1d-4e5f-8a9b-0c1d2e3f4a5b}",
        "4f0b0e6-a2c1d-4e5f-8a9b-0c1d2e3f4a5b", " 4f0b0e6a-2c1d-4e5f-8a9b-0c1d2e3f4a5b",
        "4f0b0e6a-2c1d-4e5f-8a9b-0c1d2e3f4a\u{E9}",
        "4f0b0e6a-2c1d-4e5f-8a9b-0c1d2e3f4a5b\n", "../4f0b0e6-2c1d-4e5f-8a9b-0c1d2e3f4a5b",
        "4f0b0e6a-2c1d-4e5f-8a9b-0c1d2e3f4a5b-",
        "４f0b0e-2c1d-4e5f-8a9b-0c1d2e3f4a5b",
    ])
    func `is nothing else`(text: String) {
        #expect(HostID(text) == nil)
    }

    @Test func `is a JSON string, and refused as any other`() throws {
        let id = try #require(HostID("4f0b0e6a-2c1d-4e5f-8a9b-0c1d2e3f4a5b"))
        let json = try JSONEncoder().encode([id])
        #expect(String(decoding: json, as: UTF8.self) == "[\"4f0b0e6a-2c1d-4e5f-8a9b-0c1d2e3f4a5b\"]")
        #expect(try JSONDecoder().decode([HostID].self, from: json) == [id])
        #expect(throws: DecodingError.self) { try JSONDecoder().decode([HostID].self, from: Data("[\"x\"]".utf8)) }
    }
}

@Suite struct `A moment` {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00Z"), (-1, "1969-12-31T23:59:59Z"), (951_782_400, "2000-02-29T00:00:00Z"),
            (1_795_143_600, "2026-11-20T03:00:00Z"), (2_147_483_648, "2038-01-19T03:14:08Z"),
            (4_107_542_399, "2100-02-28T23:59:59Z"), (253_402_300_799, "9999-12-31T23:59:59Z"),
        ] as [(Int64, String)]
    )
    func `is written in UTC to the second`(seconds: Int64, text: String) throws {
        #expect(Timestamp(seconds: seconds).description == text)
        #expect(try JSONDecoder().decode(Timestamp.self, from: Data("\"\(text)\"".utf8)).seconds == seconds)
    }

    @Test func `comes back from its text`() throws {
        var random = SeededRandom(6)
        for _ in 0..<500 {
            let moment = Timestamp(seconds: Int64(random.int(0...253_402_300_799)))
            #expect(try JSONDecoder().decode(Timestamp.self, from: JSONEncoder().encode(moment)) == moment)
        }
    }

    @Test(arguments: [
        "", "now", "2026-11-20", "2026-13-20T03:00:00Z", "2026-11-20T03:00:00", "2026-11-20 03:00:00Z", "-",
        "99999999999999999999-01-01T00:00:00Z", "\u{0}", "0", "NaN", "inf",
        "2026-11-20T03:00:00+99999999999999999999",
    ])
    func `is refused in any other way of writing`(text: String) throws {
        let json = try JSONEncoder().encode([text])
        #expect(throws: (any Error).self) { try JSONDecoder().decode([Timestamp].self, from: json) }
    }

    @Test func `of a hostile text never stops the program`() throws {
        var random = SeededRandom(7)
        let digits = Array("0123456789-+:TZ. ".utf8)
        for _ in 0..<5000 {
            var text = Array("2026-11-20T03:00:00Z".utf8)
            for _ in 0..<random.int(1...4) {
                let place = random.int(0...text.count - 1)
                if random.bool() {
                    text[place] = digits[random.int(0...digits.count - 1)]
                } else {
                    text.insert(0x39, at: place)
                }
            }
            let json = try JSONEncoder().encode([String(decoding: text, as: UTF8.self)])
            if let moment = try? JSONDecoder().decode([Timestamp].self, from: json)[0] { _ = moment.description }
        }
    }
}
