import ObjectStorage
import SystemPackage
import TestSupport
import Testing
import TransferEngine

@testable import Operations
@testable import Vault

/// What becomes of sealed objects that are moved, stored again and looked at.
@Suite(.timeLimit(.minutes(5))) struct `A backup in an encrypted vault` {
    /// Condemns all blobs that there are, as a collection would that knows of no manifest.
    private func condemnAll(_ node: EncryptedNode, _ vault: Vault) async throws -> [String] {
        let keys = node.store.keys.filter { $0.hasPrefix("blobs/") }
        var writer = try CondemnedListWriter.begin(CondemnedLists(vault))
        let names = keys.compactMap { BlobName(String($0.split(separator: "/")[2])) }
        #expect(names.count == keys.count)
        for name in names.compactMap({ CompactName($0) }).sorted() { try writer.append(name.name, size: 100) }
        try await writer.publish(in: vault)
        return keys
    }

    @Test func `is brought back from the trash as it was`() async throws {
        try await withTemporaryDirectory { root in
            let node = try await EncryptedNode(in: root)
            let vault = try await node.vault()
            let id = try BackupID(cluster: "test", backup: "two")
            let before = node.store.keys
            _ = try await Trash(vault.vault).delete(id)
            #expect(node.store.keys.contains { $0.hasPrefix("trash/clusters/") })
            await #expect(throws: (any Error).self) { try await vault.restore("two", to: [root.appending("gone")]) }
            let pool = BufferPool(limit: 8 << 20)
            _ = try await Trash(vault.vault).undelete(id, by: Publication(vault.vault), pool: pool)
            #expect(node.store.keys == before)
            #expect(try await node.problems(in: root.appending("out")).isEmpty)
        }
    }

    @Test func `is brought back with blobs stored anew where they are condemned`() async throws {
        try await withTemporaryDirectory { root in
            let node = try await EncryptedNode(in: root)
            let vault = try await node.vault()
            let id = try BackupID(cluster: "test", backup: "two")
            _ = try await Trash(vault.vault).delete(id)
            let condemned = try await condemnAll(node, vault.vault)
            let pool = BufferPool(limit: 8 << 20)
            _ = try await Trash(vault.vault).undelete(id, by: Publication(vault.vault), pool: pool)
            // What was condemned goes; what was stored anew is sealed for its own name.
            for key in condemned { node.store[key] = nil }
            #expect(node.store.keys.contains { $0.hasPrefix("blobs/") && $0.hasSuffix(".1.enc") })
            let out = root.appending("out")
            try await vault.restore("two", to: [out])
            #expect(try files(below: out) == node.files)
        }
    }

    @Test func `of a node that may only write is stored anew where its blobs are condemned`() async throws {
        try await withTemporaryDirectory { root in
            let node = try await EncryptedNode(in: root)
            let full = try await node.vault()
            let condemned = try await condemnAll(node, full.vault)
            let key = try full.vault.writeOnlyKey()
            let store = CreateOnlyStore(node.store)
            let writer = try await TestVault(full.vault, through: store, with: .writeOnly(key))
            var options = try node.node.options("three", tag: "two")
            options.id = try BackupID(cluster: "other", backup: "three")
            let report = try await writer.backUp(options)
            #expect(report.isComplete == nil)
            for key in condemned { node.store[key] = nil }
            let out = root.appending("out")
            let restore = RestoreOptions(backup: "three", cluster: "other", targets: [out])
            _ = try await RestoreRun(full.vault, restore, TestVault.context()).run()
            #expect(try files(below: out) == node.files)
            #expect(store.refused == 0)
        }
    }

    @Test(arguments: [VerificationLevel.list, .checksum, .full])
    func `is verified, and what is wrong with it found`(level: VerificationLevel) async throws {
        try await withTemporaryDirectory { root in
            let node = try await EncryptedNode(in: root)
            let vault = try await node.vault().vault
            let options = VerifyOptions(.vault, level: level)
            func verify() async throws -> VerificationReport {
                try await VerificationRun(vault, options, TestVault.context(memory: 16 << 20)).run()
            }
            let good = try await verify()
            #expect(good.problems.isEmpty, "\(good.problems)")
            #expect(good.others?.strayObjects == [])
            #expect(good.others?.unreferencedBlobs == 0)
            #expect(good.backups == 2)
            for key in node.store.keys where key.contains("/") {
                let bytes = try #require(node.store[key])
                var bad = bytes
                bad[bytes.count / 2] ^= 4
                // A listing sees no more than that something is there, and how large.
                node.store[key] = level == .list && key.hasPrefix("blobs/") ? Array(bytes.dropLast()) : bad
                let report = try await verify()
                #expect(report.problems.contains { $0.object == key }, "\(key): \(report.problems)")
                node.store[key] = bytes
            }
        }
    }

    // MARK: What a node keeps that may only write

    /// A manifest of one table, of a backup that began so many days ago.
    private func manifest(_ id: BackupID, _ host: HostID, daysAgo: Int64, _ vault: Vault) async throws -> [UInt8] {
        let header = ManifestHeader(
            vault: vault.description.id,
            cluster: id.cluster,
            backup: id.backup,
            hostId: host,
            datacenter: nil,
            rack: nil,
            started: Timestamp(seconds: Timestamp.now.seconds - daysAgo * 86400),
            source: "live",
            dataDirectories: ["/data"]
        )
        var writer = try ManifestWriter(header, chunkSize: vault.description.chunkSize)
        try writer.write(.table(ManifestTable(path: TestNode.orders, schema: nil)))
        let mirror = vault.plainMirror(in: MemoryStore())
        let key = try id.manifestKey(host)
        return try await writer.publish(in: mirror, at: key, totals: ManifestHeader.Totals()).manifest
    }

    @Test func `is remembered by its node for a while, and only the last one`() async throws {
        try await withTemporaryDirectory { root in
            let node = try await EncryptedNode(in: root)
            let vault = try await node.vault().vault
            let state = try StateDirectory(root.appending("state"))
            let own = try OwnManifests(in: state, of: vault, io: IOExecutor(threads: 1))
            let host = node.node.host
            let ids = try ["a", "b", "c"].map { try BackupID(cluster: "test", backup: $0) }
            func latest(besides id: BackupID) async throws -> String? {
                var reader = try await own.latest(of: host, besides: id)
                let name = reader?.header.backup
                while try await reader?.next() != nil {}
                return name
            }
            #expect(try await latest(besides: ids[2]) == nil)
            for id in ids[..<2] {
                try await own.keep(try await manifest(id, host, daysAgo: 1, vault), of: id, host: host)
                #expect(try await latest(besides: ids[2]) == id.backup)
                #expect(try await latest(besides: id) == nil)
            }
            let kept = try files(below: state.path)
            let path = try #require(kept.keys.first { $0.hasSuffix(".jsonl.zst") })
            #expect(kept.keys.count { $0.hasSuffix(".jsonl.zst") } == 1)
            let place = state.path.appending(path)
            // One that was changed is not believed.
            for index in stride(from: 0, to: try #require(kept[path]).count, by: 7) {
                var bytes = try #require(kept[path])
                bytes[index] ^= 0x20
                try FileTree.remove(place)
                try WritableFile(place, creation: .mustBeNew).write(bytes.span, at: 0)
                do {
                    // Some bits of a frame carry nothing.
                    #expect(try await latest(besides: ids[2]) == "b")
                } catch let error as VaultError {
                    #expect(error.code == .damaged || error.code == .unsupported, "\(error)")
                }
            }
            try FileTree.remove(place)
            // Nor one that is old: what it names may be gone; nor one of the future.
            for days in [15, -3] as [Int64] {
                try await own.keep(try await manifest(ids[0], host, daysAgo: days, vault), of: ids[0], host: host)
                #expect(try await latest(besides: ids[2]) == nil)
            }
        }
    }
}

