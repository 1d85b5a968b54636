/// What one look before a backup has found.
package struct PreflightFinding: Sendable, Hashable, Codable {
    package enum Result: String, Sendable, Hashable, Codable {
        case ok
        /// The backup goes on; somebody should look.
        case warning
        /// The backup does not begin.
        case failed
        case notTried = "not tried"
    }

    package let check: PreflightCheck
    package let result: Result
    /// A fact, in few words.
    package let found: String
    /// What to do about it; nil where nothing is to be done.
    package let advice: String?

    init(_ check: PreflightCheck, _ result: Result, _ found: String, _ advice: String? = nil) {
        self.check = check
        self.result = result
        self.found = found
        self.advice = advice
    }
}

/// What is looked at before a backup by the node's own snapshot, in the order it is told.
package enum PreflightCheck: String, Sendable, Hashable, Codable, CaseIterable {
    /// Whether it answers.
    case node
    /// Whether it is what the options say.
    case identity
    case mode
    case ring
    /// Whether the nodes agree on the schema.
    case schema
    /// Whether the schema can be read, to be kept.
    case capture
    case directories
    /// Whether the snapshot can be cleared table by table.
    case clearing
    case space
    case store
    /// Whether the backups in the vault are of this cluster.
    case cluster
}

/// All findings of a preflight.
package struct PreflightReport: Sendable, Hashable, Codable {
    /// In the order of `PreflightCheck`.
    package let findings: [PreflightFinding]

    /// Whether a backup may begin.
    package var isPassed: Bool { !findings.contains { $0.result == .failed } }

    package var failures: [PreflightFinding] { findings.filter { $0.result == .failed } }

    /// What someone should look at all the same.
    package var warnings: [String] {
        findings.filter { $0.result == .warning }
            .map { "\($0.check.rawValue): \($0.found)" + ($0.advice.map { "; \($0)" } ?? "") }
    }

    /// - Throws: `RunError` with code `.refused`, naming all that has failed.
    package func check(_ subject: String) throws(RunError) {
        guard !isPassed else { return }
        let reasons = failures.map { "\($0.check.rawValue): \($0.found)" + ($0.advice.map { " (\($0))" } ?? "") }
        throw RunError(.refused, "back up", subject, reasons.joined(separator: "; "))
    }
}
