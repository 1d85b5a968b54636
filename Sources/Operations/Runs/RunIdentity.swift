package import SystemPackage
internal import TransferEngine

/// Which backup or restore a run is: the same on every start of the same command, so that one goes on where another was,
/// and no two are at work at one time.
package struct RunIdentity: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable, Codable {
        case backup
        case restore
    }

    package let kind: Kind
    /// The backup's name.
    package let name: String
    /// Nil where a restore leaves it open.
    package let cluster: String?
    package let host: String?
    /// Of the store, as people name it, without secrets.
    package let location: String
    /// Where a restore goes; none for a backup.
    package let targets: [FilePath]

    package init(
        _ kind: Kind,
        name: String,
        cluster: String?,
        host: String?,
        location: String,
        targets: [FilePath] = []
    ) {
        self.kind = kind
        self.name = name
        self.cluster = cluster
        self.host = host
        self.location = location
        self.targets = targets
    }

    /// A short name for files: `backup-3e2816e0e53811f1`.
    package var id: String {
        let parts = [name, cluster ?? "", host ?? "", location] + targets.map(\.string)
        let text = Array(parts.map { "\($0.utf8.count):\($0)" }.joined().utf8)
        return "\(kind.rawValue)-\(SHA256.digest(of: text.span).description.prefix(16))"
    }
}
