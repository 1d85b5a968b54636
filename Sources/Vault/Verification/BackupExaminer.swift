internal import ObjectStorage

/// Reads the documents of backups to their ends, compares them with each other, and hands out what manifests name.
package struct BackupExaminer: Sendable {
    private let vault: Vault

    package init(_ vault: Vault) {
        self.vault = vault
    }

    /// - Parameters:
    ///   - host: only this node's manifest.
    ///   - visit: called for every group, also of a manifest that turns out to be damaged further on.
    /// - Throws: `StoreError` where the store cannot be reached, and what `visit` throws.
    package func examine(
        _ listing: Catalogue.Listing,
        host: HostID? = nil,
        visit: (ManifestHeader, ManifestGroup) throws -> Void
    ) async throws -> BackupFindings {
        var findings = BackupFindings(id: listing.id)
        let expected = try await expectedNodes(of: listing, &findings)
        let standing = Set(listing.nodes)
        findings.missingNodes = (expected ?? []).filter { !standing.contains($0) && (host ?? $0) == $0 }
        for node in listing.nodes where (host ?? node) == node {
            let key = try listing.id.manifestKey(node)
            let reason = try await Self.fault { try await read(ManifestPlace(home: key, key: key), &findings, visit) }
            if let reason { findings.faults.append(DocumentFault(key, backup: listing.id, host: node, reason)) }
        }
        if listing.isComplete { try await checkCompletion(of: listing, host: host, &findings) }
        return findings
    }

    /// Reads the manifests of deleted backups, which `undelete` publishes again.
    ///
    /// - Parameter visit: called for every group.
    package func examineTrash(
        visit: (ManifestHeader, ManifestGroup) throws -> Void
    ) async throws -> (manifests: Int, faults: [DocumentFault]) {
        var places: [ManifestPlace] = []
        try await vault.store.forEachObject(prefix: Trash.root) { object in
            guard let home = Trash.home(of: object.key), case .manifest = CatalogueEntry(home) else { return }
            places.append(ManifestPlace(home: home, key: object.key))
        }
        var faults: [DocumentFault] = []
        for place in places {
            guard let entry = CatalogueEntry(place.home) else { continue }
            var findings = BackupFindings(id: entry.id)
            if let reason = try await Self.fault({ try await read(place, &findings, visit) }) {
                faults.append(DocumentFault(place.key, backup: entry.id, reason))
            }
        }
        return (places.count, faults)
    }

    /// Reads the lists of condemned blobs: one that is damaged keeps backups from being published.
    package func examineCondemned() async throws -> (lists: Int, faults: [DocumentFault]) {
        var lists = 0
        var faults: [DocumentFault] = []
        var entries: [CondemnedLists.Entry] = []
        do {
            entries = try await CondemnedLists(vault).all().entries
        } catch let error as VaultError {
            faults.append(DocumentFault(try ObjectKey(error.subject), backup: nil, error.reason))
        }
        for entry in entries {
            guard let list = entry.list else { continue }
            lists += 1
            let reason = try await Self.fault {
                var reader = try await CondemnedListReader.open(vault, list, id: entry.id)
                while try reader.next() != nil {}
                return nil
            }
            if let reason { faults.append(DocumentFault(list.key, backup: nil, reason)) }
        }
        return (lists, faults)
    }

    /// Reads the wrappings of the vault's key: the one that is lost is the one that is needed.
    package func examineKeys() async throws -> [DocumentFault] {
        var faults: [DocumentFault] = []
        for entry in try await KeyRing(vault.store).entries() {
            guard let damage = entry.damage else { continue }
            faults.append(DocumentFault(try KeyWrapping.key(ofID: entry.id), backup: nil, damage))
        }
        return faults
    }

    private func expectedNodes(
        of listing: Catalogue.Listing,
        _ findings: inout BackupFindings
    ) async throws -> [HostID]? {
        // A backup is no less whole without it.
        guard listing.hasIntent else { return nil }
        var intent: BackupIntent?
        let reason = try await Self.fault {
            let found = try await Catalogue(vault).intent(of: listing.id)
            intent = found
            let isOwn =
                found.cluster.utf8.elementsEqual(listing.id.cluster.utf8)
                && found.backup.utf8.elementsEqual(listing.id.backup.utf8)
            return isOwn ? nil : "it is of another backup, copied here"
        }
        if let reason {
            findings.faults.append(DocumentFault(try listing.id.intentKey, backup: listing.id, reason))
        }
        return intent?.expectedNodes
    }

    /// - Returns: what is wrong with the manifest.
    private func read(
        _ place: ManifestPlace,
        _ findings: inout BackupFindings,
        _ visit: (ManifestHeader, ManifestGroup) throws -> Void
    ) async throws -> String? {
        var reader = try await ManifestReader.open(vault, key: place.home, storedAt: place.key)
        let header = reader.header
        findings.headers.append(header)
        var counted = ManifestEnd()
        var sstables = 0
        // What was read counts, also of a manifest that is damaged further on.
        defer { findings.read.add(counted) }
        while let line = try await reader.next() {
            counted.count(line)
            guard case .group(let group) = line else { continue }
            if group.isSSTable { sstables += 1 }
            try visit(header, group)
        }
        let totals = header.totals
        guard totals.tables == counted.tables, totals.sstables == sstables, totals.files == counted.files,
            totals.bytes == counted.bytes
        else { return "its header tells other totals than its lines have" }
        return nil
    }

    /// `complete.json` promises manifests and tells their headers.
    private func checkCompletion(
        of listing: Catalogue.Listing,
        host: HostID?,
        _ findings: inout BackupFindings
    ) async throws {
        let key = try listing.id.completionKey
        let reason = try await Self.fault {
            let told = try await Catalogue(vault).summary(of: listing)
            for node in told.nodes where (host ?? node) == node && !listing.nodes.contains(node) {
                return "it promises the manifest of node \(node), which is not there"
            }
            var totals = ManifestHeader.Totals()
            for header in findings.headers where told.nodes.contains(header.hostId) { totals.add(header.totals) }
            // What could not be read, or was not asked for, cannot be summed up.
            let isWhole = Set(told.nodes).isSubset(of: findings.headers.map(\.hostId))
            return isWhole && totals != told.totals ? "it tells other totals than the manifests" : nil
        }
        if let reason { findings.faults.append(DocumentFault(key, backup: listing.id, reason)) }
    }

    /// What `body` says or throws of an object, in words; errors that are not about the object are thrown.
    static func fault(_ body: () async throws -> String?) async throws -> String? {
        do {
            return try await body()
        } catch let error as VaultError {
            return error.reason
        } catch let error as StoreError {
            switch error.code {
            case .notFound: return "it is not there any more: was the backup deleted meanwhile?"
            case .corrupt, .badRange, .accessDenied, .refused: return "\(error)"
            case .noBucket, .throttled, .unavailable, .outOfSpace, .cancelled: throw error
            }
        }
    }
}

extension ManifestEnd {
    /// Sums over several manifests, which stay at the largest number where they do not fit: they come from the store.
    mutating func add(_ other: Self) {
        func sum<Number: FixedWidthInteger>(_ left: Number, _ right: Number) -> Number {
            let (value, overflows) = left.addingReportingOverflow(right)
            return overflows ? .max : value
        }
        documents = sum(documents, other.documents)
        tables = sum(tables, other.tables)
        groups = sum(groups, other.groups)
        files = sum(files, other.files)
        bytes = sum(bytes, other.bytes)
    }
}
