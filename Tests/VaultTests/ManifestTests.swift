import ObjectStorage
import Testing
import TransferEngine

@testable import Vault

@Suite(.timeLimit(.minutes(5))) struct `A manifest` {
    @Test func `comes back line by line, whatever the names`() async throws {
        let fixture = try await ManifestFixture()
        var random = SeededRandom(30)
        let lines = [ManifestLine].random(tables: 12, groups: 200, &random)
        #expect(lines.count > 2000)
        let header = try await fixture.publish(lines)
        let read = try await fixture.read()
        #expect(read.text == lines.text)
        #expect(read == lines)
        #expect(header.totals.tables == 12)
        #expect(header.totals.files > 2000)
    }

    @Test(arguments: [1, 7, 100, 4096, 1 << 20])
    func `comes back from requests of any size`(fetchSize: Int) async throws {
        let fixture = try await ManifestFixture()
        var random = SeededRandom(31)
        let lines = [ManifestLine].random(tables: 2, groups: 10, &random)
        try await fixture.publish(lines)
        #expect(try await fixture.read(fetchSize: fetchSize).text == lines.text)
    }

    @Test func `may be empty`() async throws {
        let fixture = try await ManifestFixture()
        let header = try await fixture.publish([])
        #expect(try await fixture.read().isEmpty)
        #expect(header.totals == ManifestHeader.Totals())
    }

    @Test func `has its header in a frame of its own, and all of it in the header`() async throws {
        let fixture = try await ManifestFixture()
        var random = SeededRandom(32)
        let published = try await fixture.publish([ManifestLine].random(tables: 3, groups: 400, &random))
        let reader = try await ManifestReader.open(fixture.vault, key: fixture.key, fetchSize: 64 << 10)
        #expect(reader.header == published)
        #expect(reader.header.dataDirectories == ["/data1", "/data2"])
        #expect(reader.header.rack == nil)
        #expect(fixture.store.gets.filter { $0 == fixture.key.description }.count == 1)
    }

    @Test func `ends with itself: nothing comes after the end`() async throws {
        let fixture = try await ManifestFixture()
        try await fixture.publish([.table(ManifestTable(path: "ks/t", schema: nil))])
        var reader = try await ManifestReader.open(fixture.vault, key: fixture.key)
        let (first, second, third) = (try await reader.next(), try await reader.next(), try await reader.next())
        #expect(first != nil)
        #expect(second == nil)
        #expect(third == nil)
    }

    @Test(arguments: 1...5) func `is one sequence, in whatever sections it was written`(sections: Int) async throws {
        let fixture = try await ManifestFixture()
        var random = SeededRandom(UInt64(60 + sections))
        let lines = [ManifestLine].random(tables: 15, groups: 60, &random)
        let documents = [ManifestDocument(name: "a.cql", text: "a\n"), ManifestDocument(name: "b.cql", text: "b")]
        // Each section gets every so many tables, the last ones first.
        var parts: [[ManifestLine]] = Array(repeating: [], count: sections)
        var table = -1
        for line in lines {
            if case .table = line { table += 1 }
            parts[(sections - 1) - table % sections].append(line)
        }
        var writer = try ManifestWriter(fixture.header, chunkSize: fixture.vault.description.chunkSize)
        for document in documents { try writer.write(.document(document)) }
        for (index, part) in parts.enumerated() {
            if index > 0 { try writer.beginSection() }
            for line in part { try writer.write(line) }
        }
        let totals = ManifestHeader.Totals()
        let header = try await writer.publish(in: fixture.vault, at: fixture.key, totals: totals).header
        #expect(try await fixture.read().text == documents.map(ManifestLine.document).text + lines.text)
        #expect(header.totals.tables == 15)
    }

    @Test func `does not have a table in two sections`() async throws {
        let fixture = try await ManifestFixture()
        var writer = try ManifestWriter(fixture.header, chunkSize: 1 << 20)
        try writer.write(.table(ManifestTable(path: "ks/t", schema: nil)))
        try writer.beginSection()
        try writer.write(.table(ManifestTable(path: "ks/t", schema: nil)))
        var code: VaultError.Code?
        do {
            _ = try await writer.publish(in: fixture.vault, at: fixture.key, totals: ManifestHeader.Totals())
        } catch let error as VaultError { code = error.code }
        #expect(code == .invalid)
        #expect(fixture.store[fixture.key.description] == nil)
    }

    @Test func `that is not there is not found`() async throws {
        let fixture = try await ManifestFixture()
        let error = try #require(await fixture.problem() as? VaultError)
        #expect(error.code == .notFound)
    }

    @Test func `is published once: the second is refused and changes nothing`() async throws {
        let fixture = try await ManifestFixture()
        var random = SeededRandom(33)
        let lines = [ManifestLine].random(tables: 2, groups: 40, &random)
        try await fixture.publish(lines)
        let stored = fixture.store[fixture.key.description]
        for others in [[], lines + lines.prefix(0), Array(lines.dropLast())] where others != lines {
            let error = await #expect(throws: VaultError.self) { try await fixture.publish(others) }
            #expect(error?.code == .exists)
        }
        #expect(fixture.store[fixture.key.description] == stored)
    }

    @Test func `put twice because an answer was lost is published`() async throws {
        let fixture = try await ManifestFixture()
        let key = fixture.key
        // The first try of a retrying store arrived: the very bytes that are about to be put stand there already.
        let lost = LostAnswerStore(base: fixture.store)
        let writer = try ManifestWriter(fixture.header, chunkSize: fixture.vault.description.chunkSize)
        _ = try await writer.publish(
            in: Vault(store: lost, description: fixture.vault.description),
            at: key,
            totals: ManifestHeader.Totals()
        )
        #expect(try await fixture.read().isEmpty)
    }

    @Test func `holds nothing that a reader would refuse`() async throws {
        let fixture = try await ManifestFixture()
        var writer = try ManifestWriter(fixture.header, chunkSize: 1 << 20)
        try writer.write(.table(ManifestTable(path: "ks/t", schema: nil)))
        let bad = ManifestGroup(table: "ks/t", name: "a", isSSTable: false, directory: 2, files: [])
        var code: VaultError.Code?
        do { try writer.write(.group(bad)) } catch let error as VaultError { code = error.code }
        #expect(code == .invalid)
    }
}

