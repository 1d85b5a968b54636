import ObjectStorage
import TestSupport
import Testing
import TransferEngine

@testable import Vault

@Suite struct `A deleted backup` {
    @Test(.timeLimit(.minutes(5)))
    func `comes back as it was`() async throws {
        let fixture = try await LifecycleFixture()
        try await fixture.backUp("one", ["a", "b"])
        let before = fixture.base.keys
        let summary = try await Catalogue(fixture.vault).summaries()
        let trash = Trash(fixture.vault)
        let move = try await trash.delete(try fixture.id("one"))
        #expect((move.objects, move.nodes.count) == (3, 1))
        #expect(try await Catalogue(fixture.vault).backups().isEmpty)
        #expect(fixture.keys("trash/clusters/c/one/").count == 3)

        _ = try await trash.undelete(
            try fixture.id("one"),
            by: Publication(fixture.vault, clock: fixture.clock),
            pool: fixture.pool
        )
        #expect(fixture.base.keys == before)
        #expect(try await Catalogue(fixture.vault).summaries() == summary)
    }

    @Test(.timeLimit(.minutes(5)))
    func `keeps its blobs while it is in the trash, and loses them after`() async throws {
        let fixture = try await LifecycleFixture()
        try await fixture.backUp("one", ["a"])
        _ = try await Trash(fixture.vault).delete(try fixture.id("one"))
        for _ in 0..<3 {
            try await fixture.collect { $0.trashRetention = .seconds(7 * 86400) }
            fixture.advance(days: 2)
        }
        #expect(fixture.blobs.count == 1)
        fixture.advance(days: 1)
        #expect(try await fixture.collect { $0.trashRetention = .seconds(7 * 86400) }.purgedBackups == 1)
        fixture.advance(hours: 25)
        try await fixture.collect()
        #expect(fixture.blobs == [])
    }

    @Test(.timeLimit(.minutes(5)))
    func `gets new generations of what was condemned under it`() async throws {
        let fixture = try await LifecycleFixture()
        _ = try await fixture.store("a")
        try await fixture.collect()  // lists it
        let place = BlobReference(
            blob: try #require(BlobName(fixture.name(of: "a"))),
            offset: 0,
            length: 1
        )
        let header = try fixture.header("one")
        // Its check came before the list.
        _ = try await fixture.writer("one", [("a", place)]).publish(
            in: fixture.vault,
            at: try fixture.id("one").manifestKey(header.hostId),
            totals: ManifestHeader.Totals()
        )
        let trash = Trash(fixture.vault)
        _ = try await trash.delete(try fixture.id("one"))
        _ = try await trash.undelete(
            try fixture.id("one"),
            by: Publication(fixture.vault, clock: fixture.clock),
            pool: fixture.pool
        )
        #expect(try await fixture.names(in: "one") == [fixture.name(of: "a", generation: 1)])
        // Once more: what stands is the same backup, with other names.
        #expect(fixture.keys("trash/") == [])
    }

