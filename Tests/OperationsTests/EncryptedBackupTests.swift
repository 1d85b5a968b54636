import ObjectStorage
import Operations
import SystemPackage
import TestSupport
import Testing
import TransferEngine

@testable import Vault

/// Two backups of a small node in an encrypted vault that holds every kind of object.
struct EncryptedNode {
    static let secret = SecretBytes(copying: [UInt8](repeating: 7, count: 32))
    static let source = KeySource.keyFile(secret)

    let node: TestNode
    let store: MemoryStore
    let files: [String: [UInt8]]

    init(in root: FilePath) async throws {
        node = try TestNode(in: root)
        store = MemoryStore()
        let vault = try await Vault.create(
            in: store,
            chunkSize: TestVault.chunkSize,
            encryptingFor: NewKey(keyFile: Self.secret),
            label: "test"
        )
        // A large file of three pieces, a compressible one, and small ones that are packed.
        try node.addSSTable(1, in: "one", data: noise(2 * TestVault.chunkSize + 500, seed: 1))
        try node.addSSTable(2, in: "one", data: Content.repetitive(300_000))
        try node.link("one", as: "two")
        try node.addSSTable(3, in: "two", data: noise(90_000, seed: 3))
        for name in ["one", "two"] {
            var options = try node.options(name, tag: name)
            options.expectedNodes = name == "two" ? [node.host] : nil
            _ = try await BackupRun(vault, options, TestVault.context()).run()
        }
        files = try node.content("two")
    }

    func vault(_ source: KeySource = source) async throws -> TestVault {
        try await TestVault(try await Vault.open(store, with: source), through: store, with: source)
    }

    /// Reads all that there is, as its owner would: everything that is wrong.
    func problems(in directory: FilePath) async throws -> [any Error] {
        var problems: [any Error] = []
        func trying(_ body: () async throws -> Void) async {
            do { try await body() } catch { problems.append(error) }
        }
        await trying {
            if let bad = try await KeyRing(store).entries().first(where: { $0.damage != nil }) {
                throw VaultError(.damaged, "read", "keys/\(bad.id).json", bad.damage ?? "")
            }
        }
        let vault: TestVault
        do { vault = try await self.vault() } catch { return problems + [error] }
        let catalogue = Catalogue(vault.vault)
        for name in ["one", "two"] {
            await trying { _ = try await catalogue.summary(of: try await catalogue.find(name, cluster: "test")) }
            await trying { _ = try await catalogue.intent(of: try BackupID(cluster: "test", backup: name)) }
            let out = directory.appending(name)
            await trying {
                try await vault.restore(name, to: [out])
                // Whatever was restored as good must be good.
                let expected = name == "two" ? files : try node.content("one")
                #expect(try OperationsTests.files(below: out) == expected)
            }
            try? FileTree.removeAll(out)
        }
        return problems
    }
}

