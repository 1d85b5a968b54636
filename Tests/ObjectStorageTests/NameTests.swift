import SystemPackage
import TestSupport
import Testing
import TransferEngine

@testable import ObjectStorage

@Suite struct `An object key` {
    static let long = String(repeating: "l", count: 255)

    @Test(arguments: [
        "a", "a/b/c", "blobs/ab/abcd.zst.enc", "...", "a..b", ".a", "a ", " a", "a+b", "100%", "%2e%2e", "é", "😀/x",
        long, String(repeating: "é", count: 127), "\(long)/\(long)/\(long)", "a/\u{301}b", "~", "-", "\\", "C:",
        "\u{80}",
    ])
    func `may be any text of sound parts`(text: String) throws {
        let key = try ObjectKey(text)
        #expect(key.description == text)
        #expect(key.segments.joined(separator: "/") == text)
    }

    @Test(arguments: [
        "", "/", "/a", "a/", "a//b", ".", "..", "a/.", "a/..", "../a", "./a", "a/../b", "a/./b", "a\0b", "a\nb", "a\tb",
        "\u{7F}", "a\r\nb", long + "l", "a/" + long + "l", String(repeating: "é", count: 128),
        "\(long)/\(long)/\(long)/\(long)",
        "../\u{301}x", "a//\u{301}", "\u{0}",
    ])
    func `is not made of what could leave the vault or not be stored`(text: String) {
        #expect(throws: ObjectKeyError.self) { _ = try ObjectKey(text) }
    }

    @Test func `is cut at every slash, also before what would join it`() throws {
        #expect(
            try ObjectKey("a/\u{301}b/c").segments.map { Array($0.utf8) } == [[0x61], Array("\u{301}b".utf8), [0x63]]
        )
    }

    @Test func `is up to 800 bytes`() throws {
        let parts = Array(repeating: String(repeating: "p", count: 99), count: 8).joined(separator: "/")
        #expect(parts.utf8.count == 799)
        #expect(try ObjectKey(parts + "p").description.utf8.count == 800)
        #expect(throws: ObjectKeyError.self) { _ = try ObjectKey(parts + "pp") }
    }

    @Test func `is compared by bytes, as stores do`() throws {
        let (composed, decomposed) = (try ObjectKey("\u{E9}"), try ObjectKey("e\u{301}"))
        #expect(composed != decomposed)
        #expect(decomposed < composed)
        #expect(Set([composed, decomposed, try ObjectKey("\u{E9}")]).count == 2)
        let texts = ["a", "a-b", "a/b", "a0", "B", "é", "😀", "\u{FFFD}"]
        let keys = try texts.shuffled().map { try ObjectKey($0) }.sorted().map { Array($0.description.utf8) }
        #expect(keys == texts.map { Array($0.utf8) }.sorted { $0.lexicographicallyPrecedes($1) })
    }

    @Test func `says why a text is none`() {
        let error = #expect(throws: ObjectKeyError.self) { _ = try ObjectKey("a//b") }
        #expect(error?.description == #""a//b" cannot name an object: it has an empty part"#)
        let huge = #expect(throws: ObjectKeyError.self) { _ = try ObjectKey(String(repeating: "x", count: 1 << 20)) }
        #expect((huge?.description.count ?? .max) < 300)
    }
}

@Suite struct `A store location` {
    @Test(arguments: [
        ("file:///backups", "/backups"), ("file:///backups/", "/backups"), ("file:///a/b/../c/./d", "/a/c/d"),
        ("file:///", "/"), ("file:///with space/é%20", "/with space/é%20"), ("file:////a//b", "/a/b"),
        ("file:///../a", "/a"),
    ])
    func `may be a directory by its absolute path`(text: String, path: String) throws {
        #expect(try StoreLocation(text) == .file(FilePath(path)))
    }

    @Test(arguments: [
        "", "/backups", "backups", "file:/backups", "file://", "file://host/path", "file://./a", "://a", "ftp://a/b",
        "FILE:///a", "file:///a\0b", " file:///a",
    ])
    func `is not any other text`(text: String) {
        let error = #expect(throws: StoreLocationError.self) { _ = try StoreLocation(text) }
        #expect(error?.description.contains("cannot be used as a location") == true)
    }

    @Test(.timeLimit(.minutes(5))) func `opens the store that lies there`() async throws {
        try await withTemporaryDirectory { directory in
            let store = try StoreLocation("file://\(directory)/vault").open(StoreSettings(), io: IOExecutor(threads: 1))
            _ = try await store.put([1], try ObjectKey("a"))
            #expect(store.location == "file://\(directory)/vault")
            #expect(try SmallFile.bytes(of: directory.appending("vault/a")) == [1])
        }
    }
}
