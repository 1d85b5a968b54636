internal import Cassandra
internal import SystemPackage
internal import TransferEngine

/// A table's directories on a node, and what is in them besides its snapshots.
struct LiveTable: Sendable, Hashable {
    /// What stays where it is: Cassandra's own copies, which share nothing with the live files but inodes.
    static let kept: Set<String> = ["snapshots", "backups"]

    let keyspace: String
    let name: String
    let id: String?
    /// Below a data directory: `shop/orders-3e28…`.
    let path: String
    /// Index of a data directory, and the table's directory in it.
    let places: [Table.Place]
    /// Whether DROP TABLE has left it: it has a snapshot called `dropped-…`.
    let isDropped: Bool
    /// Names, and plain bytes below them, that are neither snapshots nor backups.
    let files: Int
    let bytes: Int64

    /// - Throws: `FileError`.
    init(_ table: Table) throws(FileError) {
        keyspace = table.keyspace
        name = table.name
        id = table.id
        path = "\(table.keyspace)/" + (table.id.map { "\(table.name)-\($0)" } ?? table.name)
        places = table.places
        var isDropped = false
        var (files, bytes) = (0, Int64(0))
        for place in table.places {
            let snapshots = place.path.appending("snapshots")
            if let names = try? DirectoryListing(of: snapshots).names {
                isDropped = isDropped || names.contains { $0.hasPrefix("dropped-") }
            }
            for name in try DirectoryListing(of: place.path).names where !Self.kept.contains(name) {
                try Self.count(place.path.appending(name), &files, &bytes)
            }
        }
        self.isDropped = isDropped
        (self.files, self.bytes) = (files, bytes)
    }

    /// `shop.orders`.
    var fullName: String { "\(keyspace).\(name)" }

    static func count(_ path: FilePath, _ files: inout Int, _ bytes: inout Int64) throws(FileError) {
        let status = try FileStatus(of: path)
        guard status.kind == .directory else {
            files += 1
            bytes += status.size
            return
        }
        for name in try DirectoryListing(of: path).names { try count(path.appending(name), &files, &bytes) }
    }

    /// All of a node, in order of keyspace, name and id; blocks.
    static func all(in dataDirectories: [FilePath]) throws -> [LiveTable] {
        let found = try DataDirectories(dataDirectories, allowEmpty: true).tables()
        return try found.tables.map { try LiveTable($0) }
    }
}