@Suite(.timeLimit(.minutes(5))) struct `Backups in an encrypted vault` {
    @Test func `are whole, incremental and unreadable to others`() async throws {
        try await withTemporaryDirectory { root in
            let node = try await EncryptedNode(in: root)
            #expect(try await node.problems(in: root.appending("out")).isEmpty)
            let keys = node.store.keys
            // Every kind of object is there.
            for part in ["vault.json", "keys/", "blobs/", "/backup.json", "/complete.json", "/nodes/", ".zst.enc"] {
                #expect(keys.contains { $0.contains(part) }, "\(part)")
            }
            #expect(keys.filter { $0.hasPrefix("blobs/") }.allSatisfy { $0.hasSuffix(".enc") })
            // Nothing of a file, a path or a name can be seen, and no content's own hash.
            let hidden =
                ["orders", "nb-1-big", "Data.db", "test", "one", "two", node.node.host.description].map {
                    Array($0.utf8)
                }
                + node.files.values.filter { $0.count >= 40 }.map { Array($0[8..<32]) }
            for key in keys where key != "vault.json" && !key.hasPrefix("keys/") {
                let bytes = try #require(node.store[key])
                #expect(Array(bytes.prefix(6)) == Array("RVSEAL".utf8), "\(key)")
                for text in hidden where text.count > 4 {
                    #expect(!bytes.contains(text), "\(key)")
                }
            }
            for content in node.files.values {
                #expect(!keys.contains { $0.contains(SHA256.digest(of: content.span).description) })
            }
            // What did not change is not read, what is the same is not stored.
            let vault = try await node.vault()
            let again = try await vault.backUp(try node.node.options("three", tag: "two"))
            #expect(again.readBytes == 0)
            #expect(again.header.totals.storedBlobs == 0)
            let fresh = try await vault.backUp(
                BackupOptions(
                    id: try BackupID(cluster: "other", backup: "four"),
                    host: node.node.host,
                    dataDirectories: node.node.data,
                    source: try node.node.options("x", tag: "two").source
                )
            )
            #expect(fresh.readBytes > 2_000_000)
            #expect(fresh.header.totals.storedBytes < 200_000)
        }
    }

    @Test func `compare large files piece by piece when they are restored over themselves`() async throws {
        try await withTemporaryDirectory { root in
            let node = try await EncryptedNode(in: root)
            let vault = try await node.vault()
            let out = root.appending("out")
            try await vault.restore("two", to: [out])
            let again = try await vault.restore("two", to: [out])
            #expect(again.keptFiles == again.files)
            #expect(again.receivedBytes == 0)
        }
    }

    @Test func `go on from the pieces of a restore that was killed`() async throws {
        try await withTemporaryDirectory { root in
            let node = try await EncryptedNode(in: root)
            let out = root.appending("out")
            let blobs = ThreadLock(0)
            let dying = FaultyStore(node.store) { call in
                guard call.operation == .get, call.subject.hasPrefix("blobs/") else { return nil }
                let count = blobs.withLock { count in
                    count += 1
                    return count
                }
                return count > 2 ? .failBefore(.accessDenied) : nil
            }
            let vault = try await Vault.open(node.store, with: EncryptedNode.source)
            let halted = try await TestVault(vault, through: dying, with: EncryptedNode.source)
            await #expect(throws: (any Error).self) { try await halted.restore("two", to: [out]) }
            try await node.vault().restore("two", to: [out])
            #expect(try files(below: out) == node.files)
        }
    }

    /// Flips single bits, and looks whether anyone notices.
    @Test(arguments: [1, 2] as [UInt64]) func `of which any bit was changed are told of, by the object's name`(
        seed: UInt64
    ) async throws {
        try await withTemporaryDirectory { root in
            let node = try await EncryptedNode(in: root)
            var random = SeededGenerator(seed)
            for key in node.store.keys {
                let good = try #require(node.store[key])
                // All parts of a header, and anything else.
                var places =
                    [0, 7, 8, 39, 40, 71, 72, 87, 88, 119, 120].filter { $0 < good.count }.shuffled(using: &random)
                    .prefix(3) + [good.count - 1]
                for _ in 0..<3 { places.append(Int.random(in: 0..<good.count, using: &random)) }
                for place in places {
                    let bit = UInt8.random(in: 0..<8, using: &random)
                    var bad = good
                    bad[place] ^= 1 << bit
                    node.store[key] = bad
                    try await expectProblem(node, key, "bit \(bit) of byte \(place)", root)
                }
                node.store[key] = good
            }
            #expect(try await node.problems(in: root.appending("out")).isEmpty)
        }
    }

    @Test func `of which an object was cut, swapped, or is gone are told of`() async throws {
        try await withTemporaryDirectory { root in
            let node = try await EncryptedNode(in: root)
            let keys = node.store.keys
            for (index, key) in keys.enumerated() {
                let good = try #require(node.store[key])
                let others = keys.filter { $0 != key }
                let bad: [(String, [UInt8]?)] = [
                    ("cut by a byte", Array(good.dropLast())), ("cut in half", Array(good.prefix(good.count / 2))),
                    ("of no bytes", []), ("longer", good + [0]),
                    ("another object", node.store[others[index % others.count]]),
                    (
                        "one of the same kind",
                        node.store[others.max { Self.likeness($0, key) < Self.likeness($1, key) } ?? ""]
                    ),
                ]
                for (name, bytes) in bad {
                    node.store[key] = bytes
                    try await expectProblem(node, key, name, root)
                }
                // That a whole backup or its mark is gone cannot be seen; that something it needs is gone can.
                if key.hasPrefix("blobs/") || key == "vault.json" || key.hasPrefix("keys/") {
                    node.store[key] = nil
                    #expect(try await !node.problems(in: root.appending("out")).isEmpty, "\(key) gone")
                }
                node.store[key] = good
            }
        }
    }

    /// How long two keys are alike.
    private static func likeness(_ left: String, _ right: String) -> Int {
        zip(left.reversed(), right.reversed()).prefix { $0 == $1 }.count
            + zip(left, right).prefix { $0 == $1 }.count
    }

    private func expectProblem(_ node: EncryptedNode, _ key: String, _ what: String, _ root: FilePath) async throws {
        let problems = try await node.problems(in: root.appending("out"))
        let name = key.split(separator: "/").last.map(String.init) ?? key
        #expect(!problems.isEmpty, "\(key), \(what): nobody noticed")
        #expect(problems.contains { "\($0)".contains(name) }, "\(key), \(what): \(problems)")
    }
}

extension [UInt8] {
    fileprivate func contains(_ other: [UInt8]) -> Bool {
        guard let first = other.first else { return true }
        var rest = self[...]
        while let place = rest.firstIndex(of: first) {
            if rest[place...].starts(with: other) { return true }
            rest = rest[(place + 1)...]
        }
        return false
    }
}
