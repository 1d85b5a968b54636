package import Vault

/// What a verification has found.
package struct VerificationReport: Sendable {
    /// A damaged object, and who suffers from it.
    package struct Problem: Sendable, Hashable, Codable {
        /// A place where a file is that cannot be restored.
        package struct Sufferer: Sendable, Hashable, Codable {
            package let cluster: String
            package let backup: String
            package let hostId: HostID?
            /// `shop/orders-3e2816e0e53811f1916b25b74eacdfa4`; nil where the whole node suffers.
            package let table: String?
            /// Below the table's directory.
            package let file: String?
        }

        /// Sufferers told by name.
        static let limit = 5

        /// The object's key.
        package let object: String
        /// `missing`, `changed`, `content`, `unreadable`, or `document`.
        package let kind: String
        package let problem: String
        /// The first few.
        package internal(set) var sufferers: [Sufferer] = []
        /// How many there are.
        package internal(set) var backups = 0
        package internal(set) var nodes = 0
        package internal(set) var tables = 0
        package internal(set) var files = 0
    }

    /// Objects of the store that no backup needs.
    package struct Others: Sendable, Hashable, Codable {
        /// Blobs that no manifest names, neither of backups nor of the trash; nil where only a sample was looked at.
        package internal(set) var unreferencedBlobs: Int?
        package internal(set) var unreferencedBytes: Int64?
        /// Keys that are none of a vault's, the first few.
        package internal(set) var strayObjects: [String] = []
        package internal(set) var strayCount = 0
        /// Manifests in the trash, and lists of condemned blobs, all readable unless told otherwise.
        package internal(set) var trashedManifests = 0
        package internal(set) var condemnedLists = 0
    }

    /// Problems told one by one.
    static let limit = 200

    package internal(set) var level: VerificationLevel
    /// The share of blobs that was looked at, 0 to 1.
    package internal(set) var share: Double
    package internal(set) var backups = 0
    package internal(set) var manifests = 0
    package internal(set) var files = 0
    /// Plain bytes of those files.
    package internal(set) var bytes: Int64 = 0
    package internal(set) var blobs = 0
    /// Bytes got from the store.
    package internal(set) var receivedBytes: Int64 = 0
    /// Blobs whose content is right in another frame than a manifest tells.
    package internal(set) var reframedBlobs = 0
    /// Backups that lack the manifest of a node which was expected: `'daily-1' of cluster 'prod': <host id>`.
    package internal(set) var incomplete: [String] = []
    package internal(set) var problems: [Problem] = []
    /// Damaged objects beyond those in `problems`.
    package internal(set) var omittedProblems = 0
    /// Nil unless the whole vault was checked.
    package internal(set) var others: Others?
    package internal(set) var elapsed: Duration = .zero

    package var damagedObjects: Int { problems.count + omittedProblems }

    /// Whether blobs are missing: those can be stored again by the nodes that still have their content.
    package var hasMissingBlobs: Bool { problems.contains { $0.kind == "missing" } }

    mutating func add(_ problem: Problem) {
        if problems.count < Self.limit { problems.append(problem) } else { omittedProblems += 1 }
    }

    /// - Throws: `VaultError` with code `.damaged` if anything is wrong.
    package func check(_ subject: String) throws(VaultError) {
        guard let first = problems.first else { return }
        let others = damagedObjects > 1 ? ", and \(damagedObjects - 1) more" : ""
        throw VaultError(.damaged, "rely on", subject, "\(first.object): \(first.problem)\(others)")
    }
}