/// Does every put twice and tells of the second.
private struct LostAnswerStore: ObjectStore {
    let base: VaultMemoryStore

    var location: String { base.location }

    func put(
        _ body: borrowing BufferLease,
        at key: ObjectKey,
        _ condition: PutCondition,
        digest: SHA256Digest?
    ) async throws(StoreError) -> PutResult {
        _ = try await base.put(body, at: key, condition, digest: digest)
        return try await base.put(body, at: key, condition, digest: digest)
    }

    func get(
        _ key: ObjectKey,
        range: Range<Int64>?,
        into buffer: inout BufferLease
    ) async throws(StoreError) -> ObjectInfo {
        try await base.get(key, range: range, into: &buffer)
    }

    func head(_ key: ObjectKey) async throws(StoreError) -> ObjectInfo? { try await base.head(key) }

    func delete(_ key: ObjectKey) async throws(StoreError) { try await base.delete(key) }

    func list(prefix: String, from cursor: ListCursor?, limit: Int) async throws(StoreError) -> ListPage {
        try await base.list(prefix: prefix, from: cursor, limit: limit)
    }
}

@Suite(.timeLimit(.minutes(5))) struct `A damaged manifest` {
    /// A small one, with every kind of line.
    private static func small() async throws -> (ManifestFixture, lines: [ManifestLine], stored: [UInt8]) {
        let fixture = try await ManifestFixture()
        var random = SeededRandom(40)
        let lines = [ManifestLine].random(tables: 1, groups: 1, &random)
        try await fixture.publish(lines)
        return (fixture, lines, try #require(fixture.store[fixture.key.description]))
    }

    @Test func `cut at any byte is an error`() async throws {
        let (fixture, _, stored) = try await Self.small()
        for count in 0..<stored.count {
            fixture.store[fixture.key.description] = Array(stored.prefix(count))
            let error = try #require(await fixture.problem() as? VaultError, "cut at \(count)")
            #expect(error.code == .damaged)
        }
    }

    @Test func `with any bit turned is an error or gives the very same lines`() async throws {
        let (fixture, lines, stored) = try await Self.small()
        let header = fixture.header
        for index in stored.indices {
            for bit in 0..<8 {
                var bytes = stored
                bytes[index] ^= 1 << bit
                fixture.store[fixture.key.description] = bytes
                do {
                    let read = try await fixture.read().text
                    let reader = try await ManifestReader.open(fixture.vault, key: fixture.key)
                    #expect(read == lines.text && reader.header.hostId == header.hostId)
                } catch {
                    #expect(error is VaultError, "byte \(index), bit \(bit): \(error)")
                }
            }
        }
    }

    @Test func `with something behind it is an error`() async throws {
        let (fixture, _, stored) = try await Self.small()
        for more in [Array("x".utf8), [0], try compressed("{}\n"), try compressed("\n"), try compressed("x"), stored] {
            fixture.store[fixture.key.description] = stored + more
            let error = try #require(await fixture.problem() as? VaultError)
            #expect(error.code == .damaged)
        }
    }

    @Test func `of other bytes is an error`() async throws {
        let (fixture, _, _) = try await Self.small()
        var random = SeededRandom(41)
        let others = [
            [], [0x0A], Array("{}\n".utf8), random.bytes(5000), try compressed(""), try compressed("\n"),
            try compressed("{}\n"),
            try compressed("[]\n"), try compressed("null"), try compressed(String(repeating: "\n", count: 10_000)),
        ]
        for bytes in others {
            fixture.store[fixture.key.description] = bytes
            let error = try #require(await fixture.problem() as? VaultError)
            #expect(error.code == .damaged)
        }
    }

    @Test func `whose size the store tells wrongly is an error`() async throws {
        let (fixture, _, stored) = try await Self.small()
        // Shrinks between the question for its size and the request for its bytes.
        let shrinking = ShrinkingStore(base: fixture.store, head: Int64(stored.count + 10))
        let vault = Vault(store: shrinking, description: fixture.vault.description)
        var reader = try await ManifestReader.open(vault, key: fixture.key, fetchSize: 64)
        await #expect(throws: (any Error).self) {
            while try await reader.next() != nil {}
        }
    }
}

/// Says of every object that it is larger than it is.
private struct ShrinkingStore: ObjectStore {
    let base: VaultMemoryStore
    let head: Int64

    var location: String { base.location }

    func put(
        _ body: borrowing BufferLease,
        at key: ObjectKey,
        _ condition: PutCondition,
        digest: SHA256Digest?
    ) async throws(StoreError) -> PutResult { try await base.put(body, at: key, condition, digest: digest) }

    func get(
        _ key: ObjectKey,
        range: Range<Int64>?,
        into buffer: inout BufferLease
    ) async throws(StoreError) -> ObjectInfo { try await base.get(key, range: range, into: &buffer) }

    func head(_ key: ObjectKey) async throws(StoreError) -> ObjectInfo? {
        try await base.head(key).map { ObjectInfo(key: $0.key, size: head, modified: $0.modified) }
    }

    func delete(_ key: ObjectKey) async throws(StoreError) { try await base.delete(key) }

    func list(prefix: String, from cursor: ListCursor?, limit: Int) async throws(StoreError) -> ListPage {
        try await base.list(prefix: prefix, from: cursor, limit: limit)
    }
}
