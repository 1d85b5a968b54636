import ObjectStorage
import TestSupport
import Testing
import TransferEngine

@testable import Vault

@Suite struct `A collection` {
    @Test(.timeLimit(.minutes(5)))
    func `deletes what nobody names, a day after it was listed, and nothing else`() async throws {
        let fixture = try await LifecycleFixture()
        try await fixture.backUp("one", ["a", "b"])
        _ = try await fixture.store("garbage")
        let first = try await fixture.collect()
        #expect((first.condemned.blobs, first.condemned.bytes, first.deleted.blobs) == (1, 7, 0))
        #expect(first.nextSweep == Timestamp(seconds: fixture.now + 86400))

        fixture.advance(hours: 23)
        let early = try await fixture.collect()
        #expect((early.condemned.blobs, early.deleted.blobs, early.waitingLists) == (0, 0, 1))
        fixture.advance(hours: 1)
        let due = try await fixture.collect()
        #expect((due.deleted.blobs, due.deleted.bytes, due.sweptLists) == (1, 7, 1))
        #expect(fixture.blobs == [fixture.name(of: "a"), fixture.name(of: "b")].sorted())
    }

    @Test(.timeLimit(.minutes(5)))
    func `leaves what a backup that waits for its next window has stored`() async throws {
        let fixture = try await LifecycleFixture()
        _ = try await fixture.store("garbage")
        fixture.advance(days: 13)
        _ = try await fixture.store("of a paused backup")
        let sparing: (inout CollectionOptions) -> Void = { $0.sparing = CollectionOptions.defaultSparing }
        let first = try await fixture.collect(sparing)
        #expect((first.condemned.blobs, first.young.blobs) == (0, 2))
        fixture.advance(days: 1)
        let second = try await fixture.collect(sparing)
        #expect((second.condemned.blobs, second.young.blobs) == (1, 1))
        fixture.advance(days: 2)
        #expect(try await fixture.collect(sparing).deleted.blobs == 1)
        #expect(fixture.blobs == [fixture.name(of: "of a paused backup")])
    }

    @Test(.timeLimit(.minutes(5)))
    func `keeps a listed blob that was named meanwhile`() async throws {
        let fixture = try await LifecycleFixture()
        let place = try await fixture.store("a")
        let header = try fixture.header("one")
        try await fixture.collect()
        // Published by the rules of a moment before: its check came before the list.
        _ = try await fixture.writer("one", [("a", place)]).publish(
            in: fixture.vault,
            at: try fixture.id("one").manifestKey(header.hostId),
            totals: ManifestHeader.Totals()
        )
        fixture.advance(hours: 25)
        #expect(try await fixture.collect().deleted.blobs == 0)
        #expect(fixture.blobs == [fixture.name(of: "a")])
    }

    @Test(.timeLimit(.minutes(5)))
    func `keeps done lists for thirty days, and then leaves nothing`() async throws {
        let fixture = try await LifecycleFixture()
        _ = try await fixture.store("garbage")
        try await fixture.collect()
        fixture.advance(hours: 25)
        try await fixture.collect()
        fixture.advance(days: 29)
        #expect(try await fixture.collect().removedLists == 0)
        #expect(fixture.keys("condemned/").count == 2)
        fixture.advance(days: 1)
        #expect(try await fixture.collect().removedLists == 1)
        #expect(fixture.keys("condemned/") == [])
    }

    /// Held up for a month and a half between two batches, while another finishes the list and a node stores the second
    /// blob anew, about to name it in a manifest.
    @Test(.timeLimit(.minutes(5)), arguments: [true, false])
    func `deletes by a list that another has finished only if it does not look`(looks: Bool) async throws {
        let fixture = try await LifecycleFixture()
        let contents = ["a", "b"].sorted { fixture.name(of: $0) < fixture.name(of: $1) }
        for content in contents { _ = try await fixture.store(content) }
        try await fixture.collect()
        fixture.advance(hours: 25)
        let isFirst = ThreadLock(true)
        let slow = FaultyStore(fixture.base) { call in
            guard call.operation == .delete, call.subject.hasPrefix("blobs/") else { return nil }
            let isDue = isFirst.withLock { isFirst in
                defer { isFirst = false }
                return isFirst
            }
            guard isDue else { return nil }
            return .hook {
                _ = try? await fixture.collect()
                fixture.advance(days: 45)
                _ = try? await fixture.collect()
                _ = try? await fixture.store(contents[1])
            }
        }
        var rules = Collector.Rules()
        rules.looksWhetherUndone = looks
        let options = fixture.options { $0.blobsInBatch = 1 }
        let lists = CondemnedLists(try await Vault.open(slow))
        _ = try await Collector(lists, options, clock: fixture.clock, rules: rules).run()
        #expect(fixture.blobs == (looks ? [fixture.name(of: contents[1])] : []))
    }

    @Test(.timeLimit(.minutes(5)))
    func `goes on where a killed one was, whatever the moment`() async throws {
        let clean = try await LifecycleFixture()
        let counter = FaultyStore(clean.base) { _ in nil }
        try await Self.fill(clean)
        _ = try await Collector(try await Vault.open(counter), clean.options(), clock: clean.clock).run()
        clean.advance(hours: 25)
        _ = try await Collector(try await Vault.open(counter), clean.options(), clock: clean.clock).run()
        let calls = counter.calls.count
        #expect(calls > 20)
        for moment in 0..<calls {
            let fixture = try await LifecycleFixture()
            try await Self.fill(fixture)
            let total = ThreadLock(0)
            let dying = FaultyStore(fixture.base) { _ in
                let index = total.withLock { total in
                    total += 1
                    return total
                }
                return index == moment + 1 ? (moment.isMultiple(of: 2) ? .dieBefore : .dieAfter) : nil
            }
            for _ in 0..<2 {
                if let vault = try? await Vault.open(dying) {
                    _ = try? await Collector(vault, fixture.options(), clock: fixture.clock).run()
                }
                fixture.advance(hours: 25)
            }
            for _ in 0..<3 {
                try await fixture.collect()
                fixture.advance(hours: 25)
            }
            #expect(fixture.blobs == [fixture.name(of: "named")], "killed at call \(moment)")
            fixture.advance(days: 31)
            try await fixture.collect()
            #expect(fixture.keys("condemned/") == [], "killed at call \(moment)")
        }
    }