/// What a node may do that may only write, as a store would have it.
private final class CreateOnlyStore: ObjectStore {
    private let base: any ObjectStore
    private let refusals = ThreadLock(0)

    init(_ base: any ObjectStore) { self.base = base }

    var location: String { base.location }

    /// Requests that went too far.
    var refused: Int { refusals.withLock { $0 } }

    private func check(_ isAllowed: Bool, _ operation: String, _ subject: String) throws(StoreError) {
        guard !isAllowed else { return }
        refusals.withLock { $0 += 1 }
        throw StoreError(.accessDenied, operation, subject)
    }

    func put(
        _ body: borrowing BufferLease,
        at key: ObjectKey,
        _ condition: PutCondition,
        digest: SHA256Digest?
    ) async throws(StoreError) -> PutResult {
        let isHome = ["blobs/", "clusters/"].contains { key.description.hasPrefix($0) }
        try check(isHome && condition == .onlyIfAbsent, "put", key.description)
        return try await base.put(body, at: key, condition, digest: digest)
    }

    func get(
        _ key: ObjectKey,
        range: Range<Int64>?,
        into buffer: inout BufferLease
    ) async throws(StoreError) -> ObjectInfo {
        try check(key.description.hasPrefix("condemned/"), "get", key.description)
        return try await base.get(key, range: range, into: &buffer)
    }

    func head(_ key: ObjectKey) async throws(StoreError) -> ObjectInfo? {
        try check(key.description.hasPrefix("condemned/"), "look at", key.description)
        return try await base.head(key)
    }

    func delete(_ key: ObjectKey) async throws(StoreError) { try check(false, "delete", key.description) }

    func list(prefix: String, from cursor: ListCursor?, limit: Int) async throws(StoreError) -> ListPage {
        try check(prefix.hasPrefix("condemned/"), "list", prefix)
        return try await base.list(prefix: prefix, from: cursor, limit: limit)
    }
}
