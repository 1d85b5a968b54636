import ObjectStorage
import Testing
import TransferEngine

@testable import Vault

@Suite(.timeLimit(.minutes(5))) struct `A manifest's documents` {
    private static let table = ManifestLine.table(ManifestTable(path: "ks/t", schema: nil))

    private func document(_ name: String, _ text: String = "text") -> ManifestLine {
        .document(ManifestDocument(name: name, text: text))
    }

    /// What the writer says of these lines; nil if it takes them.
    private func refusal(_ lines: [ManifestLine]) async throws -> VaultError.Code? {
        let fixture = try await ManifestFixture()
        var writer = try ManifestWriter(fixture.header, chunkSize: fixture.vault.description.chunkSize)
        do {
            for line in lines { try writer.write(line) }
            return nil
        } catch let error as VaultError {
            return error.code
        }
    }

    /// What a reader says of these lines, written by hand; nil if it takes them.
    private func damage(_ lines: [String]) async throws -> VaultError.Code? {
        let fixture = try await ManifestFixture()
        try fixture.put(lines: lines)
        return (await fixture.problem() as? VaultError)?.code
    }

    @Test func `come back as they were, whatever is in them`() async throws {
        let fixture = try await ManifestFixture()
        let lines = [
            document("schema.cql", "CREATE TABLE \"a\\b\" (\n\t'ü' text\r\n);\u{0}\u{1F}\u{7F}\u{2028}🙂"),
            document("empty", ""), document("e\u{301}"), document("é"), document("..."), Self.table,
        ]
        try await fixture.publish(lines)
        #expect(try await fixture.read().text == lines.text)
        let documents = try await BackupDocuments.of(fixture.host, in: fixture.id, fixture.vault)
        #expect(documents.documents.count == 5)
        #expect(documents.text("empty") == "")
        #expect(documents.text("schema.json") == nil)
        #expect(documents.header.totals.tables == 1)
    }

    @Test func `may be long, in one line each`() async throws {
        let fixture = try await ManifestFixture()
        let text = String(repeating: "\"line\"\n", count: 500_000)
        try await fixture.publish([document("large", text), document("other", text)])
        let documents = try await BackupDocuments.of(fixture.host, in: fixture.id, fixture.vault)
        #expect(documents.text("large") == text)
    }

    @Test func `have so much text together and no more`() {
        var rules = ManifestRules(chunkSize: 1 << 20, directoryCount: 1)
        let text = String(repeating: "x", count: ManifestDocument.mostBytes)
        #expect(rules.problem(with: document("large", text)) == nil)
        #expect(rules.problem(with: document("none", "")) == nil)
        #expect(rules.problem(with: document("more", "x")) != nil)
    }

    @Test(arguments: ["", ".", "..", "a/b", "/a", "a/", "a\u{0}", String(repeating: "x", count: 256)])
    func `have names that are names of files`(name: String) async throws {
        #expect(try await refusal([document(name)]) == .invalid)
        let escaped = name.replacing("\u{0}", with: #"\u0000"#)
        let line = #"{"type":"document","name":"\#(escaped)","text":"x"}"#
        #expect(try await damage([line, Lines.end(documents: 1)]) == .damaged)
    }

    @Test func `stand there once, and before the first table`() async throws {
        #expect(try await refusal([document("a"), document("b"), Self.table]) == nil)
        #expect(try await refusal([document("a"), document("a")]) == .invalid)
        #expect(try await refusal([Self.table, document("a")]) == .invalid)
        let many = (0...ManifestDocument.mostDocuments).map { document("\($0)") }
        #expect(try await refusal(many) == .invalid)
        #expect(try await refusal(many.dropLast()) == nil)
    }

    @Test func `are counted at the end`() async throws {
        let line = #"{"text":"x","name":"a","type":"document","later":[1]}"#
        #expect(try await damage([line, Lines.end(documents: 1)]) == nil)
        #expect(try await damage([line, Lines.end(documents: 2)]) == .damaged)
        #expect(try await damage([line, Lines.end()]) == .damaged)
        #expect(try await damage([Lines.end()]) == nil)
        #expect(try await damage([#"{"type":"document","name":"a"}"#, Lines.end(documents: 1)]) == .damaged)
        #expect(try await damage([#"{"type":"document","text":"a"}"#, Lines.end(documents: 1)]) == .damaged)
    }

    @Test func `stay when blobs get other places`() async throws {
        let fixture = try await ManifestFixture()
        var random = SeededRandom(91)
        let lines = [document("a"), document("b", "x")] + [ManifestLine].random(tables: 2, groups: 300, &random)
        var writer = try ManifestWriter(fixture.header, chunkSize: fixture.vault.description.chunkSize)
        for line in lines { try writer.write(line) }
        writer = try await writer.renewed(by: NoRenewal(), ListedNames())
        _ = try await writer.publish(in: fixture.vault, at: fixture.key, totals: ManifestHeader.Totals())
        #expect(try await fixture.read().text == lines.text)
    }

    @Test func `tell in the header what the node was`() async throws {
        let fixture = try await ManifestFixture()
        var header = fixture.header
        header.releaseVersion = "4.1.7"
        header.partitioner = "org.apache.cassandra.dht.Murmur3Partitioner"
        header.schemaVersion = "d7f98c2a-52f3-38e7-8138-9224d9a0ae3b"
        header.filter = ManifestHeader.Filter(included: ["shop.*"], excluded: ["shop.tmp_*"])
        let writer = try ManifestWriter(header, chunkSize: fixture.vault.description.chunkSize)
        _ = try await writer.publish(in: fixture.vault, at: fixture.key, totals: ManifestHeader.Totals())
        let read = try await ManifestReader.open(fixture.vault, key: fixture.key).header
        #expect(read.releaseVersion == "4.1.7" && read.filter == header.filter)
        #expect(read.partitioner == header.partitioner && read.schemaVersion == header.schemaVersion)
    }
}

private enum Lines {
    static func end(documents: Int? = nil) -> String {
        let count = documents.map { #","documents":\#($0)"# } ?? ""
        return #"{"type":"end","tables":0,"groups":0,"files":0,"bytes":0\#(count)}"#
    }
}

/// Never asked, as nothing is listed.
private struct NoRenewal: BlobRenewing {
    func renew(_ groups: [ManifestGroup], _ listed: ListedNames) async throws -> [ManifestGroup] { [] }
}
