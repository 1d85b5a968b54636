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

        package init() {}
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
