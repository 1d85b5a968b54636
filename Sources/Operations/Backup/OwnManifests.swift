internal import ObjectStorage
internal import SystemPackage
package import TransferEngine
package import Vault

/// The last manifest that this node has published, kept on this host: for a node that may write into an encrypted vault and
/// not read from it.
///
/// Below the state directory, `manifests/<vault id>/`, it lies as in the vault, and is not encrypted: it says of files what the
/// node's disk says as well. It is evidence that blobs exist, which grows old (`Publication.evidenceLife`).
package struct OwnManifests: Sendable {
    /// How long it is trusted, in seconds: what is left of the evidence's life is for the run that relies on it.
    static let trusted: Int64 = 14 * 24 * 3600
    /// Seconds that a clock may have been set back since.
    private static let tolerance: Int64 = 24 * 3600

    private let mirror: Vault
    private let store: FileStore

    /// Blocks.
    package init(in state: StateDirectory, of vault: Vault, io: IOExecutor) throws(FileError) {
        let id = vault.description.id
        let name = StateDirectory.isName(id) ? id : SHA256.digest(of: Array(id.utf8).span).description
        store = FileStore(root: try state.directory("manifests", name), io: io)
        mirror = vault.plainMirror(in: store)
    }

    /// The last one of `host` in the cluster of `id`, and of another backup; nil if there is none that can be trusted.
    ///
    /// - Throws: `VaultError` with code `.damaged` for one that was changed.
    func latest(of host: HostID, besides id: BackupID) async throws -> ManifestReader? {
        guard let key = try await Catalogue(mirror).latestManifest(of: host, besides: id) else { return nil }
        let reader = try await ManifestReader.open(mirror, key: key)
        let age = Timestamp.now.seconds - reader.header.started.seconds
        guard (-Self.tolerance...Self.trusted).contains(age) else { return nil }
        return reader
    }

    /// Keeps a manifest that was published, in place of those before it.
    func keep(_ manifest: [UInt8], of id: BackupID, host: HostID) async throws {
        let key = try id.manifestKey(host)
        _ = try await store.put(document: manifest, at: key, .always)
        var older: [ObjectKey] = []
        let prefix = key.segments.prefix(2).joined(separator: "/") + "/"
        try await store.forEachObject(prefix: prefix) { object in
            if object.key != key, object.key.segments.last == key.segments.last { older.append(object.key) }
        }
        _ = try await store.delete(older)
    }
}
