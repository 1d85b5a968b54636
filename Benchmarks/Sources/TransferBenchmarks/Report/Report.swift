internal import Limits
internal import MachineFacts

/// Everything that one run found; what is written as JSON.
struct Report: Codable {
    /// Rises when a field changes its meaning.
    var format = 2
    let date: String
    /// Of the working copy, with `-dirty` if it was changed since.
    let commit: String
    let machine: MachineFacts
    /// Load of the machine just before and after: more than its own share means that others were at work.
    let loadBefore: Double
    var loadAfter: Double
    /// How often everything was measured that says nothing else.
    let rounds: Int
    /// Whether the run came to its end; else the rest is missing.
    var isComplete = false
    /// What was asked for on the command line.
    let options: String
    /// What each program says of its version, by its name.
    var versions: [String: String] = [:]
    /// Programs that are not there, so not measured, each with the reason.
    var missing: [String] = []
    /// What went wrong or was left out, and why.
    var notes: [String] = []
    /// The goals, and what came of them.
    var verdicts: [Verdict] = []
    /// What each stage of a backup costs at least on this machine; nil if that was not measured.
    var limits: Limits?
    var sections: [Section] = []

    func section(_ name: String) -> Section? { sections.first { $0.name == name } }
}
