import Cassandra
import ObjectStorage
import Operations
import SystemPackage
import TestSupport
import Testing
import TransferEngine
import Vault

@Suite(.timeLimit(.minutes(5))) struct `A backup that meets a fault` {
    /// Every blob that any published manifest names exists.
    private func checkManifests(_ vault: TestVault) async throws -> Int {
        let blobs = Set(try await vault.keys("blobs/"))
        var count = 0
        for key in try await vault.keys("clusters/") where key.hasSuffix(".jsonl.zst") {
            var manifest = try await ManifestReader.open(vault.vault, key: try ObjectKey(key))
            while let line = try await manifest.next() {
                guard case .group(let group) = line else { continue }
                for piece in group.files.flatMap(\.pieces) {
                    #expect(blobs.contains(try piece.blob.key.description))
                }
            }
            count += 1
        }
        return count
    }

    @Test func `at any request leaves no broken manifest, and the next run goes on`() async throws {
        try await withTemporaryDirectory { root in
            let node = try TestNode(in: root)
            for index in 1...3 { try node.addSSTable(index, in: "a", data: noise(1_200_000, seed: UInt64(index))) }
            let clean = MemoryStore()
            let counting = FaultyStore(clean) { _ in nil }
            _ = try await TestVault(clean)
            let vault = try await Vault.open(clean)
            try await TestVault(vault, through: counting).backUp(try node.options("one", tag: "a"))
            let requests = counting.calls.count
            #expect(requests > 10)

            for index in 0..<requests {
                for fault in [
                    FaultyStore.Fault.dieBefore, .dieAfter, .failBefore(.outOfSpace), .failAfter(.unavailable),
                ] {
                    let base = MemoryStore()
                    let intact = try await TestVault(base)
                    let faulty = FaultyStore(base) { $0.index == index ? fault : nil }
                    let failed: Bool
                    do {
                        try await TestVault(intact.vault, through: faulty).backUp(try node.options("one", tag: "a"))
                        failed = false
                    } catch {
                        failed = true
                    }
                    let published = try await checkManifests(intact)
                    #expect(failed || published == 1, "request \(index): success without a manifest")
                    if published == 0 {
                        let blobs = Set(try await intact.keys("blobs/"))
                        let report = try await intact.backUp(try node.options("one", tag: "a"))
                        let all = Set(try await intact.keys("blobs/"))
                        #expect(report.header.totals.storedBlobs == all.subtracting(blobs).count)
                    }
                    let out = root.appending("out-\(index)")
                    try await intact.restore("one", to: [out])
                    #expect(try files(below: out) == node.content("a"))
                    try FileTree.removeAll(out)
                }
            }
        }
    }

    @Test(arguments: ["vanish", "truncate", "grow", "replace"])
    func `of a file that changes under it names the file and publishes nothing`(change: String) async throws {
        try await withTemporaryDirectory { root in
            let node = try TestNode(in: root)
            let sizes = [1: 3_000_000, 2: 3_000_000]
            for (index, size) in sizes { try node.addSSTable(index, in: "a", data: noise(size, seed: UInt64(index))) }
            let path = node.directory("a").appending("nb-2-big-Data.db")
            let base = MemoryStore()
            _ = try await TestVault(base)
            let changing = FaultyStore(base) { call in
                guard call.operation == .put, call.subject.hasSuffix("backup.json") else { return nil }
                return .hook {
                    switch change {
                    case "vanish": try? FileTree.remove(path)
                    case "truncate": try? WritableFile(path, creation: .orReopen).resize(1_000_000)
                    case "grow": try? WritableFile(path, creation: .orReopen).resize(5_000_000)
                    default: _ = try? node.write(noise(3_000_000, seed: 9), "nb-2-big-Data.db", in: "a")
                    }
                }
            }
            // What changes before the file is examined is simply what is backed up; what changes between examining
            // and reading is an error. Both must leave a vault that tells no lie.
            let vault = try await TestVault(try await Vault.open(base), through: changing)
            do {
                try await vault.backUp(try node.options("one", tag: "a"))
                try await vault.restore("one", to: [root.appending("out")])
                #expect(try files(below: root.appending("out")) == node.content("a"))
            } catch {
                #expect("\(error)".contains("nb-2-big-Data.db") || "\(error)".contains("changing"))
                #expect(try await vault.keys("clusters/test/one/nodes/").isEmpty)
            }
        }
    }

    @Test(arguments: ["vanish", "truncate", "replace"])
    func `in the middle of a large file names the file and step`(change: String) async throws {
        try await withTemporaryDirectory { root in
            let node = try TestNode(in: root)
            try node.write(noise(4 << 20, seed: 1), "nb-1-big-Data.db", in: "a")
            // More chunks than are planned ahead, so that the second file is not open yet when the first blob is put.
            let first = try WritableFile(node.directory("a").appending("nb-1-big-Data.db"), creation: .orReopen)
            try first.resize(Int64(96 * TestVault.chunkSize))
            try node.write(noise(2 << 20, seed: 2), "nb-2-big-Data.db", in: "a")
            let base = MemoryStore()
            _ = try await TestVault(base)
            let victim = change == "vanish" ? "nb-2-big-Data.db" : "nb-1-big-Data.db"
            let path = node.directory("a").appending(victim)
            let changing = FaultyStore(base) { call in
                guard call.operation == .put, call.subject.hasPrefix("blobs/") else { return nil }
                return .hook {
                    switch change {
                    case "vanish": try? FileTree.remove(path)
                    case "truncate": try? WritableFile(path, creation: .orReopen).resize(100)
                    default: try? WritableFile(path, creation: .orReopen).setModified(5)
                    }
                }
            }
            let vault = try await TestVault(try await Vault.open(base), through: changing)
            let error = await #expect(throws: (any Error).self) {
                try await vault.backUp(try node.options("one", tag: "a"))
            }
            #expect(error.map { "\($0)".contains(victim) } == true)
            #expect(try await vault.keys("clusters/test/one/nodes/").isEmpty)
        }
    }

    @Test func `of names that no manifest can hold leaves them out with a warning`() async throws {
        try await withTemporaryDirectory { root in
            let node = try TestNode(in: root)
            try node.addSSTable(1, in: "a", data: noise(100, seed: 1))
            let long = String(repeating: "n", count: 255)
            try node.write([1], long, in: "a")
            try node.write([2], "with\nnewline and \"quotes\" \\ é", in: "a")
            let directory = node.directory("a").string
            let odd = unsafe FilePath(platformString: Array((directory + "/").utf8CString.dropLast()) + [-1, -2, 0])
            _ = try WritableFile(odd, creation: .mustBeNew)
            let vault = try await TestVault()
            let report = try await vault.backUp(try node.options("one", tag: "a"))
            #expect(report.warnings.texts.contains { $0.contains("\\xff\\xfe") })
            try await vault.restore("one", to: [root.appending("out")])
            let restored = try files(below: root.appending("out"))
            #expect(restored["\(TestNode.orders)/\(long)"] == [1])
            #expect(restored == (try node.content("a")))
        }
    }

    @Test func `is cancelled promptly and publishes nothing`() async throws {
        try await withTemporaryDirectory { root in
            let node = try TestNode(in: root)
            for index in 1...30 { try node.addSSTable(index, in: "a", data: noise(1_000_000, seed: UInt64(index))) }
            let base = MemoryStore()
            _ = try await TestVault(base)
            let (stream, reached) = AsyncStream.makeStream(of: Void.self)
            let slow = FaultyStore(base) { call in
                guard call.operation == .put, call.subject.hasPrefix("blobs/") else { return nil }
                return .hook {
                    reached.yield()
                    let (never, _) = AsyncStream.makeStream(of: Void.self)
                    for await _ in never {}  // ends when the task is cancelled
                }
            }
            let vault = try await TestVault(try await Vault.open(base), through: slow)
            let options = try node.options("one", tag: "a")
            let run = Task { try await vault.backUp(options) }
            for await _ in stream { break }
            run.cancel()
            await #expect(throws: (any Error).self) { try await run.value }
            #expect(try await vault.keys("clusters/test/one/nodes/").isEmpty)
        }
    }
}
