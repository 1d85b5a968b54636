internal import ObjectStorage

/// Which blobs of one manifest stand in lists of condemned blobs, and which generations of their contents do.
package struct ListedNames: Sendable {
    private var names: Set<BlobName> = []
    /// The highest generation of a content that any list names.
    private var generations: [ContentName: Int] = [:]

    init() {}

    package var isEmpty: Bool { names.isEmpty }
    package var count: Int { names.count }

    /// Whether a list names it: it may be deleted at any moment, or be gone.
    package func contains(_ name: BlobName) -> Bool { names.contains(name) }

    /// The generation under which this content may be stored: one that no list names, as far as is known.
    ///
    /// Of contents that the manifest did not name nothing is known; the next check tells.
    package func nextGeneration(of content: ContentName) -> Int { generations[content].map { $0 + 1 } ?? 0 }

    /// - Parameter isOwn: whether the manifest names exactly this generation and format.
    mutating func add(_ name: BlobName, isOwn: Bool) {
        generations[name.content] = max(generations[name.content] ?? 0, name.generation)
        if isOwn { names.insert(name) }
    }
}

extension CondemnedLists {
    /// Compares `own` with every list, done or not.
    ///
    /// - Parameter own: ascending, each once.
    /// - Throws: `VaultError` naming a list that cannot be read: then nothing can be said of any name.
    func listed(among own: [CompactName]) async throws -> ListedNames {
        var listed = ListedNames()
        guard !own.isEmpty else { return listed }
        for entry in try await all().entries {
            guard let list = entry.list else { continue }
            do {
                try await compare(own, with: list, id: entry.id, &listed)
            } catch let error as StoreError where error.code == .notFound {
                // Removed meanwhile, so done for longer than any evidence is good for.
                continue
            }
        }
        return listed
    }

    /// Both ascend: one pass.
    private func compare(
        _ own: [CompactName],
        with list: ObjectInfo,
        id: String,
        _ listed: inout ListedNames
    ) async throws {
        var reader = try await CondemnedListReader.open(vault, list, id: id)
        var index = 0
        while let (name, _) = try reader.next() {
            while index < own.count, own[index] < name, !own[index].hasSameContent(as: name) { index += 1 }
            // Of one content there are few generations.
            var other = index
            var isKnown = false
            var isOwn = false
            while other < own.count, own[other].hasSameContent(as: name) {
                isKnown = true
                if own[other] == name { isOwn = true }
                other += 1
            }
            if isKnown { listed.add(name.name, isOwn: isOwn) }
        }
    }
}
