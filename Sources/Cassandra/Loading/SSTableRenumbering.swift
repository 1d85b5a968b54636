internal import Glibc
package import SystemPackage
internal import TransferEngine

/// Gives SSTables that come into a table names that no other SSTable of it has, had lately, or will have soon.
///
/// A running node counts integer ids up from the highest it has found when it started, and opens the next one's files
/// without looking whether they are there. So a number just above the highest would be written over; placed files get
/// numbers far above, until the node takes them and gives them its own next ones. It keeps them only if it is started
/// anew before, and then counts on from there. UUIDs are nobody else's: they stay as they are if the name is free.
/// Source: `ColumnFamilyStore.fileIndexGenerator` and `loadNewSSTables` (3.11), `getUniqueDescriptorFor` and
/// org.apache.cassandra.io.sstable.SSTableIdFactory (4.1 and 5.0: a table may hold ids of both kinds).
package struct SSTableRenumbering: Sendable {
    /// How far above the highest number the first one is: more SSTables than a node writes while files lie unloaded.
    package static let distance: UInt64 = 10_000_000
    /// Ids are an `int` of Java.
    ///
    /// Source: org.apache.cassandra.io.sstable.Descriptor, SequenceBasedSSTableId.
    package static let highest = UInt64(Int32.max)

    private var next: UInt64
    private var taken: Set<SSTableName.ID>

    /// - Parameter used: ids of all SSTables of the table that can be found.
    package init(used: some Sequence<SSTableName.ID>) {
        taken = Set(used)
        let top =
            taken.map { id -> UInt64 in
                if case .integer(let number) = id { number } else { 0 }
            }
            .max() ?? 0
        // A table that counts near the end gets what room there is.
        let room = Self.highest > top ? Self.highest - top : 0
        next = top + 1 + min(Self.distance, room / 2)
    }

    /// Looks at the table's directories: live files, and those that snapshots and incremental backups keep; blocks.
    ///
    /// - Parameter places: the table's directory in each data directory.
    package init(places: [FilePath]) throws(CassandraError) {
        var used: Set<SSTableName.ID> = []
        for place in places {
            try Self.add(place, to: &used)
            try Self.add(place.appending("backups"), to: &used)
            let snapshots = place.appending(SnapshotDirectory.parent)
            for tag in try SnapshotDirectory.tags(in: place) { try Self.add(snapshots.appending(tag.name), to: &used) }
        }
        self.init(used: used)
    }

    /// The prefix that the SSTable gets: `nb-10000042-big`.
    ///
    /// Each call answers another one, also for the same SSTable: the name that was answered may turn out to be taken.
    ///
    /// - Throws: `CassandraError` with code `.exists` if the table's numbers have come to their end.
    package mutating func prefix(for name: SSTableName) throws(CassandraError) -> String {
        let id: SSTableName.ID
        switch name.id {
        case .uuid:
            if taken.insert(name.id).inserted { return name.prefix }
            id = .uuid(SSTableTimeID(nanoseconds: Self.now()).text)
        case .integer:
            guard next <= Self.highest else {
                throw CassandraError(
                    .exists,
                    "find a name for the SSTable",
                    name.prefix,
                    "the table's SSTables have numbers up to \(Self.highest), the highest there is"
                )
            }
            id = .integer(next)
            next += 1
        }
        taken.insert(id)
        return name.prefix(with: id)
    }

    private static func now() -> Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    private static func add(_ path: FilePath, to used: inout Set<SSTableName.ID>) throws(CassandraError) {
        let names: [String]
        do { names = try DirectoryListing(of: path).names } catch {
            guard error.code == .notFound else { throw CassandraError("list the SSTables in", path.string, error) }
            return
        }
        for name in names {
            if let id = SSTableName(name)?.id { used.insert(id) }
        }
    }
}

extension SSTableName {
    /// What the names of its components would begin with if it had another id.
    func prefix(with id: ID) -> String {
        let word =
            switch id {
            case .integer(let number): "\(number)"
            case .uuid(let text): text
            }
        let format =
            switch format {
            case .big: "big"
            case .bti: "bti"
            case .other(let text): text
            }
        return "\(version)-\(word)-\(format)"
    }
}