    /// Also when the list that named the blob is gone: a deletion that was held up has put the manifest into the trash.
    @Test(.timeLimit(.minutes(5)), arguments: [1, 40] as [Int64])
    func `cannot come back when a blob of it is gone, and says which`(days: Int64) async throws {
        let fixture = try await LifecycleFixture()
        try await fixture.backUp("one", ["a"])
        _ = try await Trash(fixture.vault).delete(try fixture.id("one"))
        let kept = fixture.keys("trash/").map { ($0, fixture.base[$0]) }
        try await fixture.collect()
        fixture.advance(hours: 25)
        try await fixture.collect()
        fixture.advance(days: days)
        try await fixture.collect()
        for (key, bytes) in kept { fixture.base[key] = bytes }
        let error = await #expect(throws: VaultError.self) {
            _ = try await Trash(fixture.vault).undelete(
                try fixture.id("one"),
                by: Publication(fixture.vault, clock: fixture.clock),
                pool: fixture.pool
            )
        }
        #expect(error?.subject == fixture.name(of: "a"))
        #expect(fixture.keys("clusters/c/one/nodes/") == [])
    }

    @Test(.timeLimit(.minutes(5)))
    func `does not replace a newer one of its name`() async throws {
        let fixture = try await LifecycleFixture()
        try await fixture.backUp("one", ["a"])
        _ = try await Trash(fixture.vault).delete(try fixture.id("one"))
        fixture.advance(hours: 1)
        try await fixture.backUp("one", ["b"])
        let error = await #expect(throws: VaultError.self) {
            _ = try await Trash(fixture.vault).undelete(
                try fixture.id("one"),
                by: Publication(fixture.vault, clock: fixture.clock),
                pool: fixture.pool
            )
        }
        #expect(error?.code == .exists)
        #expect(try await fixture.names(in: "one") == [fixture.name(of: "b")])
    }

    @Test(.timeLimit(.minutes(5)))
    func `gives way to a newer deleted one of its name`() async throws {
        let fixture = try await LifecycleFixture()
        for content in ["a", "b"] {
            try await fixture.backUp("one", [content])
            _ = try await Trash(fixture.vault).delete(try fixture.id("one"))
            fixture.advance(hours: 1)
        }
        _ = try await Trash(fixture.vault).undelete(
            try fixture.id("one"),
            by: Publication(fixture.vault, clock: fixture.clock),
            pool: fixture.pool
        )
        #expect(try await fixture.names(in: "one") == [fixture.name(of: "b")])
    }

    @Test(.timeLimit(.minutes(5)))
    func `is at every moment of a killed deletion there or in the trash, and the same command ends it`() async throws {
        for moment in 0..<40 {
            for isAfter in [false, true] {
                let fixture = try await LifecycleFixture()
                try await fixture.backUp("one", ["a"])
                let calls = ThreadLock(0)
                let dying = FaultyStore(fixture.base) { _ in
                    let index = calls.withLock { calls in
                        calls += 1
                        return calls
                    }
                    return index == moment + 2 ? (isAfter ? .dieAfter : .dieBefore) : nil  // after opening
                }
                let vault = try await Vault.open(dying)
                _ = try? await Trash(vault).delete(try fixture.id("one"))
                let manifest = "clusters/c/one/nodes/\(LifecycleFixture.host).jsonl.zst"
                #expect(fixture.base[manifest] != nil || fixture.base["trash/" + manifest] != nil)
                // Whole at home as long as it calls itself complete.
                if fixture.base["clusters/c/one/complete.json"] != nil { #expect(fixture.base[manifest] != nil) }
                _ = try await Trash(fixture.vault).delete(try fixture.id("one"))
                #expect(fixture.keys("clusters/") == [])
                #expect(fixture.keys("trash/").count == 3)
            }
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `comes back by the same command after a killed one`() async throws {
        for moment in 0..<60 {
            let fixture = try await LifecycleFixture()
            try await fixture.backUp("one", ["a"])
            let before = fixture.base.keys
            _ = try await Trash(fixture.vault).delete(try fixture.id("one"))
            let calls = ThreadLock(0)
            let dying = FaultyStore(fixture.base) { _ in
                let index = calls.withLock { calls in
                    calls += 1
                    return calls
                }
                return index == moment + 2 ? (moment.isMultiple(of: 2) ? .dieAfter : .dieBefore) : nil
            }
            let vault = try await Vault.open(dying)
            let id = try fixture.id("one")
            _ = try? await Trash(vault).undelete(id, by: Publication(vault, clock: fixture.clock), pool: fixture.pool)
            if !fixture.keys("trash/").isEmpty {
                let publication = Publication(fixture.vault, clock: fixture.clock)
                _ = try await Trash(fixture.vault).undelete(id, by: publication, pool: fixture.pool)
            }
            #expect(fixture.base.keys == before, "killed at call \(moment)")
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `stays where a retention period holds it`() async throws {
        let fixture = try await LifecycleFixture()
        try await fixture.backUp("one", ["a"])
        fixture.base.lock { $0.hasPrefix("clusters/") }
        let error = await #expect(throws: VaultError.self) {
            _ = try await Trash(fixture.vault).delete(try fixture.id("one"))
        }
        #expect(error?.code == .retained)
        #expect(try await fixture.names(in: "one") == [fixture.name(of: "a")])
    }
}
