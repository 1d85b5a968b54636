import Cassandra
import ObjectStorage
import Operations
import SystemPackage
import TestSupport
import Testing
import TransferEngine
import Vault

/// What a backup costs follows what has changed: counted in bytes, at a small size.
@Suite(.timeLimit(.minutes(5))) struct `What a backup reads` {
    private static let size = 100_000

    /// A hundred SSTables of zeros behind a head of their own, as the snapshot `a`.
    private func makeNode(in root: FilePath) throws -> TestNode {
        let node = try TestNode(in: root)
        for generation in 1...100 { try node.addSSTable(generation, in: "a", data: Self.data(generation)) }
        return node
    }

    private static func data(_ generation: Int) -> [UInt8] {
        noise(64, seed: UInt64(generation)) + [UInt8](repeating: 0, count: size - 64)
    }

    @Test func `is nothing after nothing changed, and 1 % after 1 % did`() async throws {
        try await withTemporaryDirectory { root in
            let node = try makeNode(in: root)
            let vault = try await TestVault()
            let full = try await vault.backUp(try node.options("1 full", tag: "a"))
            #expect(full.readBytes == full.header.totals.bytes)

            // One of a hundred is compacted away, and one is new.
            try node.link("a", as: "b")
            for name in try DirectoryListing(of: node.directory("b")).names where name.hasPrefix("nb-50-big-") {
                try FileTree.remove(node.directory("b").appending(name))
            }
            try node.addSSTable(101, in: "b", data: Self.data(101))
            let changed = try await vault.backUp(try node.options("2 changed", tag: "b"))
            #expect(changed.readBytes >= Int64(Self.size))
            #expect(changed.readBytes * 1000 <= full.readBytes * 11, "\(changed.readBytes) of \(full.readBytes)")
            // The rest of it is in blobs that stand.
            #expect(changed.header.totals.storedBlobs <= 2)

            try node.link("b", as: "c")
            let same = try await vault.backUp(try node.options("3 same", tag: "c"))
            #expect(same.readBytes == 0)
            #expect(same.header.totals.storedBlobs == 0)
            #expect(same.header.totals.reusedBytes == same.header.totals.bytes)
        }
    }

    @Test(arguments: [1, 7]) func `is no more for looking at what is reused`(slices: Int) async throws {
        try await withTemporaryDirectory { root in
            let node = try makeNode(in: root)
            let vault = try await TestVault()
            try await vault.backUp(try node.options("1 full", tag: "a"))
            var options = try node.options("2 same", tag: "a")
            options.recheckSlices = slices
            let before = vault.measured.counts.gets
            let same = try await vault.backUp(options)
            #expect(same.readBytes == 0)
            // The intent, and the manifest before: its head, its lines, and where they end. No blob.
            #expect(vault.measured.counts.gets - before <= 4)
        }
    }
}
