/// Everything that one run found; what is written as JSON.
struct Report: Codable {
    /// One step of one contender over all rounds.
    struct Line: Codable {
        let contender: String
        let step: String
        var rounds: [Usage] = []
        /// Bytes that the step added to where it stores; nil for a restore.
        var storedBytes: Int?
    }

    /// All that was measured on one set of files.
    struct Section: Codable {
        let dataSet: DataSet.Kind
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
    let versions: [String: String]
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
        for section in sections { text += "\n" + Self.table(section) }
        return text + """

            CPU seconds are user and system time of the program and all processes it started (wait4), whatever else the \
            machine did. Peak memory is of its largest process, and at least the runner's own \
            \(Text.mebibytes(runnerMemory)) MiB. Stored is what the step added, in per cent of the data's bytes.

            """
    }

    /// Said where the machine had other work before this began.
    private var others: String {
        loadBefore < 1
            ? ""
            : ", since others were at work as well: wall times are longer than on an idle machine, CPU times less so"
    }

    private static func table(_ section: Section) -> String {
        var text = """
            ## \(section.dataSet == .large ? "Large files" : "Small files"): \(section.files) files, \
            \(Text.decimal(Double(section.bytes) / 1e9, places: 2)) × 10⁹ bytes

            | what | wall s | CPU s | CPU s per 10⁹ bytes | MB/s | peak MiB | stored bytes | stored % |
            | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |

            """
        for line in section.lines {
            let wall = Spread(line.rounds.map(\.wall))
            let cpu = Spread(line.rounds.map(\.cpu))
            let memory = Spread(line.rounds.map { Double($0.peakMemory) })
            let rate = Double(section.bytes) / 1e6 / wall.median
            let cells = [
                "\(line.contender): \(line.step)", wall.text, cpu.text,
                Text.decimal(cpu.median / (Double(section.bytes) / 1e9), places: 2),
                line.step.hasPrefix("unchanged") ? "" : Text.decimal(rate, places: 0),
                Text.mebibytes(Int(memory.median)), line.storedBytes.map { "\($0)" } ?? "",
                line.storedBytes.map { Text.decimal(100 * Double($0) / Double(section.bytes), places: 1) } ?? "",
            ]
            text += "| " + cells.joined(separator: " | ") + " |\n"
        }
        return text
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
