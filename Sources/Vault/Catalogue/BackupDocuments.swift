/// The documents of one node's part of a backup: its schema, its settings, its place in the ring.
package struct BackupDocuments: Sendable {
    package let header: ManifestHeader
    /// As the manifest has them.
    package let documents: [ManifestDocument]

    /// Reads the manifest as far as its first table.
    ///
    /// - Throws: `VaultError`, also for a manifest that is damaged so far.
    package static func of(_ host: HostID, in id: BackupID, _ vault: Vault) async throws -> BackupDocuments {
        var reader = try await ManifestReader.open(vault, key: try id.manifestKey(host))
        var documents: [ManifestDocument] = []
        while case .document(let document)? = try await reader.next() { documents.append(document) }
        return BackupDocuments(header: reader.header, documents: documents)
    }

    /// The statements of each table, as its snapshot had them, in the order of the tables; reads the whole manifest.
    ///
    /// What is left of a schema where the backup has none as a document.
    package static func tableStatements(of host: HostID, in id: BackupID, _ vault: Vault) async throws -> [String] {
        var reader = try await ManifestReader.open(vault, key: try id.manifestKey(host))
        var texts: [String] = []
        while let line = try await reader.next() {
            if case .table(let table) = line, let schema = table.schema { texts.append(schema) }
        }
        return texts
    }

    /// By bytes, as a manifest tells names apart.
    package func text(_ name: String) -> String? {
        documents.first { $0.name.utf8.elementsEqual(name.utf8) }?.text
    }
}
