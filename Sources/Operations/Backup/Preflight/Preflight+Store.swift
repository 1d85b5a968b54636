internal import Cassandra
internal import ObjectStorage
internal import TransferEngine
internal import Vault

extension Preflight {
    /// The first segment of the object that is put and removed; no vault has one like it.
    private static let corner = ".ringvault-preflight"

    func store(
        _ vault: Result<Vault?, any Error>,
        _ facts: NodeFacts?,
        _ ring: RingState?
    ) async -> [PreflightFinding] {
        let opened: Vault?
        do { opened = try vault.get() } catch {
            return [
                PreflightFinding(.store, .failed, "\(error)"),
                PreflightFinding(.cluster, .notTried, "the vault cannot be opened"),
            ]
        }
        guard let opened else {
            return [
                PreflightFinding(.store, .ok, "there is no vault yet: the first backup makes one"),
                PreflightFinding(.cluster, .ok, "there is no backup yet"),
            ]
        }
        return [await writing(opened, facts), await cluster(opened, facts, ring)]
    }

    /// Puts an object of a few bytes, and removes it.
    private func writing(_ vault: Vault, _ facts: NodeFacts?) async -> PreflightFinding {
        let store = vault.store
        guard vault.canRead else {
            // Such a key may put what is new, and remove nothing.
            return PreflightFinding(.store, .notTried, "the key is for writing only: seen when the backup begins")
        }
        let tidy = await store.probe?.tidier(for: Self.corner)
        let key: ObjectKey
        do throws(StoreError) {
            key = try Self.key(facts)
            _ = try await store.put(document: Array("ringvault\n".utf8), at: key, .always)
        } catch {
            return PreflightFinding(.store, .failed, "\(error)", "'ringvault doctor' tells what the store honours")
        }
        let isRemoved = (try? await store.delete([key]))?.isEmpty ?? false
        await tidy?()
        guard isRemoved else {
            return PreflightFinding(
                .store,
                .warning,
                "\(store.location) can be written to, but nothing can be removed: \(key) stays",
                "backups work; collection does not"
            )
        }
        return PreflightFinding(.store, .ok, "\(store.location) can be written to")
    }

    private static func key(_ facts: NodeFacts?) throws(StoreError) -> ObjectKey {
        let name = "\(corner)/\(facts.flatMap { HostID($0.hostID) }?.description ?? "node")"
        do throws(ObjectKeyError) {
            return try ObjectKey(name)
        } catch {
            throw StoreError(.refused, "name", name, cause: error)
        }
    }

    // MARK: Whose backups they are

    /// Manifests that are read for their tokens, at most.
    private static let mostRead = 32

    /// Many rings are called "Test Cluster".
    ///
    /// A vault that has backups of one must not get another's under the same name: a
    /// restore would mix them.
    private func cluster(_ vault: Vault, _ facts: NodeFacts?, _ ring: RingState?) async -> PreflightFinding {
        guard let facts else { return PreflightFinding(.cluster, .notTried, Self.silent) }
        let name = told.cluster ?? facts.clusterName
        guard vault.canRead else {
            return PreflightFinding(
                .cluster,
                .notTried,
                "the key is for writing only: whose backups there are is not known"
            )
        }
        do {
            let catalogue = Catalogue(vault)
            let backups = try await catalogue.backups(ofCluster: name).filter { !$0.nodes.isEmpty }
            guard !backups.isEmpty else {
                return PreflightFinding(.cluster, .ok, "the first backup of cluster '\(name)' in this vault")
            }
            let known = Set(backups.flatMap(\.nodes).map(\.description))
            let own = Set(([facts.hostID] + (ring?.members.compactMap(\.hostID) ?? [])).map { $0.lowercased() })
            if !known.isDisjoint(with: own) {
                return PreflightFinding(.cluster, .ok, "\(backups.count) backups of cluster '\(name)', of these nodes")
            }
            if try await hasTokens(of: facts, vault, backups) {
                return PreflightFinding(
                    .cluster,
                    .ok,
                    "backups of cluster '\(name)' are of other host ids with the same tokens: the ring made anew"
                )
            }
            let strangers = known.sorted().prefix(3).joined(separator: ", ")
            if adoptsCluster {
                return PreflightFinding(
                    .cluster,
                    .warning,
                    "backups of cluster '\(name)' are of other nodes (\(strangers)); taken all the same"
                )
            }
            return PreflightFinding(
                .cluster,
                .failed,
                "the backups of cluster '\(name)' in this vault are of other nodes with other tokens (\(strangers))",
                "two rings can have one name: choose another vault, or say --adopt-cluster if it is the same cluster"
            )
        } catch {
            return PreflightFinding(.cluster, .failed, "\(error)")
        }
    }

    /// Whether some manifest of the last backups is of a node with exactly these tokens.
    private func hasTokens(of facts: NodeFacts, _ vault: Vault, _ backups: [Catalogue.Listing]) async throws -> Bool {
        guard !facts.tokens.isEmpty else { return false }
        var keys: [ObjectKey] = []
        for backup in backups.reversed() {
            for node in backup.nodes where keys.count < Self.mostRead { keys.append(try backup.id.manifestKey(node)) }
        }
        for key in keys {
            var reader = try await ManifestReader.open(vault, key: key, fetchSize: 64 << 10)
            while case .document(let document)? = try await reader.next() {
                guard document.name == ManifestDocument.node,
                    let record = try? NodeRecord(document: document.text)
                else { continue }
                if record.tokens.sorted() == facts.tokens.sorted() { return true }
                break
            }
        }
        return false
    }
}
