/// Everything that one run found; what is written as JSON.
struct Report: Codable {
    /// One step of one contender over all rounds.
    struct Line: Codable {
        let contender: String
        let step: String
        var rounds: [Usage] = []
        /// Bytes that the step added to where it stores; nil for a restore.
        var storedBytes: Int?
        /// What the program says that it read of the data; nil where it was not asked.
        var readBytes: Int?
        /// Of the last round, where they can be counted.
        var requests: Requests?
        /// What a distant store saw, a value a round.
        var flows: [DistantStore.Flow] = []
    }

    /// All that was measured on one set of files.
    struct Section: Codable {
        let workload: Workload
        let files: Int
        let bytes: Int
        var lines: [Line] = []
    }

    let date: String
    let commit: String
    let machine: Machine
    /// Load of the machine just before and after: more than its own share means that others were at work.
    var loadBefore: Double
    var loadAfter: Double
    let rounds: Int
    /// What each program says of its version, or that it is missing.
    var versions: [String: String]
    /// What the runner itself had resident at most: no child can show less.
    var runnerMemory: Int
    var sections: [Section] = []

    var markdown: String {
        var text = """
            # Benchmark of \(date)

            Commit \(commit); \(machine.processor), \(machine.cores) cores, \(machine.memory), \(machine.system), Linux \
            \(machine.kernel). Everything lies on a tmpfs: no disk is measured.
            Load over a minute: \(Text.decimal(loadBefore, places: 1)) before, \(Text.decimal(loadAfter, places: 1)) \
            after\(others). \(rounds) rounds, contenders interleaved and in turned order every other round; medians, and in \
            brackets the least and the most.


            """
        for (name, version) in versions.sorted(by: { $0.key < $1.key }) { text += "- \(name): \(version)\n" }
        for section in sections { text += "\n" + section.markdown }
        return text + """

            CPU seconds are user and system time of the program and all processes it started (wait4), whatever else the \
            machine did; servers are not among them. Peak memory is of its largest process, and at least the runner's own \
            \(Text.mebibytes(runnerMemory)) MiB. Stored is what the step added, in per cent of the data's bytes.

            """
    }

    /// Said where the machine had other work before this began.
    private var others: String {
        loadBefore < 1
            ? ""
            : ", since others were at work as well: wall times are longer than on an idle machine, CPU times less so"
    }
}

/// Median, least and most of a few numbers.
struct Spread {
    let median: Double
    let least: Double
    let most: Double

    init(_ values: [Double]) {
        let sorted = values.sorted()
        least = sorted.first ?? 0
        most = sorted.last ?? 0
        let middle = sorted.count / 2
        median =
            sorted.isEmpty ? 0 : sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }

    var text: String {
        "\(Text.decimal(median, places: 2)) [\(Text.decimal(least, places: 2)), \(Text.decimal(most, places: 2))]"
    }
}