    private static func fill(_ fixture: LifecycleFixture) async throws {
        try await fixture.backUp("one", ["named"])
        for number in 0..<3 { _ = try await fixture.store("garbage \(number)") }
    }

    @Test(.timeLimit(.minutes(5)))
    func `says what the store does not let go, and takes it later`() async throws {
        let fixture = try await LifecycleFixture()
        _ = try await fixture.store("locked")
        _ = try await fixture.store("free")
        let locked = "blobs/\(fixture.name(of: "locked").prefix(2))/\(fixture.name(of: "locked"))"
        fixture.base.lock { $0 == locked }
        try await fixture.collect()
        fixture.advance(hours: 25)
        let report = try await fixture.collect()
        #expect((report.deleted.blobs, report.kept.blobs, report.kept.bytes) == (1, 1, 6))
        #expect(report.keptReason?.contains("access denied") == true)
        #expect(report.condemned.blobs == 1)  // what is left, in a list of its own

        fixture.advance(hours: 25)
        let still = try await fixture.collect()
        #expect((still.deleted.blobs, still.kept.blobs, still.sweptLists, still.condemned.blobs) == (0, 1, 0, 0))
        fixture.base.lock(nil)
        let last = try await fixture.collect()
        #expect((last.deleted.blobs, last.sweptLists) == (1, 1))
        #expect(fixture.blobs == [])
    }

    @Test(.timeLimit(.minutes(5)), arguments: ["damaged", "newer", "stranger", "trash"])
    func `stops before it deletes where it cannot tell what is named`(trouble: String) async throws {
        let fixture = try await LifecycleFixture()
        try await fixture.backUp("one", ["a"])
        _ = try await fixture.store("garbage")
        try await fixture.collect()
        fixture.advance(hours: 25)
        var key = try #require(fixture.keys("clusters/c/one/nodes/").first)
        switch trouble {
        case "damaged": fixture.base[key]?.removeLast(8)
        case "newer":
            var header = try fixture.header("one")
            header.version = 9
            let text = String(decoding: try Document.encode(header).filter { $0 != 0x0A }, as: UTF8.self)
            fixture.base[key] = try compressed(text + "\n")
        case "stranger":
            key = "clusters/c/one/nodes/\(LifecycleFixture.other).cbor"
            fixture.base[key] = [1]
        default:
            key = "trash/\(key)x"
            fixture.base[key] = [1]
        }
        let before = fixture.blobs
        let error = await #expect(throws: VaultError.self) {
            try await fixture.collect { $0.trashRetention = .seconds(86400) }
        }
        #expect(error?.subject == key)
        #expect(fixture.blobs == before)
    }

    @Test(.timeLimit(.minutes(5)))
    func `tells and changes nothing in a dry run`() async throws {
        let fixture = try await LifecycleFixture()
        try await fixture.backUp("one", ["a"])
        _ = try await Trash(fixture.vault).delete(try fixture.id("one"))
        _ = try await fixture.store("garbage")
        let before = fixture.base.keys
        let report = try await fixture.collect {
            $0.isDryRun = true
            $0.trashRetention = .seconds(86400 * 365 * 1000)
        }
        #expect(fixture.base.keys == before)
        #expect((report.condemned.blobs, report.named.blobs, report.stored.blobs) == (1, 1, 2))
    }

    @Test(.timeLimit(.minutes(5)))
    func `leaves what is no blob alone, and tells it`() async throws {
        let fixture = try await LifecycleFixture()
        fixture.base["blobs/ab/readme.txt"] = [1]
        fixture.base["blobs/00/\(fixture.name(of: "a"))"] = [1]  // in the wrong place
        let report = try await fixture.collect()
        #expect((report.strays, report.condemned.blobs) == (2, 0))
        #expect(report.firstStray == "blobs/00/\(fixture.name(of: "a"))")
    }

    @Test(.timeLimit(.minutes(5)))
    func `cuts lists at their limit and sweeps them all`() async throws {
        let fixture = try await LifecycleFixture()
        for number in 0..<10 { _ = try await fixture.store("garbage \(number)") }
        try await fixture.collect { $0.blobsInList = 4 }
        #expect(fixture.keys("condemned/").count == 3)
        fixture.advance(hours: 25)
        let report = try await fixture.collect { $0.blobsInBatch = 3 }
        #expect((report.deleted.blobs, report.sweptLists) == (10, 3))
        #expect(fixture.blobs == [])
    }

    @Test(.timeLimit(.minutes(5)), arguments: [Duration.seconds(7199), .seconds(7 * 86400 + 1), .zero])
    func `takes no grace that backups could not rely on`(grace: Duration) async throws {
        let fixture = try await LifecycleFixture()
        await #expect(throws: VaultError.self) { try await fixture.collect { $0.grace = grace } }
    }

    @Test(.timeLimit(.minutes(5)))
    func `waits while the store's clock has gone back`() async throws {
        let fixture = try await LifecycleFixture()
        _ = try await fixture.store("garbage")
        try await fixture.collect()
        fixture.advance(days: -300)
        #expect(try await fixture.collect().deleted.blobs == 0)
    }
}
