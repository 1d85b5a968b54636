/// One program with one way to use it: steps that follow each other in one empty directory.
struct Contender: Sendable {
    let tool: Tool
    var name: String
    var environment: [String: String] = [:]
    /// Commands that are not measured, such as making a repository.
    var preparation: [[String]] = []
    var steps: [Step]
    /// Less work than all, or fewer rounds than the others, for one that would take all the time.
    var share: Share?

    /// One command that is measured.
    struct Step: Sendable {
        var job: Job
        var arguments: [String]
        /// Commands before it that are not measured.
        var before: [[String]] = []
        /// Commands after it that are not measured, before its results are looked at.
        var after: [[String]] = []
        /// Where its result is looked for: what is stored must grow there.
        var stores: Place?
        /// Whether the step is of no worth unless it stores as many bytes as the data have.
        var mustStoreAll = false
        /// The directory that must now hold the data's files again.
        var restores: String?
        /// The tag of the snapshot they are compared with, if it is not the section's.
        var snapshot: String?
        /// Names of files that the program leaves out of its backups by design.
        var leavesOut: [String] = []
        /// Whether its standard output is Ringvault's JSON, which tells how much it read.
        var tellsReading = false
        /// Where it lies on the axis of the section, if that has one.
        var x: Double?
    }

    /// Where something was stored.
    enum Place: Sendable {
        case directory(String)
        /// Objects whose names begin so, on the section's server.
        case prefix(String)
    }

    struct Share: Sendable {
        /// In words: `5,000 of the files`.
        let reason: String
        var files: Int?
        var bytes: Int?
        /// At most so many rounds.
        var rounds: Int?
    }
}
