import ObjectStorage
import TestSupport
import Testing
import TransferEngine

@testable import Vault

@Suite struct `The publish rule` {
    @Test(.timeLimit(.minutes(5)))
    func `stores a condemned blob again under the next generation`() async throws {
        let fixture = try await LifecycleFixture()
        _ = try await fixture.store("a")
        _ = try await fixture.store("b")
        try await fixture.collect()  // condemns both

        try await fixture.backUp("one", ["a"])
        #expect(try await fixture.names(in: "one") == [fixture.name(of: "a", generation: 1)])
        fixture.advance(hours: 25)
        let report = try await fixture.collect()
        #expect(report.deleted.blobs == 2)
        #expect(fixture.blobs == [fixture.name(of: "a", generation: 1)])
    }

    @Test(.timeLimit(.minutes(5)))
    func `never trusts a blob of a done list`() async throws {
        let fixture = try await LifecycleFixture()
        _ = try await fixture.store("a")
        try await fixture.collect()
        fixture.advance(hours: 25)
        try await fixture.collect()
        #expect(fixture.blobs == [])
        // Stored under its old name by someone who has not looked yet; a delayed deletion could still meet it.
        try await fixture.backUp("one", ["a"])
        #expect(try await fixture.names(in: "one") == [fixture.name(of: "a", generation: 1)])
    }

    @Test(.timeLimit(.minutes(5)))
    func `passes over generations that are listed as well`() async throws {
        let fixture = try await LifecycleFixture()
        _ = try await fixture.store("a")
        _ = try await fixture.store("a", generation: 1)
        _ = try await fixture.store("a", generation: 2)
        try await fixture.collect()
        try await fixture.backUp("one", ["a"])
        #expect(try await fixture.names(in: "one") == [fixture.name(of: "a", generation: 3)])
    }

    @Test(.timeLimit(.minutes(5)))
    func `leaves alone what no list names`() async throws {
        let fixture = try await LifecycleFixture()
        try await fixture.backUp("one", ["kept"])
        _ = try await fixture.store("garbage")
        try await fixture.collect()
        try await fixture.backUp("two", ["kept", "new"])
        #expect(try await fixture.names(in: "two") == [fixture.name(of: "kept"), fixture.name(of: "new")])
    }

    @Test(.timeLimit(.minutes(5)))
    func `looks again when more than the window passed between look and put`() async throws {
        let looks = ThreadLock(0)
        let advance = ThreadLock<(@Sendable () -> Void)?>(nil)
        let fixture = try await LifecycleFixture { base in
            FaultyStore(base) { call in
                guard call.operation == .list, call.subject == "condemned/" else { return nil }
                let look = looks.withLock { looks in
                    looks += 1
                    return looks
                }
                // The first look takes an hour.
                return look == 1 ? .hook { advance.withLock { $0 }?() } : nil
            }
        }
        advance.withLock { $0 = { fixture.advance(hours: 1) } }
        try await fixture.backUp("one", ["a"])
        #expect(looks.withLock { $0 } == 2)
    }

    @Test(.timeLimit(.minutes(5)))
    func `refuses evidence that is older than lists are kept`() async throws {
        let fixture = try await LifecycleFixture()
        let publication = Publication(fixture.vault, clock: fixture.clock)
        let place = try await fixture.store("a")
        fixture.advance(days: 22)
        await #expect(throws: VaultError.self) {
            _ = try await publication.publish(
                try fixture.writer("one", [("a", place)]),
                at: try fixture.id("one").manifestKey(try fixture.header("one").hostId),
                totals: { ManifestHeader.Totals() },
                renewing: LifecycleFixture.FileRenewal(fixture: fixture)
            )
        }
        #expect(fixture.keys("clusters/") == [])
    }

    @Test(.timeLimit(.minutes(5)), arguments: ["flip", "cut", "swap", "unknown"])
    func `publishes nothing while a list cannot be read, and names it`(damage: String) async throws {
        let fixture = try await LifecycleFixture()
        _ = try await fixture.store("garbage")
        try await fixture.collect()
        let list = try #require(fixture.keys("condemned/").first)
        var bytes = try #require(fixture.base[list])
        var named = list
        switch damage {
        case "flip": bytes[bytes.count / 2] ^= 1
        case "cut": bytes.removeLast(5)
        case "swap": bytes = try compressed("{\"type\":\"end\",\"blobs\":0,\"bytes\":0}\n")
        default:
            named = "condemned/new.cbor"
            fixture.base[named] = [1]
        }
        fixture.base[list] = bytes
        let error = await #expect(throws: VaultError.self) { try await fixture.backUp("one", ["a"]) }
        #expect(error?.subject == named)
        #expect(fixture.keys("clusters/c/one/nodes/") == [])
    }

    @Test(.timeLimit(.minutes(5)))
    func `reports every single-bit flip of a list`() async throws {
        let fixture = try await LifecycleFixture()
        for number in 0..<3 { _ = try await fixture.store("garbage \(number)") }
        try await fixture.collect()
        let list = try #require(fixture.keys("condemned/").first)
        let bytes = try #require(fixture.base[list])
        let own = [try fixtureName(fixture, "garbage 1")]
        var unnoticed: [Int] = []
        for bit in 0..<bytes.count * 8 {
            var flipped = bytes
            flipped[bit / 8] ^= 1 << UInt8(bit % 8)
            fixture.base[list] = flipped
            let listed = try? await CondemnedLists(fixture.vault).listed(among: own)
            if listed != nil { unnoticed.append(bit) }
        }
        #expect(unnoticed == [])
    }

    @Test(.timeLimit(.minutes(5)))
    func `renews every group of a large manifest in its place`() async throws {
        let fixture = try await LifecycleFixture()
        let contents = (0..<600).map { "content \($0)" }
        for content in contents where content.hasSuffix("7") { _ = try await fixture.store(content) }
        try await fixture.collect()
        let header = try await fixture.backUp("one", contents)
        let expected = contents.map { fixture.name(of: $0, generation: $0.hasSuffix("7") ? 1 : 0) }
        #expect(try await fixture.names(in: "one") == expected)
        #expect(header.totals.files == 600)
    }

    private func fixtureName(_ fixture: LifecycleFixture, _ content: String) throws -> CompactName {
        try #require(BlobName(fixture.name(of: content)).flatMap { CompactName($0) })
    }
}
