/// The first line of a node's manifest: what was backed up, of whom, and how much it is.
///
/// A frame of its own at the start of the object, so that a listing needs only the first kilobytes.
package struct ManifestHeader: Sendable, Hashable, Codable {
    /// Raised when an older program could no longer restore from the file.
    package static let currentVersion = 1

    /// Sums over the whole manifest, known because the header is written last, if first in place.
    package struct Totals: Sendable, Hashable, Codable {
        package var tables = 0
        package var sstables = 0
        package var files = 0
        /// Plain bytes of all files.
        package var bytes: Int64 = 0
        /// Files and plain bytes whose content the vault held before.
        package var reusedFiles = 0
        package var reusedBytes: Int64 = 0
        /// Blobs that this run put into the store, and their bytes there.
        package var storedBlobs = 0
        package var storedBytes: Int64 = 0
        /// Blobs reused unread that were looked at; bad ones whose files were stored anew.
        package var recheckedBlobs = 0
        package var repairedBlobs = 0

        package init() {}
    }

    /// Which of the blobs that were reused unread the run has looked at: those of one slice, told by their hashes.
    package struct Recheck: Sendable, Hashable, Codable {
        /// From 0.
        package var slice: Int
        /// How many slices there are; the next run takes the next one.
        package var of: Int

        /// The slice of a run that comes after one with `previous`.
        package init(of slices: Int, after previous: Recheck?) {
            of = max(1, slices)
            guard let previous, previous.of == of, (0..<of).contains(previous.slice) else {
                slice = 0
                return
            }
            slice = (previous.slice + 1) % of
        }

        package func includes(_ name: BlobName) -> Bool { name.leadingWord % UInt64(of) == UInt64(slice) }
    }

    /// How much of a table was new.
    package struct TableHistory: Sendable, Hashable, Codable {
        /// As in the table's line.
        package var table: String
        package var files = 0
        /// Plain bytes of those files.
        package var bytes: Int64 = 0
        /// Files and plain bytes whose content the vault had; of the bytes, those that were not even read.
        package var reusedFiles = 0
        package var reusedBytes: Int64 = 0
        package var unreadBytes: Int64 = 0

        package init(table: String) { self.table = table }
    }

    /// Which of the node's tables were asked for: patterns as a user gives them, `shop.*`, `shop.orders`.
    package struct Filter: Sendable, Hashable, Codable {
        /// Empty: all.
        package var included: [String]
        package var excluded: [String]

        package init(included: [String], excluded: [String]) {
            self.included = included
            self.excluded = excluded
        }
    }

    package var type = "manifest"
    package var version = ManifestHeader.currentVersion
    /// `Vault.Description.id`.
    package var vault: String
    package var cluster: String
    package var backup: String
    package var hostId: HostID
    package var datacenter: String?
    package var rack: String?
    package var started: Timestamp
    package var finished: Timestamp
    /// `snapshot daily-1` or `live`.
    package var source: String
    /// The node's data directories, in the order that `dir` of the lines below counts.
    package var dataDirectories: [String]
    package var totals = Totals()
    /// The backup of this node that its files were compared with; nil for a node's first.
    package var previous: String?
    /// Nil where no blob was looked at.
    package var recheck: Recheck?
    /// In the order of the table lines.
    package var history: [TableHistory]?
    /// Of the node's Cassandra: `4.1.7`.
    ///
    /// This and the next two are nil where nobody asked the node.
    package var releaseVersion: String?
    /// The class's full name.
    package var partitioner: String?
    /// A UUID: nodes with the same one had the same schema.
    package var schemaVersion: String?
    /// Nil where the whole node was asked for.
    package var filter: Filter?

    package init(
        vault: String,
        cluster: String,
        backup: String,
        hostId: HostID,
        datacenter: String?,
        rack: String?,
        started: Timestamp,
        source: String,
        dataDirectories: [String]
    ) {
        self.vault = vault
        self.cluster = cluster
        self.backup = backup
        self.hostId = hostId
        self.datacenter = datacenter
        self.rack = rack
        self.started = started
        finished = started
        self.source = source
        self.dataDirectories = dataDirectories
    }
}
