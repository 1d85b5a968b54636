internal import Cassandra
internal import ObjectStorage
internal import SystemPackage
internal import Vault

/// What a journal belongs to: with anything else it is begun anew.
struct JournalIdentity: Sendable, Hashable, Codable {
    /// Raised when lines change their meaning; journals of other versions are dropped.
    static let currentVersion = 2

    var version = JournalIdentity.currentVersion
    /// `Vault.Description.id`.
    let vault: String
    let location: String
    let cluster: String
    let backup: String
    let hostId: String
    /// `snapshot daily-1`, `live`, or `own snapshot` with what it is of.
    let source: String
    let dataDirectories: [String]
    /// Of the vault, in bytes: pieces are counted in it.
    let chunkSize: Int
    let compression: String

    init(_ vault: Vault, _ options: BackupOptions) {
        self.vault = vault.description.id
        location = vault.store.location
        cluster = options.id.cluster
        backup = options.id.backup
        hostId = options.host.description
        let wanted = options.filter.entries.map(\.text).joined(separator: ", ")
        let excluded = options.filter.exclusions.map(\.text).joined(separator: ", ")
        source = options.source == .own ? "own snapshot of [\(wanted)] but [\(excluded)]" : options.source.description
        dataDirectories = options.dataDirectories.map(\.string)
        chunkSize = vault.description.chunkSize
        compression = "\(options.compression)"
    }
}

/// `journal.json`: the first thing written of a journal.
struct JournalHeader: Sendable, Codable {
    /// Evidence that blobs exist is trusted for so long, in seconds: what is left of `Publication.evidenceLife` is for the
    /// run itself, and for clocks that are wrong.
    static let lifetime: Int64 = 14 * 24 * 3600

    let identity: JournalIdentity
    /// When the first run of the backup began.
    let started: Timestamp
    /// Of a pass of a backup that has several: the paths of its tables, ascending.
    var tables: [String]?

    /// Whether a run of that identity may go on with the journal at `now`; a clock that was set back does not count.
    func serves(_ identity: JournalIdentity, at now: Timestamp) -> Bool {
        self.identity == identity && (started.seconds...started.seconds + Self.lifetime).contains(now.seconds)
    }
}
