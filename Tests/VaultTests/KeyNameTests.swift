import ObjectStorage
import Testing

@testable import Vault

@Suite struct `A name in a key` {
    @Test(arguments: [
        ("prod", "prod"), ("Test Cluster", "Test%20Cluster"), ("a.b-c_D9", "a.b-c_D9"), (".", "%2E"), ("..", "%2E."),
        (".hidden", "%2Ehidden"), ("...", "%2E.."), ("a/b", "a%2Fb"), ("../../etc", "%2E.%2F..%2Fetc"),
        ("100%", "100%25"),
        ("%2E", "%252E"), ("é", "%C3%A9"), ("e\u{301}", "e%CC%81"), ("日本", "%E6%97%A5%E6%9C%AC"), ("a\\b", "a%5Cb"),
        ("😀", "%F0%9F%98%80"), ("a+b", "a%2Bb"), ("a~b", "a%7Eb"), (" ", "%20"), ("*?\"'$", "%2A%3F%22%27%24"),
        ("\u{85}", "%C2%85"), ("\u{FEFF}x", "%EF%BB%BFx"),
    ])
    func `is percent-encoded, and comes back`(name: String, key: String) throws {
        #expect(try KeyName.encode(name, as: "backup name") == key)
        #expect(KeyName.decode(key)?.utf8.elementsEqual(name.utf8) == true)
    }

    @Test(arguments: [
        "", "\u{0}", "a\u{0}b", "\n", "a\tb", "\u{1F}", "\u{7F}", "\u{1B}[2J", String(repeating: "a", count: 201),
        String(repeating: "é", count: 34), String(repeating: "/", count: 67), String(repeating: "a", count: 1 << 20),
    ])
    func `is refused where it is empty, overlong or has a control character`(name: String) {
        let error = #expect(throws: VaultError.self) { try KeyName.encode(name, as: "backup name") }
        #expect(error?.code == .invalid)
    }

    @Test(arguments: [
        String(repeating: "a", count: 200), String(repeating: "é", count: 33), String(repeating: "/", count: 66),
    ])
    func `may take 200 bytes`(name: String) throws {
        #expect(try KeyName.encode(name, as: "backup name").utf8.count <= 200)
    }

    @Test(arguments: [
        "", ".", "..", ".a", "%", "%2", "a%", "a%4", "%zz", "%2e", "%41", "%61", "%2D", "%FF", "%C3", "%C3A9",
        "%ED%A0%80",
        "%00", "%0A", "%7F", "%+1", "% 1", "%-0", "a b", "a/b", "é", "%c3%a9", "\u{0}", "%E6%97", "a%2F\u{301}",
        String(repeating: "a", count: 201),
    ])
    func `is not read from what no name is written as`(key: String) {
        #expect(KeyName.decode(key) == nil)
    }

    @Test func `is one safe part of a key, whatever it is, and no two are the same`() throws {
        var random = SeededRandom(4)
        var names: [String: [UInt8]] = [:]
        for _ in 0..<5000 {
            let name = random.text(1...24)
            guard let key = try? KeyName.encode(name, as: "name") else { continue }
            #expect(KeyName.decode(key).map { Array($0.utf8) } == Array(name.utf8))
            #expect(try ObjectKey("clusters/\(key)/x").segments.count == 3)
            #expect(!key.hasPrefix(".") && key.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x2F })
            #expect(names[key, default: Array(name.utf8)] == Array(name.utf8))
            names[key] = Array(name.utf8)
        }
        #expect(names.count > 1000)
    }

    @Test func `that is not what a name is written as is never half understood`() {
        var random = SeededRandom(5)
        for _ in 0..<5000 {
            let text = String(
                decoding: (0..<random.int(0...12)).map { _ in UInt8(random.int(0x25...0x47)) },
                as: UTF8.self
            )
            guard let name = KeyName.decode(text) else { continue }
            #expect((try? KeyName.encode(name, as: "name")) == text)
        }
    }
}
