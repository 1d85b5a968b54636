/// How a collection goes about it.
package struct CollectionOptions: Sendable {
    /// The least time that a list stands before its blobs may be deleted: several times `Publication.window`.
    package static let leastGrace = Duration.seconds(2 * 3600)
    /// The longest: `Publication.evidenceLife` counts on it.
    package static let mostGrace = Duration.seconds(7 * 86400)
    package static let defaultGrace = Duration.seconds(24 * 3600)
    package static let defaultTrashRetention = Duration.seconds(7 * 86400)
    /// As long as a backup that was stopped goes on by its journal.
    package static let defaultSparing = Duration.seconds(14 * 86400)
    /// How long done lists are kept.
    package static let doneRetention = Duration.seconds(30 * 86400)
    /// How long deletions may go on after the marking that they rest on.
    static let sweepWindow = Duration.seconds(12 * 3600)

    /// How long a list stands before its blobs are deleted.
    package var grace = defaultGrace
    /// How long deleted backups can be undeleted.
    package var trashRetention = defaultTrashRetention
    /// Blobs stored more lately than that are not listed, though nobody names them.
    ///
    /// They may be of a backup that is under way, or waits for its next window, and would have to store all of them again.
    /// Safety does not rest on it.
    package var sparing = defaultSparing
    /// Nothing is written or deleted; the report says what would be.
    package var isDryRun = false
    /// Blobs in one list, which is put from memory at about 40 bytes each.
    package var blobsInList = 200_000
    /// Blobs deleted by one call.
    package var blobsInBatch = 1000
    package var space: MarkingSpace

    package init(space: MarkingSpace) { self.space = space }

    /// - Throws: `VaultError` with code `.invalid` for a grace with which the rules would not hold.
    func check() throws(VaultError) {
        guard grace >= Self.leastGrace, grace <= Self.mostGrace else {
            throw VaultError(
                .invalid,
                "collect with",
                "a grace of \(grace / .seconds(3600)) hours",
                "it must be from 2 hours to 7 days: backups rely on it"
            )
        }
    }
}

/// What a collection did, or in a dry run would do.
package struct CollectionReport: Sendable, Hashable, Codable {
    package struct Blobs: Sendable, Hashable, Codable {
        package var blobs = 0
        /// As they lie in the store.
        package var bytes: Int64 = 0

        mutating func add(_ size: Int64) {
            blobs += 1
            bytes &+= size
        }
    }

    package var isDryRun = false
    /// Manifests that were read, live and in the trash; 0 if there was nothing to mark for.
    package var manifests = 0
    /// Blobs in the store, without those deleted now.
    package var stored = Blobs()
    /// Of those, blobs that a backup or the trash names.
    package var named = Blobs()
    /// Deleted backups whose time in the trash was over.
    package var purgedBackups = 0
    package var deleted = Blobs()
    /// What the store did not let go: locked by a retention period, or forbidden.
    package var kept = Blobs()
    /// The store's words for the first of them.
    package var keptReason: String?
    /// Blobs that nobody names, newly listed.
    package var condemned = Blobs()
    /// Blobs that nobody names, spared because they were stored lately.
    package var young = Blobs()
    /// Listed earlier, not to be deleted yet.
    package var waitingLists = 0
    /// When the first list that stands may be swept, by the store's clock; nil if none stands.
    package var nextSweep: Timestamp?
    /// Lists that were swept to their end.
    package var sweptLists = 0
    /// Done lists whose time was over.
    package var removedLists = 0
    /// Objects below `blobs/` that are no blobs; they are left alone.
    package var strays = 0
    package var firstStray: String?

    package init() {}
}
