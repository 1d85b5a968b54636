internal import Cassandra
internal import FoundationEssentials
internal import SystemPackage
internal import TransferEngine
internal import Vault

/// What a run's own snapshot held when it had been taken: `snapshot.json` in the run's journal.
///
/// A run that goes on knows by it whether all of the snapshot still stands, but for what was cleared: files that are not
/// there any more must never pass for files that never were.
struct SnapshotRecord: Sendable, Codable {
    /// One table's part.
    struct Part: Sendable, Codable, Hashable {
        /// As in a manifest: `shop/orders-3e2816e0e53811f1916b25b74eacdfa4`.
        let path: String
        let files: Int
        let bytes: Int64
    }

    struct Document: Sendable, Codable {
        let name: String
        let text: String
    }

    let tag: String
    /// Another one each time that the tag is taken.
    let id: String
    /// Before which the snapshot was asked for.
    let taken: Timestamp
    /// When the node clears it by itself; nil if it does not.
    let expires: Timestamp?
    /// What the node said of itself then.
    let facts: NodeFacts
    let documents: [Document]
    /// In a manifest's order.
    let tables: [Part]

    private static func path(in journal: FilePath) -> FilePath { journal.appending("snapshot.json") }

    /// Nil if there is none that can be read; blocks.
    static func read(in journal: FilePath) -> SnapshotRecord? {
        guard let bytes = try? SmallFile.bytes(of: path(in: journal), limit: 512 << 20) else { return nil }
        return try? JSONDecoder().decode(SnapshotRecord.self, from: Data(bytes))
    }

    /// Puts it in place of the one before, in one step; blocks.
    func write(in journal: FilePath) throws {
        let path = Self.path(in: journal)
        let new = FilePath(path.string + ".new")
        try FileTree.remove(new)
        let file = try WritableFile(new, creation: .mustBeNew, mode: 0o600)
        try file.write(Array(try JSONEncoder().encode(self)).span, at: 0)
        try FileTree.rename(new, to: path)
    }

    /// Forgets the snapshot: to be called before any of it is cleared for good.
    static func remove(in journal: FilePath) throws(FileError) { try FileTree.remove(path(in: journal)) }

    /// Why a run cannot go on with the snapshot; nil if it can.
    ///
    /// Blocks.
    ///
    /// - Parameters:
    ///   - tables: what stands on disk, by path.
    ///   - isWhole: whether the journals have all of a table, so that its files are not needed.
    func flaw(in tables: [String: Table], now: Timestamp, isWhole: (String) -> Bool) throws(CassandraError) -> String? {
        if let expires, expires.seconds - now.seconds < Self.leastLife {
            return "its time to live has ended, or is about to"
        }
        let tag = try SnapshotTag(tag)
        for part in self.tables where !isWhole(part.path) {
            guard let table = tables[part.path] else { return "\(part.path) is gone" }
            let listing = try TableListing(table, source: .snapshot(tag), measuring: true)
            guard listing.fileCount == part.files, listing.byteCount == part.bytes else {
                return "of \(part.path) there are \(listing.fileCount) files of \(part.files)"
            }
        }
        return nil
    }

    /// Seconds that a snapshot must have before it to be worth going on with.
    private static let leastLife: Int64 = 600
}

extension Table {
    /// As in a manifest: `shop/orders-3e2816e0e53811f1916b25b74eacdfa4`.
    var manifestPath: String { "\(keyspace)/\(directoryName)" }
}
