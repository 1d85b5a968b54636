internal import ObjectStorage
internal import TransferEngine
internal import Vault

/// A vault in memory with manifests of a made-up node, eight files to an SSTable.
struct ManifestSample: Sendable {
    static let components = [
        "CompressionInfo.db", "Data.db", "Digest.crc32", "Filter.db", "Index.db", "Statistics.db", "Summary.db",
        "TOC.txt",
    ]
    static let files = 8 * 1000

    let vault: Vault
    let host: HostID
    let lines: [ManifestLine]

    /// - Parameter sstables: of one table.
    init(sstables: Int = files / components.count) async throws {
        vault = try await Vault.create(in: MemoryStore())
        guard let host = HostID("4f0b0e6a-2c1d-4e5f-8a9b-0c1d2e3f4a5b") else { throw StageError("not a host id") }
        self.host = host
        let table = "shop/orders-3e2816e0e53811f1916b25b74eacdfa4"
        let groups = (0..<sstables).map { "nb-\(1_000_000 + $0)-big" }.map { name in
            ManifestGroup(
                table: table,
                name: name,
                isSSTable: true,
                directory: 0,
                files: Self.components.enumerated().map { Self.file("\(name)-\($1)", $0) }
            )
        }
        lines = [.table(ManifestTable(path: table, schema: nil))] + groups.map { .group($0) }
    }

    private static func file(_ path: String, _ index: Int) -> ManifestFile {
        let digest = SHA256.digest(of: Array(path.utf8).span)
        return ManifestFile(
            path: path,
            size: 10_000 + Int64(index),
            modified: 1_795_143_600_000_000_000,
            inode: 1 << 20 + digest.words.0 >> 44,
            digest: digest,
            pieces: [
                BlobReference(
                    blob: BlobName(plain: SHA256.digest(of: Array("pack \(path.prefix(9))".utf8).span), format: .zstd),
                    offset: index * 20_000,
                    length: 10_000 + index,
                    frame: StoredFrame(bytes: 9_000_000, crc32c: UInt32(truncatingIfNeeded: digest.words.1))
                )
            ]
        )
    }

    func id(_ backup: String) throws -> BackupID { try BackupID(cluster: "prod", backup: backup) }

    /// Writes all lines as the manifest of a backup, anew if it is there.
    func publish(_ backup: String) async throws {
        let id = try id(backup)
        let key = try id.manifestKey(host)
        try await vault.store.delete(key)
        let header = ManifestHeader(
            vault: vault.description.id,
            cluster: id.cluster,
            backup: id.backup,
            hostId: host,
            datacenter: "dc1",
            rack: "rack1",
            started: Timestamp(seconds: 1_795_143_600),
            source: "snapshot \(backup)",
            dataDirectories: ["/var/lib/cassandra/data"]
        )
        var writer = try ManifestWriter(header, chunkSize: vault.description.chunkSize)
        for line in lines { try writer.write(line) }
        _ = try await writer.publish(
            in: vault,
            at: key,
            totals: ManifestHeader.Totals(),
            finished: Timestamp(seconds: 1_795_147_200)
        )
    }
}
