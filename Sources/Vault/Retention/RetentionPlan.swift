/// Which backups of one cluster go, and why the others stay: decided without looking at anything else.
package struct RetentionPlan: Sendable, Hashable {
    /// A backup as the plan sees it.
    package struct Candidate: Sendable, Hashable {
        package let id: BackupID
        package let isComplete: Bool
        package let started: Timestamp
        /// Seconds since anything was added to it, by the store's clock.
        package let idleSeconds: Int64

        package init(id: BackupID, isComplete: Bool, started: Timestamp, idleSeconds: Int64) {
            self.id = id
            self.isComplete = isComplete
            self.started = started
            self.idleSeconds = idleSeconds
        }
    }

    package struct Verdict: Sendable, Hashable {
        package let id: BackupID
        package let isComplete: Bool
        package let started: Timestamp
        package let isKept: Bool
        /// The rules that keep it, or why it goes.
        package let reason: String
    }

    /// In order of their beginning.
    package let verdicts: [Verdict]

    /// - Parameters:
    ///   - candidates: of one cluster.
    ///   - policy: for complete backups.
    ///   - incompleteAge: an incomplete backup goes when it is older than the newest complete one, and nothing was added
    ///     to it for so long: a node may still be at work on it.
    ///   - mayDeleteLast: whether the last complete backup may go.
    package init(
        _ candidates: [Candidate],
        _ policy: RetentionPolicy,
        incompleteAge: Duration,
        mayDeleteLast: Bool = false
    ) {
        let ordered = candidates.sorted { ($0.started, $0.id) < ($1.started, $1.id) }
        let complete = ordered.filter(\.isComplete)
        let reasons = policy.reasons(complete.map(\.started))
        let isLastAtStake = !mayDeleteLast && reasons.allSatisfy(\.isEmpty)
        let newest = complete.last
        var found = zip(complete, reasons).makeIterator()
        verdicts = ordered.map { candidate in
            func verdict(_ isKept: Bool, _ reason: String) -> Verdict {
                Verdict(
                    id: candidate.id,
                    isComplete: candidate.isComplete,
                    started: candidate.started,
                    isKept: isKept,
                    reason: reason
                )
            }
            guard candidate.isComplete else {
                guard let newest, candidate.started < newest.started else {
                    return verdict(true, "incomplete, and no complete backup is newer")
                }
                guard Duration.seconds(candidate.idleSeconds) >= incompleteAge else {
                    return verdict(true, "incomplete, and may still be at work")
                }
                return verdict(false, "incomplete, and '\(newest.id.backup)' is newer")
            }
            let reasons = found.next()?.1 ?? []
            if !reasons.isEmpty { return verdict(true, reasons.joined(separator: ", ")) }
            if isLastAtStake, candidate == newest { return verdict(true, "the last complete backup") }
            return verdict(false, "no rule keeps it")
        }
    }
}
