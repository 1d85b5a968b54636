internal import FoundationEssentials

/// Measures what a backup costs after one of a hundred SSTables was replaced, and after none was, beside a full one.
///
/// Data.db is a hole behind its head: what is measured is reading, hashing and bookkeeping, not disks.
struct IncrementalMeasurement {
    private struct Answer: Decodable {
        let readBytes: Int
    }

    /// In their order: the name of the step, the snapshot it backs up, and how many SSTables that has anew.
    private static let steps = [
        ("full backup", DataSet.snapshot, 0), ("1 % new", "changed", 1), ("unchanged", "same", 0),
    ]

    let workspace: Workspace
    let binary: String
    let rounds: Int

    func run(_ set: DataSet) async throws -> Report.Section {
        try workspace.requireSpace(set.expectedBytes)
        Measurement.say("making the files of \(set.workload)")
        defer { workspace.remove(workspace.data) }
        try await set.generate()
        let data = try workspace.content(of: workspace.data)
        for index in 1..<Self.steps.count {
            try set.change(Self.steps[index - 1].1, to: Self.steps[index].1, replacing: Self.steps[index].2)
        }
        var section = Report.Section(workload: set.workload, files: data.files, bytes: data.bytes)
        section.lines = Self.steps.map { Report.Line(contender: "ringvault", step: $0.0) }
        for round in 0..<rounds {
            defer { workspace.remove(workspace.scratch) }
            try workspace.makeDirectory(workspace.scratch)
            for (index, step) in Self.steps.enumerated() {
                Measurement.say("\(set.workload), round \(round + 1) of \(rounds): \(step.0)")
                let backup =
                    [binary, "backup", "start", "--name", step.1, "--data-dir", workspace.data]
                    + ["--snapshot", step.1, "--location", "file://\(workspace.scratch)/vault"]
                    + ["--state-dir", "\(workspace.scratch)/state", "--output", "json", "--log-level", "error"]
                let usage = try Child(arguments: backup).run(log: workspace.log)
                let answer = try Data(contentsOf: URL(filePath: workspace.log))
                section.lines[index].rounds.append(usage)
                section.lines[index].readBytes = try JSONDecoder().decode(Answer.self, from: answer).readBytes
            }
        }
        return section
    }
}
