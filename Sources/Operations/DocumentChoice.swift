package import Vault

/// Which document of a backup is meant, where several nodes have one of its name.
package struct DocumentChoice: Sendable {
    /// What is written before the statements of tables where there is no `schema.cql`.
    package static let substitute =
        "-- This backup has no schema.cql: nobody asked the node in CQL. These are the statements that the snapshots of its\n"
        + "-- tables had; those that make their keyspaces are not among them.\n\n"

    package struct Chosen: Sendable {
        package let host: HostID
        package let document: ManifestDocument
        /// Whether it was put together from the tables' own statements.
        package let isSubstitute: Bool
    }

    private let vault: Vault
    private let listing: Catalogue.Listing
    private let host: HostID?

    /// - Parameter host: nil: any node of the backup.
    /// - Throws: `RunError` with code `.notFound` for a node that is not in the backup.
    package init(_ vault: Vault, _ listing: Catalogue.Listing, host: HostID?) throws {
        self.vault = vault
        self.listing = listing
        self.host = host
        guard listing.nodes.isEmpty || host.map({ !listing.nodes.contains($0) }) ?? false else { return }
        let there = listing.nodes.map(\.description).joined(separator: ", ")
        throw RunError(
            .notFound,
            "read the documents of",
            "\(listing.id)",
            there.isEmpty ? "no node has finished it" : "node \(host?.description ?? "") has no part in it: \(there)"
        )
    }

    private var hosts: [HostID] { host.map { [$0] } ?? listing.nodes }

    /// What every node has.
    package func all() async throws -> [BackupDocuments] {
        var all: [BackupDocuments] = []
        for host in hosts { all.append(try await BackupDocuments.of(host, in: listing.id, vault)) }
        return all
    }

    /// The document of that name.
    ///
    /// - Throws: `RunError`: `.notFound`, with the names there are; `.invalid` if nodes have different ones.
    package func document(_ name: String) async throws -> Chosen {
        var found: Chosen?
        var names: Set<String> = []
        for host in hosts {
            let documents = try await BackupDocuments.of(host, in: listing.id, vault)
            names.formUnion(documents.documents.map(\.name))
            guard let text = documents.text(name) else { continue }
            if let found, found.document.text != text {
                throw RunError(
                    .invalid,
                    "choose",
                    name,
                    "nodes \(found.host) and \(host) have different ones: say --host-id"
                )
            }
            found =
                found
                ?? Chosen(
                    host: host,
                    document: ManifestDocument(name: name, text: text),
                    isSubstitute: false
                )
        }
        if let found { return found }
        if name == ManifestDocument.statements, let made = try await substitute() { return made }
        throw RunError(
            .notFound,
            "find the document",
            name,
            names.isEmpty
                ? "the backup has none: the node was not asked when it was made"
                : "the backup has \(names.sorted().joined(separator: ", "))"
        )
    }

    /// Views stand behind tables, and what several tables' statements have in common stands there once.
    private func substitute() async throws -> Chosen? {
        guard let host = hosts.first else { return nil }
        var texts: [String] = []
        for host in hosts {
            for text in try await BackupDocuments.tableStatements(of: host, in: listing.id, vault)
            where !texts.contains(text) {
                texts.append(text)
            }
        }
        guard !texts.isEmpty else { return nil }
        let views = texts.filter(Self.isView)
        let ordered = texts.filter { !Self.isView($0) } + views
        let text = Self.substitute + ordered.map { $0.hasSuffix("\n") ? $0 : $0 + "\n" }.joined(separator: "\n")
        return Chosen(
            host: host,
            document: ManifestDocument(name: ManifestDocument.statements, text: text),
            isSubstitute: true
        )
    }

    private static func isView(_ text: String) -> Bool { text.hasPrefix("CREATE MATERIALIZED VIEW") }
}
