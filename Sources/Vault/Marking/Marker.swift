internal import ObjectStorage
internal import TransferEngine

/// Reads manifests for the names of their blobs.
struct Marker: Sendable {
    /// Names that a reader gathers before it hands them over.
    private static let batch = 4096

    let vault: Vault
    let space: MarkingSpace

    /// What live manifests name, and those in the trash.
    ///
    /// The live ones first: a deletion copies a manifest into the trash before it removes it, so one that is met in
    /// neither place was published after this began, or purged.
    ///
    /// - Throws: `VaultError` naming the first object that cannot be understood: what it names is not known then, and
    ///   nothing may be deleted.
    func everything() async throws -> (names: SortedNames, manifests: Int) {
        let sorter = space.sorter()
        var manifests = 0
        for root in [BackupID.root, Trash.root] {
            manifests += try await mark(try await keys(below: root), into: sorter)
        }
        return (try await sorter.finish(), manifests)
    }

    /// What the manifests at these keys name.
    ///
    /// - Returns: how many manifests there were; one that is gone by now is passed over.
    func mark(_ manifests: [ManifestPlace], into sorter: NameSorter) async throws -> Int {
        guard space.width > 1 else {
            for place in manifests { try await mark(place, into: sorter) }
            return manifests.count
        }
        let slots = Slots(space.width)
        try await withThrowingDiscardingTaskGroup { group in
            for place in manifests {
                try await slots.wait()
                if group.isCancelled {
                    try Task.checkCancellation()
                    return  // by the error of a task, which the group throws
                }
                group.addTask {
                    defer { slots.signal() }
                    try await mark(place, into: sorter)
                }
            }
        }
        return manifests.count
    }

    /// The manifests below `clusters/` or `trash/`.
    func keys(below root: String) async throws -> [ManifestPlace] {
        var places: [ManifestPlace] = []
        try await vault.store.forEachObject(prefix: root) { object in
            let home = Trash.home(of: object.key) ?? object.key
            switch CatalogueEntry(home) {
            case .manifest: places.append(ManifestPlace(home: home, key: object.key))
            case .intent, .completion: break
            case nil:
                throw VaultError(
                    .unsupported,
                    "collect with",
                    object.key.description,
                    "this program does not know what it is, and it may name blobs: use a newer ringvault, or remove it "
                        + "if it is no part of the vault"
                )
            }
        }
        return places
    }

    private func mark(_ place: ManifestPlace, into sorter: NameSorter) async throws {
        var names: [CompactName] = []
        do {
            var reader = try await ManifestReader.open(vault, key: place.home, storedAt: place.key)
            while let line = try await reader.next() {
                guard case .group(let group) = line else { continue }
                for file in group.files {
                    for piece in file.pieces {
                        let name = try piece.blob.compact
                        if name != names.last { names.append(name) }
                    }
                }
                guard names.count >= Self.batch else { continue }
                try await sorter.add(names)
                names.removeAll(keepingCapacity: true)
            }
        } catch let error as StoreError where error.code == .notFound {
            return  // deleted meanwhile
        } catch let error as VaultError where error.code == .notFound {
            return
        }
        try await sorter.add(names)
    }
}

/// A manifest, and where it lies: at home or in the trash.
struct ManifestPlace: Sendable {
    let home: ObjectKey
    let key: ObjectKey
}
