package import ObjectStorage

/// A backup's place in a vault: `clusters/<cluster>/<backup>/`.
package struct BackupID: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let cluster: String
    package let backup: String
    /// What the keys of all its objects begin with.
    let prefix: String

    /// - Throws: `VaultError` with code `.invalid` for a name that cannot be used.
    package init(cluster: String, backup: String) throws(VaultError) {
        self.cluster = cluster
        self.backup = backup
        let (first, second) = (
            try KeyName.encode(cluster, as: "cluster name"), try KeyName.encode(backup, as: "backup name")
        )
        prefix = "\(Self.root)\(first)/\(second)/"
    }

    /// Where nobody says which cluster.
    package static let defaultCluster = "default"

    static let root = "clusters/"

    static func prefix(ofCluster cluster: String) throws(VaultError) -> String {
        "\(root)\(try KeyName.encode(cluster, as: "cluster name"))/"
    }

    package var intentKey: ObjectKey { get throws(ObjectKeyError) { try ObjectKey(prefix + "backup.json") } }
    package var completionKey: ObjectKey { get throws(ObjectKeyError) { try ObjectKey(prefix + "complete.json") } }

    package func manifestKey(_ host: HostID) throws(ObjectKeyError) -> ObjectKey {
        try ObjectKey("\(prefix)nodes/\(host).jsonl.zst")
    }

    package var description: String { "'\(backup)' of cluster '\(cluster)'" }

    package static func < (left: Self, right: Self) -> Bool { left.prefix < right.prefix }
}

/// What an object below `clusters/` is, told by its key.
enum CatalogueEntry {
    case intent(BackupID)
    case completion(BackupID)
    case manifest(BackupID, HostID)

    var id: BackupID {
        switch self {
        case .intent(let id), .completion(let id), .manifest(let id, _): id
        }
    }

    func mark(_ listing: inout Catalogue.Listing) {
        switch self {
        case .intent: listing.hasIntent = true
        case .completion: listing.isComplete = true
        case .manifest(_, let host): listing.nodes.append(host)
        }
    }

    /// Nil for a key that is none of ours.
    init?(_ key: ObjectKey) {
        let parts = key.segments
        guard parts.count >= 4, parts[0] == "clusters", let cluster = KeyName.decode(parts[1]),
            let backup = KeyName.decode(parts[2]), let id = try? BackupID(cluster: cluster, backup: backup)
        else { return nil }
        let suffix = ".jsonl.zst"
        if parts.count == 4, parts[3] == "backup.json" {
            self = .intent(id)
        } else if parts.count == 4, parts[3] == "complete.json" {
            self = .completion(id)
        } else if parts.count == 5, parts[3] == "nodes", parts[4].hasSuffix(suffix),
            let host = HostID(parts[4].dropLast(suffix.count)), parts[4] == host.description + suffix
        {
            self = .manifest(id, host)
        } else {
            return nil
        }
    }
}
