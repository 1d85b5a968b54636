import FoundationEssentials
import ObjectStorage
import SystemPackage
import TestSupport
import Testing
import TransferEngine

@testable import Vault

/// Collection beside any number of blobs.
///
/// The number is small in the suite; `RINGVAULT_TEST_BLOBS=10000000` in the
/// environment asks for another, and the test then prints how much memory the process took at most.
@Suite(.serialized) struct `A collection of many blobs` {
    private static let asked = ProcessInfo.processInfo.environment["RINGVAULT_TEST_BLOBS"].flatMap { Int($0) }
    /// Blobs that one manifest names.
    private static let inManifest = 100_000

    @Test(.timeLimit(.minutes(60)))
    func `takes memory that does not grow with them`() async throws {
        try await withTemporaryDirectory { directory in
            let count = Self.asked ?? 30_000
            let io = IOExecutor(threads: 2)
            try await withTaskExecutorPreference(io) {
                let store = MillionsStore(count, base: FileStore(root: directory.appending("vault"), io: io))
                let vault = try await Vault.create(in: store)
                // So little that names go through many runs on the disk, also where there are few.
                let memory = Self.asked == nil ? 40 * 2000 : MarkingSpace.defaultMemory
                var options = CollectionOptions(space: MarkingSpace(directory: directory, memory: memory, width: 4))
                options.sparing = .zero
                options.blobsInList = Self.asked == nil ? 1000 : options.blobsInList
                try await Self.writeManifests(vault, store)
                let garbage = (0..<count).count { !store.isNamed($0) }

                let first = try await Collector(vault, options).run()
                #expect((first.stored.blobs, first.condemned.blobs) == (count, garbage))
                #expect(first.named.bytes == Int64(count - garbage) * MillionsStore.blobSize)

                // A day later, by the store's clock: its lists are a day old.
                for entry in try await CondemnedLists(vault).all().entries {
                    guard let list = entry.list else { continue }
                    let file = try WritableFile(
                        directory.appending("vault").appending(list.key.description),
                        creation: .orReopen
                    )
                    try file.setModified((list.modified - 25 * 3600) * 1_000_000_000)
                }
                let second = try await Collector(vault, options).run()
                #expect((second.deleted.blobs, store.deleted) == (garbage, garbage))

                if Self.asked != nil {
                    let most = try Self.mostMemory()
                    print("\(count) blobs: at most \(ByteCount(most)) of memory")
                    #expect(most < 512 << 20)
                }
            }
        }
    }

    /// What this process had resident at most, in bytes: VmHWM of proc(5).
    private static func mostMemory() throws -> Int64 {
        let lines = try SmallFile.text(of: "/proc/self/status").split(separator: "\n")
        let line = try #require(lines.first { $0.hasPrefix("VmHWM:") })
        return try #require(Int64(line.split(separator: " ", omittingEmptySubsequences: true)[1])) << 10
    }

    /// Manifests of nodes that name nine tenths of the blobs, each some of them and every blob in two.
    private static func writeManifests(_ vault: Vault, _ store: MillionsStore) async throws {
        var random = SeededRandom(7)
        let parts = (store.count + inManifest - 1) / inManifest
        for part in 0..<parts {
            for copy in 0..<2 {
                let host = UUID().uuidString
                let id = try BackupID(cluster: "c", backup: "b\(copy)")
                let header = ManifestHeader(
                    vault: vault.description.id,
                    cluster: id.cluster,
                    backup: id.backup,
                    hostId: try #require(HostID(host)),
                    datacenter: nil,
                    rack: nil,
                    started: .now,
                    source: "live",
                    dataDirectories: ["/d"]
                )
                var writer = try ManifestWriter(header, chunkSize: vault.description.chunkSize)
                try writer.write(.table(ManifestTable(path: "k/t", schema: nil)))
                let numbers = part * inManifest..<min(store.count, (part + 1) * inManifest)
                for (line, start) in stride(from: numbers.lowerBound, to: numbers.upperBound, by: 100).enumerated() {
                    // Not in the order of their names, as files are not.
                    let pieces = (start..<min(start + 100, numbers.upperBound)).filter(store.isNamed)
                        .shuffled(using: &random)
                        .map { BlobReference(blob: store.name($0), offset: 0, length: 16 << 20) }
                    let file = ManifestFile(
                        path: "f",
                        size: pieces.reduce(0) { $0 + Int64($1.length) },
                        modified: 0,
                        inode: 0,
                        digest: nil,
                        pieces: pieces
                    )
                    let group = ManifestGroup(
                        table: "k/t",
                        name: "nb-\(line + 100_000)-big",
                        isSSTable: true,
                        directory: 0,
                        files: [file]
                    )
                    try writer.write(.group(group))
                }
                _ = try await writer.publish(
                    in: vault,
                    at: try id.manifestKey(header.hostId),
                    totals: ManifestHeader.Totals()
                )
            }
        }
    }
}
