import Cassandra
import ObjectStorage
import Operations
import SystemPackage
import TestSupport
import Testing
import TransferEngine
import Vault

@Suite(.timeLimit(.minutes(5))) struct `A restore` {
    @Test func `fills several targets evenly and keeps the components of an SSTable together`() async throws {
        try await withTemporaryDirectory { root in
            let node = try TestNode(in: root)
            for index in 1...12 { try node.addSSTable(index, in: "a", data: noise(500_000, seed: UInt64(index))) }
            let vault = try await TestVault()
            try await vault.backUp(try node.options("one", tag: "a"))
            let targets = [root.appending("t1"), root.appending("t2"), root.appending("t3")]
            try await vault.restore("one", to: targets)
            let parts = try targets.map { try files(below: $0) }
            let sizes = parts.map { $0.values.reduce(0) { $0 + $1.count } }
            #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) < 510_000)
            var all: [String: [UInt8]] = [:]
            for part in parts {
                let generations = Dictionary(grouping: part.keys) {
                    $0.split(separator: "/").last?.split(separator: "-")[1]
                }
                #expect(generations.values.allSatisfy { $0.count == 5 })
                all.merge(part) { _, _ in [] }
            }
            #expect(try all == node.content("a"))
        }
    }

    @Test func `of two data directories that share a name needs two targets`() async throws {
        try await withTemporaryDirectory { root in
            let node = try TestNode(in: root, directories: 2)
            try node.addSSTable(1, in: "a", data: noise(1000, seed: 1), dir: 0)
            try node.addSSTable(1, in: "a", data: noise(1000, seed: 2), dir: 1)
            let vault = try await TestVault()
            try await vault.backUp(try node.options("one", tag: "a"))
            let error = await #expect(throws: RunError.self) {
                try await vault.restore("one", to: [root.appending("out")])
            }
            #expect(error?.description.contains("--target") == true)
            let targets = [root.appending("t1"), root.appending("t2")]
            try await vault.restore("one", to: targets)
            let data = "\(TestNode.orders)/nb-1-big-Data.db"
            let restored = Set(try targets.compactMap { try files(below: $0)[data] })
            #expect(restored == [noise(1000, seed: 1), noise(1000, seed: 2)])
        }
    }

    @Test func `never replaces a differing file unless told, and keeps equal ones`() async throws {
        try await withTemporaryDirectory { root in
            let node = try TestNode(in: root)
            try node.addSSTable(1, in: "a", data: noise(2_500_000, seed: 1))
            try node.addSSTable(2, in: "a", data: noise(300, seed: 2))
            let vault = try await TestVault()
            try await vault.backUp(try node.options("one", tag: "a"))
            let out = root.appending("out")
            try await vault.restore("one", to: [out])
            let again = try await vault.restore("one", to: [out])
            #expect(again.keptFiles == 10)
            #expect(again.receivedBytes == 0)

            for name in ["nb-1-big-Data.db", "nb-2-big-Data.db"] {
                let path = out.appending(TestNode.orders).appending(name)
                for change in ["size", "content"] {
                    var bytes = try SmallFile.bytes(of: path, limit: .max)
                    if change == "size" { bytes.append(1) } else { bytes[bytes.count / 2] ^= 1 }
                    try FileTree.remove(path)
                    try WritableFile(path, creation: .mustBeNew).write(bytes.span, at: 0)
                    let error = await #expect(throws: RunError.self) { try await vault.restore("one", to: [out]) }
                    #expect(error?.code == .conflict)
                    #expect(error?.description.contains(name) == true)
                    #expect(try SmallFile.bytes(of: path, limit: .max) == bytes)
                    try await vault.restore("one", to: [out], overwrites: true)
                    #expect(try files(below: out) == node.content("a"))
                }
            }
        }
    }

    @Test func `that was killed goes on, and fetches no piece twice`() async throws {
        try await withTemporaryDirectory { root in
            let node = try TestNode(in: root)
            try node.write(noise(10 << 20, seed: 1), "nb-1-big-Data.db", in: "a")
            for index in 2...9 { try node.addSSTable(index, in: "a", data: noise(400_000, seed: UInt64(index))) }
            let base = MemoryStore()
            let intact = try await TestVault(base)
            try await intact.backUp(try node.options("one", tag: "a"))
            let total = try node.content("a").values.reduce(0) { $0 + $1.count }
            for share in [1, 5, 9] {
                let out = root.appending("out-\(share)")
                let blobs = try await intact.keys("blobs/").count
                let gets = Counter()
                let dying = FaultyStore(base) { call in
                    guard call.operation == .get, call.subject.hasPrefix("blobs/") else { return nil }
                    return gets.next() == blobs * share / 10 ? .dieBefore : nil
                }
                let vault = try await TestVault(intact.vault, through: dying)
                await #expect(throws: (any Error).self) { try await vault.restore("one", to: [out]) }
                let report = try await intact.restore("one", to: [out])
                #expect(try files(below: out) == node.content("a"))
                // What was fetched by both runs together is all, and what was in flight at the end.
                let first = vault.measured.counts.getBytes
                #expect(first + report.receivedBytes <= Int64(total) + 4 * Int64(TestVault.chunkSize))
            }
        }
    }

    @Test func `gives no wrong byte a name, whatever the store hands out`() async throws {
        try await withTemporaryDirectory { root in
            let node = try TestNode(in: root)
            try node.addSSTable(1, in: "a", data: noise(2_500_000, seed: 1))
            try node.addSSTable(2, in: "a", data: [UInt8](repeating: 7, count: 3_000_000))
            let base = MemoryStore()
            let intact = try await TestVault(base)
            try await intact.backUp(try node.options("one", tag: "a"))
            let good = try node.content("a")
            for fault in [FaultyStore.Fault.cut, .flip] {
                for victim in try await intact.keys("blobs/") + intact.keys("clusters/test/one/nodes/") {
                    let lying = FaultyStore(base) { $0.operation == .get && $0.subject == victim ? fault : nil }
                    let vault = try await TestVault(intact.vault, through: lying)
                    let out = root.appending("out")
                    let error = await #expect(throws: (any Error).self) { try await vault.restore("one", to: [out]) }
                    #expect(!"\(String(describing: error))".contains("\n"))
                    let there = (try? FileStatus(of: out)) == nil ? [:] : try files(below: out)
                    for (path, bytes) in there where !path.contains(".ringvault-") { #expect(good[path] == bytes) }
                    try FileTree.removeAll(out)
                }
            }
        }
    }

    @Test func `of some tables leaves the others alone`() async throws {
        try await withTemporaryDirectory { root in
            let node = try TestNode(in: root)
            let other = "shop/events-4e2816e0e53811f1916b25b74eacdfa4"
            try node.addSSTable(1, in: "a", data: noise(1000, seed: 1))
            try node.addSSTable(1, in: "a", data: noise(1000, seed: 2), table: other)
            let vault = try await TestVault()
            try await vault.backUp(try node.options("one", tag: "a"))
            let out = root.appending("out")
            try await vault.restore("one", to: [out], filter: try TableFilter(["shop.events"]))
            #expect(try files(below: out) == node.content("a", table: other))
            let error = await #expect(throws: RunError.self) {
                try await vault.restore("one", to: [out], filter: try TableFilter(["shop.nothing"]))
            }
            #expect(error?.code == .notFound)
        }
    }

    @Test func `does not start beside another one in the same target`() async throws {
        try await withTemporaryDirectory { root in
            let node = try TestNode(in: root)
            try node.addSSTable(1, in: "a", data: noise(1000, seed: 1))
            let base = MemoryStore()
            let intact = try await TestVault(base)
            try await intact.backUp(try node.options("one", tag: "a"))
            let out = root.appending("out")
            let inner = FaultyStore(base) { call in
                guard call.operation == .get, call.subject.hasPrefix("blobs/") else { return nil }
                return .hook {
                    let error = await #expect(throws: RunError.self) { try await intact.restore("one", to: [out]) }
                    #expect(error?.code == .conflict)
                }
            }
            try await TestVault(intact.vault, through: inner).restore("one", to: [out])
            #expect(try files(below: out) == node.content("a"))
        }
    }

    @Test func `says which backups and nodes there are when the one asked for is not`() async throws {
        try await withTemporaryDirectory { root in
            let first = try TestNode(in: root.appending("n1"))
            let second = try TestNode(in: root.appending("n2"), host: "22222222-2222-3333-4444-555555555555")
            let vault = try await TestVault()
            for node in [first, second] {
                try node.addSSTable(1, in: "a", data: noise(100, seed: 1))
                try await vault.backUp(try node.options("one", tag: "a"))
            }
            let out = root.appending("out")
            let name = await #expect(throws: VaultError.self) { try await vault.restore("two", to: [out]) }
            #expect(name?.description.contains("'one'") == true)
            let node = await #expect(throws: RunError.self) { try await vault.restore("one", to: [out]) }
            #expect(node?.description.contains(second.host.description) == true)
            #expect(node?.description.contains("--host-id") == true)
            try await vault.restore("one", to: [out], host: second.host)
            #expect(try files(below: out) == second.content("a"))
        }
    }

    @Test func `of a manifest that names a file twice writes it once or not at all`() async throws {
        try await withTemporaryDirectory { root in
            let node = try TestNode(in: root)
            try node.addSSTable(1, in: "a", data: noise(5_000_000, seed: 1))
            let vault = try await TestVault()
            try await vault.backUp(try node.options("one", tag: "a"))
            let original = try BackupID(cluster: "test", backup: "one").manifestKey(node.host)
            var reader = try await ManifestReader.open(vault.vault, key: original)
            var header = reader.header
            header.backup = "two"
            var writer = try ManifestWriter(header, chunkSize: TestVault.chunkSize)
            while let line = try await reader.next() {
                try writer.write(line)
                guard case .group(let group) = line,
                    let data = group.files.first(where: { $0.path.hasSuffix("Data.db") })
                else { continue }
                let twin = ManifestFile(
                    path: data.path,
                    size: data.size,
                    modified: data.modified,
                    inode: data.inode,
                    digest: data.digest,
                    pieces: data.pieces
                )
                try writer.write(
                    .group(
                        ManifestGroup(
                            table: group.table,
                            name: data.path,
                            isSSTable: false,
                            directory: 0,
                            files: [twin]
                        )
                    )
                )
            }
            let key = try BackupID(cluster: "test", backup: "two").manifestKey(node.host)
            _ = try await writer.publish(in: vault.vault, at: key, totals: ManifestHeader.Totals())
            let out = root.appending("out")
            await #expect(throws: (any Error).self) { try await vault.restore("two", to: [out]) }
            let path = "\(TestNode.orders)/nb-1-big-Data.db"
            let data = (try? FileStatus(of: out)) == nil ? nil : try files(below: out)[path]
            let good = try node.content("a")[path]
            #expect(data == nil || data == good)
        }
    }

    @Test func `of a manifest that was copied from another backup is refused`() async throws {
        try await withTemporaryDirectory { root in
            let node = try TestNode(in: root)
            try node.addSSTable(1, in: "a", data: noise(1000, seed: 1))
            let vault = try await TestVault()
            try await vault.backUp(try node.options("one", tag: "a"))
            let store = vault.vault.store
            let bytes = try await store.document(try BackupID(cluster: "test", backup: "one").manifestKey(node.host))
            let copy = try BackupID(cluster: "test", backup: "two").manifestKey(node.host)
            _ = try await store.put(document: bytes, at: copy, .onlyIfAbsent)
            let error = await #expect(throws: VaultError.self) {
                try await vault.restore("two", to: [root.appending("out")])
            }
            #expect(error?.code == .damaged)
        }
    }
}
