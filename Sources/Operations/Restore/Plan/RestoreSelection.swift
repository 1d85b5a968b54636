package import Cassandra
package import ObjectStorage
package import Vault

/// What is known of the node that is restored to, as far as it can be told.
package struct NodeIdentity: Sendable, Hashable {
    package var host: HostID?
    /// In decimal.
    package var tokens: Set<String>?
    /// Who says so: `nodetool`, `system.local in the data directories`.
    package var means: String

    package init(host: HostID? = nil, tokens: Set<String>? = nil, means: String) {
        self.host = host
        self.tokens = tokens
        self.means = means
    }
}

/// Which node's part of which backup is restored.
package struct RestoreSelection: Sendable {
    /// Why it is this node of the backup.
    package enum Reason: Sendable, Hashable {
        /// Somebody named it.
        case named
        /// It is the node that is restored to.
        case sameHost
        /// It had exactly the tokens that the node has which is restored to.
        case sameTokens
        /// The backup has no other, and nothing is known of the node that is restored to.
        case onlyOne
    }

    package let id: BackupID
    package let key: ObjectKey
    package let header: ManifestHeader
    /// What the backup keeps of the node beside its files.
    package let documents: [ManifestDocument]
    /// Its `node.json`; nil where nobody asked the node when it was backed up.
    package let record: NodeRecord?
    package let reason: Reason

    /// The text of a document; nil where the backup has none of that name.
    package func document(_ name: String) -> String? { documents.first { $0.name == name }?.text }

    /// Reads the manifest's header and documents.
    ///
    /// - Throws: `VaultError`; `RunError` with code `.failed` for a `node.json` that cannot be read.
    init(_ id: BackupID, _ host: HostID, _ reason: Reason, in vault: Vault) async throws {
        self.id = id
        self.reason = reason
        key = try id.manifestKey(host)
        var manifest = try await ManifestReader.open(vault, key: key, fetchSize: 256 << 10)
        header = manifest.header
        var documents: [ManifestDocument] = []
        while let line = try await manifest.next(), case .document(let document) = line { documents.append(document) }
        self.documents = documents
        guard let text = documents.first(where: { $0.name == ManifestDocument.node })?.text else {
            record = nil
            return
        }
        do {
            record = try NodeRecord(document: text)
        } catch {
            throw RunError(.failed, "read \(ManifestDocument.node) of", "node \(host) in \(id)", cause: error)
        }
    }

    /// The key of the manifest of one node, which may be left out for a backup of a single one.
    static func key(_ backup: String, cluster: String?, host: HostID?, in vault: Vault) async throws -> ObjectKey {
        let listing = try await Catalogue(vault).find(backup, cluster: cluster)
        return try listing.id.manifestKey(try named(host, of: listing) ?? onlyNode(of: listing))
    }

    /// Finds it: the node that was named; else the one with the identity's host id; else the one with exactly its tokens;
    /// else the only one there is, if nothing is known of the node.
    ///
    /// - Throws: `RunError`: `.notFound` for a node that the backup does not have, `.invalid` where it must be named.
    package static func find(
        _ request: RestoreRequest,
        for identity: NodeIdentity,
        in vault: Vault
    ) async throws -> RestoreSelection {
        let listing = try await Catalogue(vault).find(request.backup, cluster: request.cluster)
        func selection(_ host: HostID, _ reason: Reason) async throws -> RestoreSelection {
            try await RestoreSelection(listing.id, host, reason, in: vault)
        }
        if let named = try named(request.host, of: listing) { return try await selection(named, .named) }
        if let own = identity.host, listing.nodes.contains(own) { return try await selection(own, .sameHost) }
        if let tokens = identity.tokens, !tokens.isEmpty {
            for node in listing.nodes {
                let found = try await selection(node, .sameTokens)
                if found.record.map({ Set($0.tokens) }) == tokens { return found }
            }
        }
        if identity.host == nil, identity.tokens == nil { return try await selection(onlyNode(of: listing), .onlyOne) }
        throw RunError(
            .invalid,
            "restore from",
            "\(listing.id)",
            "this node has the host id \(identity.host.map(\.description) ?? "unknown") (\(identity.means)), and the "
                + "backup has the nodes \(names(listing)): say which with --host-id"
        )
    }

    private static func named(_ host: HostID?, of listing: Catalogue.Listing) throws -> HostID? {
        guard let host, !listing.nodes.contains(host) else { return host }
        throw RunError(.notFound, "restore node \(host) from", "\(listing.id)", found(listing))
    }

    private static func onlyNode(of listing: Catalogue.Listing) throws -> HostID {
        guard listing.nodes.count == 1 else {
            let hint = listing.nodes.isEmpty ? "" : ": say which with --host-id"
            throw RunError(.invalid, "restore from", "\(listing.id)", found(listing) + hint)
        }
        return listing.nodes[0]
    }

    private static func found(_ listing: Catalogue.Listing) -> String {
        listing.nodes.isEmpty ? "no node has finished it" : "it has the nodes \(names(listing))"
    }

    private static func names(_ listing: Catalogue.Listing) -> String {
        listing.nodes.map(\.description).joined(separator: ", ")
    }
}
