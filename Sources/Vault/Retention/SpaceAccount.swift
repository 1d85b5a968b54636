internal import ObjectStorage

/// What deleting some backups would free: blobs that no other backup names, once the trash is purged and collected.
package struct SpaceAccount: Sendable, Hashable, Codable {
    /// Named by the doomed alone.
    package var freed = CollectionReport.Blobs()
    /// Named by the doomed and by others.
    package var shared = CollectionReport.Blobs()

    package init() {}

    /// Reads every manifest of the vault and lists its blobs; sorted on disk, so that memory does not grow with either.
    package static func of(_ doomed: Set<BackupID>, in vault: Vault, space: MarkingSpace) async throws -> SpaceAccount {
        let marker = Marker(vault: vault, space: space)
        let places = try await marker.keys(below: BackupID.root)
        func isDoomed(_ place: ManifestPlace) -> Bool {
            CatalogueEntry(place.home).map { doomed.contains($0.id) } ?? false
        }
        let sorters = (doomed: space.sorter(), others: space.sorter())
        _ = try await marker.mark(places.filter(isDoomed), into: sorters.doomed)
        let names = try await sorters.doomed.finish()
        _ = try await marker.mark(places.filter { !isDoomed($0) }, into: sorters.others)
        var account = SpaceAccount()
        var walk = BlobWalk(beside: [names, try await sorters.others.finish()])
        try await walk.run(vault) { blob, membership in
            guard membership[0] else { return }
            if membership[1] { account.shared.add(blob.size) } else { account.freed.add(blob.size) }
        }
        return account
    }
}
