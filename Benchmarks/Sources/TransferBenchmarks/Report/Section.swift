extension Report {
    /// What several contenders did with one set of files.
    struct Section: Codable {
        /// One word that stays the same from report to report, as `local-large`.
        let name: String
        let title: String
        /// What is measured and what is not, in a few sentences.
        let about: String
        /// Of the data.
        var files: Int
        var bytes: Int
        /// What `Line.x` counts, if each line is a point of a curve: `10⁹ bytes`, `files`.
        var axis: String?
        /// How long all of it took, data and what is not measured included.
        var seconds = 0.0
        var lines: [Line] = []

        /// The line of this contender and job.
        func line(_ contender: String, _ job: Job) -> Line? {
            lines.first { $0.contender == contender && $0.job == job }
        }
    }

    /// One job of one contender over all rounds.
    struct Line: Codable {
        /// The program: `s5cmd`.
        let peer: String
        /// The program as it is set: `s5cmd, concurrency 10`.
        let contender: String
        let job: Job
        /// The whole command; `$DIR` is the directory of the run.
        let command: String
        /// What it finds in its environment beside the user's; no secrets.
        let environment: [String: String]
        /// What it has to do: of the section's data, or less.
        let files: Int
        let bytes: Int
        /// Why that is less than all, or fewer rounds.
        var share: String?
        /// Where the line lies on the section's axis.
        var x: Double?
        /// A round each.
        var usages: [Usage] = []
        /// Bytes that the step added to where it stores, a round each; nothing where nothing is stored.
        var stored: [Int] = []
        /// What a server got, a round each; nothing where it cannot be counted.
        var requests: [Requests] = []
        /// What the program says that it read of the data; nil where it was not asked.
        var readBytes: Int?
        /// What went wrong; there are no more rounds after that.
        var failure: String?

        var wall: Spread? { Spread(usages.map(\.wall)) }
        var cpu: Spread? { Spread(usages.map(\.cpu)) }
        var peakMemory: Spread? { Spread(usages.map { Double($0.peakMemory) }) }
        var storedBytes: Spread? { Spread(stored.map(Double.init)) }
    }
}
