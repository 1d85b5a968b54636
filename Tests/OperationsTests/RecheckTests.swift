import Cassandra
import ObjectStorage
import Operations
import SystemPackage
import TestSupport
import Testing
import TransferEngine
import Vault

/// What a backup finds of the blobs that it reuses without reading their files.
@Suite(.timeLimit(.minutes(5))) struct `A recheck` {
    /// A node with a file of several pieces, packs, and a first backup of it; the snapshot `b` has the same files.
    private struct Fixture {
        let store = MemoryStore()
        let node: TestNode
        let vault: TestVault

        init(in root: FilePath, small: Int = 16) async throws {
            node = try TestNode(in: root)
            try node.addSSTable(1, in: "a", data: noise(TestVault.chunkSize + 300_007, seed: 1))
            for generation in 2..<small + 2 {
                try node.addSSTable(generation, in: "a", data: noise(20_000, seed: UInt64(generation)))
            }
            try node.link("a", as: "b")
            vault = try await TestVault(store)
            try await vault.backUp(try node.options("one", tag: "a"))
        }

        func backUp(_ name: String, tag: String = "b", slices: Int? = 1) async throws -> BackupReport {
            var options = try node.options(name, tag: tag)
            options.recheckSlices = slices
            return try await vault.backUp(options)
        }

        func restored(_ name: String, below root: FilePath) async throws -> [String: [UInt8]] {
            let target = root.appending("out-\(name)")
            try await vault.restore(name, to: [target])
            return try files(below: target)
        }

        var blobs: [String] { store.keys.filter { $0.hasPrefix("blobs/") } }
    }

    @Test func `finds every missing blob, stores it again under its name, and older backups are whole again`()
        async throws
    {
        try await withTemporaryDirectory { root in
            let fixture = try await Fixture(in: root)
            let blobs = fixture.blobs
            #expect(blobs.count == 3)
            for blob in blobs { fixture.store[blob] = nil }
            let report = try await fixture.backUp("two")
            #expect(report.header.totals.recheckedBlobs == blobs.count)
            #expect(report.header.totals.repairedBlobs == blobs.count)
            #expect(report.warnings.texts.filter { $0.contains("are whole again") }.count == blobs.count)
            #expect(fixture.blobs == blobs)
            for name in ["one", "two"] {
                #expect(try await fixture.restored(name, below: root) == fixture.node.content("a"), "\(name)")
            }
        }
    }

    @Test func `reads only the files that rest on a missing blob`() async throws {
        try await withTemporaryDirectory { root in
            let fixture = try await Fixture(in: root)
            let large = try #require(fixture.blobs.first { fixture.store[$0]?.count == TestVault.chunkSize })
            fixture.store[large] = nil
            let report = try await fixture.backUp("two")
            // The file of several pieces: its other pieces are read to be compared, and not stored again.
            #expect(report.readBytes == Int64(TestVault.chunkSize + 300_007))
            #expect(report.header.totals.storedBlobs == 1)
            #expect(fixture.store[large] != nil)
        }
    }

    @Test func `passes a wrong blob over for the next generation, and the new backup is right`() async throws {
        try await withTemporaryDirectory { root in
            let fixture = try await Fixture(in: root)
            let wrong = fixture.blobs
            for blob in wrong { fixture.store[blob]?.removeLast() }
            let report = try await fixture.backUp("two")
            #expect(report.header.totals.repairedBlobs == wrong.count)
            #expect(try await fixture.restored("two", below: root) == fixture.node.content("a"))
            #expect(Set(fixture.blobs).isSuperset(of: wrong))
            #expect(fixture.blobs.count == 2 * wrong.count)
            #expect(report.warnings.texts.contains { $0.contains("stay damaged") })
            await #expect(throws: (any Error).self) { try await fixture.restored("one", below: root) }
        }
    }

    @Test func `sees every reused blob once in as many runs as there are slices`() async throws {
        try await withTemporaryDirectory { root in
            let fixture = try await Fixture(in: root)
            let slices = 3
            var seen: [String] = []
            for run in 0..<2 * slices {
                let watched = FaultyStore(fixture.store) { _ in nil }
                let vault = try await TestVault(fixture.vault.vault, through: watched)
                var options = try fixture.node.options("run \(run)", tag: run % 2 == 0 ? "b" : "a")
                options.recheckSlices = slices
                let report = try await vault.backUp(options)
                #expect(report.header.recheck?.slice == run % slices)
                #expect(report.readBytes == 0)
                let looks = watched.calls.filter { $0.operation == .head && $0.subject.hasPrefix("blobs/") }
                #expect(looks.count == report.header.totals.recheckedBlobs)
                seen += looks.map(\.subject)
                if run == slices - 1 { #expect(seen.sorted() == fixture.blobs) }
            }
            #expect(seen.sorted() == (fixture.blobs + fixture.blobs).sorted())
        }
    }

    @Test func `begins anew when the number of slices changes, and looks at nothing for none`() async throws {
        try await withTemporaryDirectory { root in
            let fixture = try await Fixture(in: root)
            #expect(try await fixture.backUp("two", slices: 4).header.recheck?.slice == 0)
            #expect(try await fixture.backUp("three", slices: 4).header.recheck?.slice == 1)
            #expect(try await fixture.backUp("four", slices: 5).header.recheck?.slice == 0)
            let none = try await fixture.backUp("five", slices: nil).header
            #expect(none.recheck == nil)
            #expect(none.totals.recheckedBlobs == 0)
        }
    }

    @Test func `stores what the node still has of a missing pack, and says what stays damaged`() async throws {
        try await withTemporaryDirectory { root in
            let fixture = try await Fixture(in: root)
            for blob in fixture.blobs { fixture.store[blob] = nil }
            // Compacted away: a part of a pack, and the whole of the large file.
            let directory = fixture.node.directory("b")
            for generation in [1, 7, 8] {
                for name in try DirectoryListing(of: directory).names where name.hasPrefix("nb-\(generation)-big-") {
                    try FileTree.remove(directory.appending(name))
                }
            }
            let report = try await fixture.backUp("two")
            #expect(try await fixture.restored("two", below: root) == fixture.node.content("b"))
            #expect(report.warnings.texts.contains { $0.contains("stay damaged") })
            // What no file rests on any more is not looked at, but `vault check` tells of it.
            #expect(!report.warnings.texts.contains { $0.contains("no file of this backup") })
        }
    }

    @Test func `does not hang where more groups than wait for each other rest on missing packs`() async throws {
        try await withTemporaryDirectory { root in
            let node = try TestNode(in: root)
            for index in 0..<1100 { try node.write(Array("\(index)".utf8), "file-\(10_000 + index)", in: "a") }
            let store = MemoryStore()
            let vault = try await TestVault(store)
            try await vault.backUp(try node.options("one", tag: "a"))
            let blobs = store.keys.filter { $0.hasPrefix("blobs/") }
            #expect(blobs.count == 3)
            for blob in blobs { store[blob] = nil }
            var options = try node.options("two", tag: "a")
            options.recheckSlices = 1
            let report = try await vault.backUp(options)
            #expect(report.header.totals.repairedBlobs == 3)
            #expect(store.keys.filter { $0.hasPrefix("blobs/") } == blobs)
            try await vault.restore("one", to: [root.appending("out")])
            #expect(try files(below: root.appending("out")) == node.content("a"))
        }
    }

    @Test func `that the store refuses is told of once, and the backup goes on`() async throws {
        try await withTemporaryDirectory { root in
            let fixture = try await Fixture(in: root)
            let refusing = FaultyStore(fixture.store) { call in
                call.operation == .head && call.subject.hasPrefix("blobs/") ? .failBefore(.accessDenied) : nil
            }
            let vault = try await TestVault(fixture.vault.vault, through: refusing)
            var options = try fixture.node.options("two", tag: "b")
            options.recheckSlices = 1
            let report = try await vault.backUp(options)
            #expect(report.header.totals.recheckedBlobs == 0)
            #expect(report.warnings.count == 1)
            #expect(report.readBytes == 0)
        }
    }

    @Test func `that cannot reach the store ends the backup, and nobody waits for an answer for ever`() async throws {
        try await withTemporaryDirectory { root in
            let fixture = try await Fixture(in: root)
            let broken = FaultyStore(fixture.store) { call in
                call.operation == .head && call.subject.hasPrefix("blobs/") ? .failBefore(.unavailable) : nil
            }
            let vault = try await TestVault(fixture.vault.vault, through: broken)
            var options = try fixture.node.options("two", tag: "b")
            options.recheckSlices = 1
            let error = await #expect(throws: StoreError.self) { try await vault.backUp(options) }
            #expect(error?.code == .unavailable)
        }
    }
}
