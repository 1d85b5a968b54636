import Cassandra
import ObjectStorage
import SystemPackage
import TestSupport
import Testing
import TransferEngine

@testable import Operations
@testable import Vault

/// The publish rule where the snapshot is cleared: what a list of condemned blobs names is never published.
@Suite(.timeLimit(.minutes(5))) struct `Condemned blobs of cleared tables` {
    /// Condemns all blobs that there are, as a collection would that knows of no manifest.
    private static func condemnAll(_ store: MemoryStore) async throws -> [String] {
        let vault = try await Vault.open(store)
        let keys = store.keys.filter { $0.hasPrefix("blobs/") }
        var writer = try CondemnedListWriter.begin(CondemnedLists(vault))
        let names = keys.compactMap { BlobName(String($0.split(separator: "/")[2])) }
        for name in names.compactMap({ CompactName($0) }).sorted() { try writer.append(name.name, size: 100) }
        try await writer.publish(in: vault)
        return keys
    }

    /// What is left of a cleared table when its blobs turn out to be condemned.
    enum Left: String, CaseIterable { case live, blobs, both, snapshot, nothing }

    @Test(arguments: Left.allCases)
    func `are stored anew from what there is, or nothing is published`(left: Left) async throws {
        try await withTemporaryDirectory { root in
            let node = try await SnapshotNode(in: root.appending("node"))
            for (number, table) in SnapshotNode.all.enumerated() {
                for index in 1...2 {
                    let bytes = noise(index == 1 ? 150_000 : 30_000, seed: UInt64(10 * number + index))
                    try node.node.addSSTable(index, in: nil, data: bytes, table: table)
                }
            }
            var options = try node.options("one")
            options.ownSnapshot.isKept = left == .snapshot
            let content = try node.live()
            let condemned = Recorder<String>()
            let hasBegun = Counter()
            // The collection is done when the run has stored all, and is about to compare its names with the lists.
            let store = FaultyStore(node.base) { [base = node.base] call in
                guard call.operation == .list, call.subject.hasPrefix("condemned/"), hasBegun.next() == 0 else {
                    return nil
                }
                return .hook {
                    do {
                        for key in try await Self.condemnAll(base) {
                            condemned.add(key)
                            // Packs have manifest.json and schema.cql, which were the snapshot's alone.
                            let isPiece = (base[key]?.count ?? 0) > 100_000
                            let isSwept =
                                switch left {
                                case .live: isPiece
                                case .nothing, .snapshot: true
                                case .blobs, .both: false
                                }
                            if isSwept { base[key] = nil }
                        }
                        if left != .live, left != .both { try node.removeLive() }
                    } catch { Issue.record("\(error)") }
                }
            }
            let result: Result<BackupReport, any Error>
            do { result = .success(try await node.run(options, store)) } catch { result = .failure(error) }
            #expect(condemned.count > 4)
            for key in condemned.all { node.base[key] = nil }  // the sweep
            guard left != .nothing else {
                let error = #expect(throws: VaultError.self) { try result.get() }
                #expect(error?.code == .stale)
                #expect(node.base.keys.contains { $0.hasPrefix("clusters/") && $0.hasSuffix(".jsonl.zst") } == false)
                #expect(try node.standing(node.tag(options)) == [])
                #expect(try node.remains() == [])
                // The next run has other files, and none of what was swept.
                try node.node.addSSTable(5, in: nil, data: noise(70_000, seed: 5))
                let live = try node.live()
                _ = try await node.run(options)
                #expect(try await node.restored("one", to: root.appending("out")) == live)
                return
            }
            let report = try result.get()
            #expect(report.clearedTables == (left == .snapshot ? 0 : 4))
            #expect(try await node.restored("one", to: root.appending("out")) == content)
        }
    }
}
