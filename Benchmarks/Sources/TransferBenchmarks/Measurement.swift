/// Measures all contenders on one set of files, round by round.
struct Measurement {
    let workspace: Workspace
    let contenders: [Contender]
    let rounds: Int
    /// Where the contenders store, if they do so over HTTP.
    var sink: Sink?

    /// - Parameter copies: how often the data's bytes lie somewhere at one time.
    func run(_ set: DataSet, copies: Int) async throws -> Report.Section {
        try workspace.requireSpace(set.expectedBytes * copies)
        Self.say("making the files of \(set.workload)")
        defer { workspace.remove(workspace.data) }
        try await set.generate()
        let data = try workspace.content(of: workspace.data)
        var section = Report.Section(workload: set.workload, files: data.files, bytes: data.bytes)
        section.lines = contenders.flatMap { contender in
            contender.steps.map { Report.Line(contender: contender.name, step: $0.name) }
        }
        for round in 0..<rounds {
            // Turned every other round, so that nobody always comes after the same one.
            for contender in round % 2 == 0 ? contenders : contenders.reversed() {
                Self.say("\(set.workload), round \(round + 1) of \(rounds): \(contender.name)")
                try measure(contender, expecting: data, isFirst: round == 0, into: &section)
                try sink?.empty()
            }
        }
        return section
    }

    private func measure(
        _ contender: Contender,
        expecting data: Workspace.Content,
        isFirst: Bool,
        into section: inout Report.Section
    ) throws {
        defer { workspace.remove(workspace.scratch) }
        try workspace.makeDirectory(workspace.scratch + "/restored")
        for command in contender.preparation { try workspace.run(command, environment: contender.environment) }
        for step in contender.steps {
            let before = try step.stores.map { try workspace.content(of: $0).bytes }
            let requests = try sink?.requests()
            let usage = try Child(arguments: step.arguments, environment: contender.environment).run(log: workspace.log)
            guard
                let index = section.lines.firstIndex(where: { $0.contender == contender.name && $0.step == step.name })
            else { continue }
            section.lines[index].rounds.append(usage)
            if let stores = step.stores, let before {
                let stored = try workspace.content(of: stores).bytes - before
                section.lines[index].storedBytes = stored
                // Content that is there several times, as a TOC.txt may be, need be stored only once.
                guard !step.mustStoreAll || stored * 1000 >= data.bytes * 999 else {
                    throw BenchmarkError("\(contender.name) has stored \(stored) bytes of \(data.bytes)")
                }
            }
            if let sink, let requests { section.lines[index].requests = try sink.requests() - requests }
            if let restored = step.restores { try check(restored, data, contender, byteByByte: isFirst) }
        }
    }

    /// A restore that does not bring everything back is no restore, and its time no figure.
    private func check(
        _ restored: String,
        _ data: Workspace.Content,
        _ contender: Contender,
        byteByByte: Bool
    ) throws {
        guard try workspace.content(of: restored) == data else {
            throw BenchmarkError("\(contender.name) has not restored \(data.files) files of \(data.bytes) bytes")
        }
        guard byteByByte else { return }
        // Restored trees differ in their directories, so contents are compared: hashes and names, sorted.
        let script = """
            sums() { find "$1" -type f -print0 | xargs -0 sha256sum | sed 's|  .*/|  |' | sort | sha256sum; }
            test "$(sums "$1")" = "$(sums "$2")"
            """
        try workspace.run(["sh", "-c", script, "sh", workspace.data, restored])
    }

    static func say(_ text: String) { StandardError.write(text + "\n") }
}
