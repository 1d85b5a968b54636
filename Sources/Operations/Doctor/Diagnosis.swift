/// What a store has been found to honour.
package struct Diagnosis: Sendable, Hashable, Codable {
    /// How people name the store.
    package let location: String
    /// One for each check, in their order.
    package let findings: [Finding]
    /// Keys of what doctor made and could not remove.
    package let leftovers: [String]

    /// Whether a vault can be kept there: nothing failed.
    package var isSafe: Bool { !findings.contains { $0.result == .failed } }

    package func finding(_ check: Check) -> Finding? { findings.first { $0.check == check } }

    /// - Throws: `RunError` if a vault cannot be safe there.
    package func check() throws(RunError) {
        let failed = findings.filter { $0.result == .failed }
        guard !failed.isEmpty else { return }
        let first = failed[0]
        let more = failed.count > 1 ? ", and \(failed.count - 1) checks more" : ""
        throw RunError(.failed, "keep a vault in", location, "\(first.check.rawValue): \(first.found)\(more)")
    }
}
