internal import ObjectStorage

/// Deletes backups by a retention policy, cluster by cluster; they go to the trash.
///
/// A node that has left the ring keeps its part in the backups that it took part in, and goes with them.
package struct Pruning: Sendable {
    package static let defaultIncompleteAge = Duration.seconds(7 * 86400)

    private let vault: Vault

    package init(_ vault: Vault) { self.vault = vault }

    /// What would be done.
    ///
    /// - Parameter cluster: only this one; nil: every cluster by itself.
    /// - Returns: a plan for each cluster, in order of their names.
    package func plans(
        ofCluster cluster: String?,
        _ policy: RetentionPolicy,
        incompleteAge: Duration,
        mayDeleteLast: Bool,
        now: Int64? = nil
    ) async throws -> [RetentionPlan] {
        let newest = try await newestObjects(ofCluster: cluster)
        guard !newest.isEmpty else { return [] }
        let now = if let now { now } else { try await CondemnedLists(vault).storeTime() }
        var candidates: [String: [RetentionPlan.Candidate]] = [:]
        for summary in try await Catalogue(vault).summaries(ofCluster: cluster) {
            let id = try BackupID(cluster: summary.cluster, backup: summary.backup)
            guard let touched = newest[id] else { continue }  // begun since
            candidates[summary.cluster, default: []].append(
                RetentionPlan.Candidate(
                    id: id,
                    isComplete: summary.state == .complete,
                    started: summary.started ?? Timestamp(seconds: touched),
                    idleSeconds: max(0, now - touched)
                )
            )
        }
        let order = candidates.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        return order.compactMap { candidates[$0] }.map {
            RetentionPlan($0, policy, incompleteAge: incompleteAge, mayDeleteLast: mayDeleteLast)
        }
    }

    /// - Throws: `VaultError` with code `.retained` if `id` is the only complete backup of its cluster.
    package func checkNotLast(_ id: BackupID) async throws {
        let complete = try await Catalogue(vault).summaries(ofCluster: id.cluster).filter { $0.state == .complete }
        guard complete.count == 1, complete[0].backup.utf8.elementsEqual(id.backup.utf8) else { return }
        throw VaultError(
            .retained,
            "delete",
            "\(id)",
            "it is the last complete backup of its cluster; --force deletes it all the same"
        )
    }

    /// When anything was added to each backup last, by the store's clock.
    private func newestObjects(ofCluster cluster: String?) async throws -> [BackupID: Int64] {
        var newest: [BackupID: Int64] = [:]
        let prefix = try cluster.map { name throws(VaultError) in try BackupID.prefix(ofCluster: name) }
        try await vault.store.forEachObject(prefix: prefix ?? BackupID.root) { object in
            guard let id = CatalogueEntry(object.key)?.id else { return }
            newest[id] = max(newest[id] ?? object.modified, object.modified)
        }
        return newest
    }
}
