import Cassandra
import ObjectStorage
import Operations
import SystemPackage
import TestSupport
import Testing
import TransferEngine
import Vault

@Suite(.timeLimit(.minutes(5))) struct `A backup` {
    @Test(arguments: [Compression.none, .lz4, .zstd(level: 1), .auto])
    func `comes back byte for byte, whatever its compression`(compression: Compression) async throws {
        try await withTemporaryDirectory { root in
            let node = try TestNode(in: root)
            try node.addSSTable(1, in: "a", data: noise(3 * TestVault.chunkSize + 7, seed: 1))
            try node.addSSTable(2, in: "a", data: [UInt8](repeating: 5, count: TestVault.chunkSize))
            try node.write([], "nb-2-big-Rows.db", in: "a")
            try node.write(Array("CREATE TABLE".utf8), "schema.cql", in: "a")
            try node.addSSTable(3, in: "a", data: noise(100, seed: 3))
            let vault = try await TestVault()
            var options = try node.options("one", tag: "a")
            options.compression = compression
            try await vault.backUp(options)
            try await vault.restore("one", to: [root.appending("out")])
            #expect(try files(below: root.appending("out")) == node.content("a"))
        }
    }

    @Test func `of unchanged files reads nothing and stores no blob`() async throws {
        try await withTemporaryDirectory { root in
            let node = try TestNode(in: root)
            for generation in 1...5 {
                try node.addSSTable(generation, in: "a", data: noise(generation * 300_000, seed: UInt64(generation)))
            }
            try node.link("a", as: "b")
            let vault = try await TestVault()
            try await vault.backUp(try node.options("one", tag: "a"))
            let before = vault.measured.counts.puts
            let blobs = try await vault.keys("blobs/")
            let report = try await vault.backUp(try node.options("two", tag: "b"))
            #expect(report.readBytes == 0)
            #expect(report.header.totals.reusedFiles == 25)
            #expect(try await vault.keys("blobs/") == blobs)
            #expect(vault.measured.counts.puts - before == 2)  // backup.json and the manifest
            try await vault.restore("two", to: [root.appending("out")])
            #expect(try files(below: root.appending("out")) == node.content("b"))
        }
    }

    @Test func `tells files of equal name, size and time with other content apart`() async throws {
        try await withTemporaryDirectory { root in
            let node = try TestNode(in: root)
            try node.addSSTable(1, in: "a", data: noise(2_000_000, seed: 1))
            try node.addSSTable(1, in: "b", data: noise(2_000_000, seed: 2))
            let vault = try await TestVault()
            try await vault.backUp(try node.options("one", tag: "a"))
            try await vault.backUp(try node.options("two", tag: "b"))
            for (name, tag) in [("one", "a"), ("two", "b")] {
                try await vault.restore(name, to: [root.appending(name)])
                #expect(try files(below: root.appending(name)) == node.content(tag))
            }
        }
    }

    @Test func `stores a rewritten Statistics.db anew, and nothing else`() async throws {
        try await withTemporaryDirectory { root in
            let node = try TestNode(in: root)
            try node.addSSTable(1, in: "a", data: noise(2_000_000, seed: 1))
            try node.link("a", as: "b")
            try node.write(Array("STATISTICS 1".utf8), "nb-1-big-Statistics.db", in: "b")
            let vault = try await TestVault()
            try await vault.backUp(try node.options("one", tag: "a"))
            let report = try await vault.backUp(try node.options("two", tag: "b"))
            #expect(report.readBytes == 12)
            #expect(report.header.totals.storedBlobs == 1)
            try await vault.restore("two", to: [root.appending("out")])
            #expect(try files(below: root.appending("out")) == node.content("b"))
        }
    }

    @Test func `stores nothing twice when inodes changed but content did not`() async throws {
        try await withTemporaryDirectory { root in
            let node = try TestNode(in: root)
            for tag in ["a", "b"] { try node.addSSTable(1, in: tag, data: noise(3_000_000, seed: 1)) }
            let vault = try await TestVault()
            try await vault.backUp(try node.options("one", tag: "a"))
            let report = try await vault.backUp(try node.options("two", tag: "b"))
            #expect(report.readBytes > 3_000_000)
            #expect(report.header.totals.storedBlobs == 0)
            #expect(report.header.totals.reusedBytes == report.header.totals.bytes)
        }
    }

    @Test func `uses what another node has stored`() async throws {
        try await withTemporaryDirectory { root in
            let first = try TestNode(in: root.appending("n1"))
            let second = try TestNode(in: root.appending("n2"), host: "22222222-2222-3333-4444-555555555555")
            for node in [first, second] { try node.addSSTable(1, in: "a", data: noise(4 << 20, seed: 1)) }
            let vault = try await TestVault()
            try await vault.backUp(try first.options("one", tag: "a"))
            let report = try await vault.backUp(try second.options("one", tag: "a"))
            #expect(report.header.totals.storedBlobs == 0)
            let summary = try await Catalogue(vault.vault).summary(
                of: try await Catalogue(vault.vault).find("one", cluster: nil)
            )
            #expect(summary.nodes == [first.host, second.host])
        }
    }

    @Test func `is complete when every expected node has finished, and refuses others`() async throws {
        try await withTemporaryDirectory { root in
            let first = try TestNode(in: root.appending("n1"))
            let second = try TestNode(in: root.appending("n2"), host: "22222222-2222-3333-4444-555555555555")
            let third = try TestNode(in: root.appending("n3"), host: "33333333-2222-3333-4444-555555555555")
            let vault = try await TestVault()
            var complete: [Bool?] = []
            for node in [first, second] {
                try node.addSSTable(1, in: "a", data: noise(100, seed: 1))
                var options = try node.options("one", tag: "a")
                options.expectedNodes = [second.host, first.host]
                complete.append(try await vault.backUp(options).isComplete)
            }
            #expect(complete == [false, true])
            #expect(try await vault.keys("clusters/test/one/complete.json").count == 1)
            try third.addSSTable(1, in: "a", data: noise(100, seed: 1))
            let error = await #expect(throws: VaultError.self) {
                try await vault.backUp(try third.options("one", tag: "a"))
            }
            #expect(error?.description.contains("--expect-host-id") == true)
        }
    }

    @Test func `of a name that this node has finished is refused and changes nothing`() async throws {
        try await withTemporaryDirectory { root in
            let node = try TestNode(in: root)
            try node.addSSTable(1, in: "a", data: noise(1000, seed: 1))
            let vault = try await TestVault()
            try await vault.backUp(try node.options("one", tag: "a"))
            let before = try await vault.keys("")
            let error = await #expect(throws: VaultError.self) {
                try await vault.backUp(try node.options("one", tag: "a"))
            }
            #expect(error?.code == .exists)
            #expect(try await vault.keys("") == before)
        }
    }

    @Test func `packs small files: at least fifty for each put`() async throws {
        try await withTemporaryDirectory { root in
            let node = try TestNode(in: root)
            for index in 0..<1000 {
                try node.write(noise(2048, seed: UInt64(index)), "nb-\(index)-big-Data.db", in: "a")
            }
            let vault = try await TestVault()
            let before = vault.measured.counts.puts
            try await vault.backUp(try node.options("one", tag: "a"))
            #expect(vault.measured.counts.puts - before <= 1000 / 50)
            try await vault.restore("one", to: [root.appending("out")])
            #expect(try files(below: root.appending("out")) == node.content("a"))
        }
    }

    @Test func `marks an SSTable whose Data.db does not fit its digest, and stores it as it is`() async throws {
        try await withTemporaryDirectory { root in
            let node = try TestNode(in: root)
            try node.addSSTable(1, in: "a", data: noise(3_000_000, seed: 1), digest: 12345)
            try node.addSSTable(2, in: "a", data: noise(3_000_000, seed: 2))
            try node.addSSTable(3, in: "a", data: noise(300, seed: 3), digest: 9)
            try FileTree.remove(node.directory("a").appending("nb-2-big-Index.db"))
            try node.link("a", as: "b")
            let vault = try await TestVault()
            let report = try await vault.backUp(try node.options("one", tag: "a"))
            #expect(report.warnings.count == 3)
            #expect(report.warnings.texts.contains { $0.contains("nb-1-big") && $0.contains("12345") })
            #expect(report.warnings.texts.contains { $0.contains("nb-2-big") && $0.contains("Index.db") })
            // What was found stays known while the files are not read again.
            #expect(try await vault.backUp(try node.options("two", tag: "b")).warnings.count == 3)
            let restored = try await vault.restore("two", to: [root.appending("out")])
            #expect(restored.warnings.count == 3)
            #expect(try files(below: root.appending("out")) == node.content("b"))
        }
    }

    @Test func `of live files leaves no links behind, and survives their compaction`() async throws {
        try await withTemporaryDirectory { root in
            let node = try TestNode(in: root)
            try node.addSSTable(1, in: nil, data: noise(3_000_000, seed: 1))
            let live = try files(below: node.directory(nil))
            let base = MemoryStore()
            _ = try await TestVault(base)
            // The first blob's put finds the node compacting its SSTable away.
            let compacting = FaultyStore(base) { call in
                guard call.operation == .put, call.subject.hasPrefix("blobs/") else { return nil }
                return .hook {
                    for name in (try? DirectoryListing(of: node.directory(nil)).names) ?? [] where name.hasPrefix("nb-")
                    {
                        try? FileTree.remove(node.directory(nil).appending(name))
                    }
                }
            }
            let vault = try await TestVault(try await Vault.open(base), through: compacting)
            try await vault.backUp(try node.options("one", .live))
            #expect(try DirectoryListing(of: node.directory(nil).appending("snapshots")).names.isEmpty)
            try await vault.restore("one", to: [root.appending("out")])
            #expect(try files(below: root.appending("out").appending(TestNode.orders)) == live)
        }
    }

    @Test func `of a tag, a table or a directory that is not there says what there is`() async throws {
        try await withTemporaryDirectory { root in
            let node = try TestNode(in: root)
            try node.addSSTable(1, in: "daily", data: noise(100, seed: 1))
            let vault = try await TestVault()
            let before = try await vault.keys("")
            let tag = await #expect(throws: RunError.self) {
                try await vault.backUp(try node.options("one", tag: "nightly"))
            }
            #expect(tag?.description.contains("'daily'") == true)
            var options = try node.options("one", tag: "daily")
            options.filter = try TableFilter(["shop.nothing"])
            let table = await #expect(throws: RunError.self) { try await vault.backUp(options) }
            #expect(table?.description.contains("shop.nothing") == true)
            #expect(table?.code == .notFound)
            options.dataDirectories = [root.appending("missing")]
            await #expect(throws: CassandraError.self) { try await vault.backUp(options) }
            #expect(try await vault.keys("") == before)
        }
    }

    @Test func `takes truncated-* snapshots only by name, never as live or another tag`() async throws {
        try await withTemporaryDirectory { root in
            let node = try TestNode(in: root)
            try node.addSSTable(1, in: "a", data: noise(100, seed: 1))
            try node.addSSTable(1, in: "truncated-1795216558359-orders", data: noise(100, seed: 2))
            let vault = try await TestVault()
            try await vault.backUp(try node.options("one", tag: "a"))
            try await vault.backUp(try node.options("two", tag: "truncated-1795216558359-orders"))
            try await vault.restore("one", to: [root.appending("one")])
            try await vault.restore("two", to: [root.appending("two")])
            #expect(try files(below: root.appending("one")) == node.content("a"))
            #expect(try files(below: root.appending("two")) == node.content("truncated-1795216558359-orders"))
        }
    }

    @Test func `works with the least memory it accepts, and refuses less`() async throws {
        try await withTemporaryDirectory { root in
            let node = try TestNode(in: root)
            for index in 1...20 { try node.addSSTable(index, in: "a", data: noise(1_500_000, seed: UInt64(index))) }
            let vault = try await TestVault()
            try await vault.backUp(try node.options("one", tag: "a"), memory: TestVault.memory)
            try await vault.restore("one", to: [root.appending("out")], memory: TestVault.memory)
            #expect(try files(below: root.appending("out")) == node.content("a"))
            let less = TestVault.memory - BufferPool.unit
            let error = await #expect(throws: RunError.self) {
                try await vault.backUp(try node.options("two", tag: "a"), memory: less)
            }
            #expect(error?.code == .invalid)
            await #expect(throws: RunError.self) {
                try await vault.restore("one", to: [root.appending("out")], memory: less)
            }
        }
    }
}
