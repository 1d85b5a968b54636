package import ObjectStorage

/// The publish rule: the one way by which a manifest comes to stand.
///
/// A manifest may name a blob that a collection is about to delete, since the collection could not know of it. So just
/// before it is put, its names are compared with every list of condemned blobs, done ones included; what is found
/// there is stored again under another generation, and the manifest put with that. Why this is enough:
///
/// - A sweep deletes by a list that has stood for `Collector`'s grace before its marking began. A manifest that stands
///   when the marking begins is seen by it.
/// - One that is put later was checked at most `window` before, hence after the list stood: it does not name what the
///   list names.
/// - What the check did not find was there when the run learnt of it (`evidenceLife`), and lists are kept for longer
///   after the last deletion by them: whatever was deleted since is listed.
///
/// Time is measured by this process's monotonic clock, and only how long something took.
package struct Publication: Sendable {
    /// The longest time between check and put: well below the least grace of a collection, so that neither a put that
    /// takes long nor the inaccuracy of a store's clock uses up the rest.
    package static let window = Duration.seconds(30 * 60)
    /// How long it may be relied on that a blob exists: below the time that done lists are kept, by more than the
    /// longest grace.
    package static let evidenceLife = Duration.seconds(21 * 86400)
    /// Renewals in a row: each finds what was condemned since the one before.
    private static let mostRounds = 20

    /// Which parts of the rule are kept; all of them, but for tests that show what each is for.
    struct Rules: Sendable {
        var checksLists = true
        var checksAgain = true
    }

    private let vault: Vault
    private let clock: MonotonicClock
    private let rules: Rules
    private let began: Duration
    private let evidenceAge: Duration

    /// To be made when a run begins: before the first look at what the vault has.
    ///
    /// - Parameter evidenceAge: how old the oldest evidence is that the run begins with, such as a journal's.
    package init(_ vault: Vault, evidenceAge: Duration = .zero, clock: MonotonicClock = .machine) {
        self.init(vault, evidenceAge: evidenceAge, clock: clock, rules: Rules())
    }

    init(_ vault: Vault, evidenceAge: Duration, clock: MonotonicClock, rules: Rules) {
        self.vault = vault
        self.clock = clock
        self.rules = rules
        self.evidenceAge = evidenceAge
        began = clock.now
    }

    /// Publishes what `writer` holds.
    ///
    /// - Parameters:
    ///   - totals: what the run has done by the time of the put; the counts of lines are filled in.
    ///   - finished: nil for now.
    ///   - renewal: stores again what is listed.
    /// - Returns: the header as published, and the manifest itself, not encrypted.
    /// - Throws: `VaultError`: `.exists` if the manifest stands already; `.damaged` or `.unsupported` for a list that
    ///   cannot be read; `.stale` if the run took so long that what it reused may be gone. Nothing is published then.
    package func publish(
        _ writer: consuming ManifestWriter,
        at key: ObjectKey,
        totals: @Sendable () -> ManifestHeader.Totals,
        finished: Timestamp? = nil,
        renewing renewal: some BlobRenewing
    ) async throws -> (header: ManifestHeader, manifest: [UInt8]) {
        var writer = consume writer
        for _ in 0..<Self.mostRounds {
            let checked = clock.now
            let age = evidenceAge + (checked - began)
            guard age <= Self.evidenceLife || !rules.checksLists else {
                throw VaultError(
                    .stale,
                    "publish",
                    key.description,
                    "what it reuses was last seen \(age / .seconds(86400)) days ago and may have been collected since; "
                        + "run it again: what is stored is found"
                )
            }
            let listed = rules.checksLists ? try await CondemnedLists(vault).listed(among: writer.names) : ListedNames()
            if !listed.isEmpty {
                writer = try await writer.renewed(by: renewal, listed)
                continue  // new names, and time has passed
            }
            guard clock.now - checked < Self.window || !rules.checksAgain else { continue }
            return try await writer.publish(in: vault, at: key, totals: totals(), finished: finished)
        }
        throw VaultError(
            .stale,
            "publish",
            key.description,
            "blobs that it names were condemned as often as they were stored again; run it again"
        )
    }
}
