internal import FoundationEssentials

/// Measures all contenders of a section, round by round.
struct Measurement {
    let bench: Bench
    let contenders: [Contender]
    let source: Source
    /// Where the contenders store, if they do so over HTTP.
    var target: (any Target)?

    /// Adds what it measures to the report's last section, a round at a time.
    ///
    /// A contender that fails is left out of the rounds to come, and its lines say why.
    func run() throws {
        let data = try bench.workspace.content(of: source.data)
        let name = bench.report.sections[bench.section].name
        bench.report.sections[bench.section].files = data.files
        bench.report.sections[bench.section].bytes = data.bytes
        let offset = bench.report.sections[bench.section].lines.count
        var places: [[Int]] = []
        for contender in contenders {
            places.append(
                contender.steps.map { step in
                    bench.report.sections[bench.section].lines.append(line(contender, step, data))
                    return bench.report.sections[bench.section].lines.count - 1
                }
            )
        }
        precondition(places.joined().elementsEqual(offset..<bench.report.sections[bench.section].lines.count))
        var failed: Set<Int> = []
        for round in 0..<bench.options.rounds {
            // Turned every other round, so that nobody always comes after the same one.
            let order = Array(contenders.indices)
            for index in round % 2 == 0 ? order : order.reversed() where !failed.contains(index) {
                let contender = contenders[index]
                guard round < contender.share?.rounds ?? .max else { continue }
                StandardError.say("\(name), round \(round + 1) of \(bench.options.rounds): \(contender.name)")
                do {
                    try measure(contender, into: places[index], isFirst: round == 0)
                } catch {
                    try Interrupt.check()
                    failed.insert(index)
                    bench.note("\(name): \(contender.name) failed: \(error)")
                }
                try target?.clear()
            }
        }
    }

    private func line(_ contender: Contender, _ step: Contender.Step, _ data: Workspace.Content) -> Report.Line {
        let inherited = Set(["no_proxy", "NO_PROXY", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"])
        let environment = contender.environment
            .filter { !inherited.contains($0.key) && !$0.key.contains("SECRET") && !$0.key.contains("ACCESS_KEY") }
        return Report.Line(
            peer: contender.tool.name,
            contender: contender.name,
            job: step.job,
            command: bench.rendered(step.arguments),
            environment: environment.mapValues { bench.rendered($0) },
            files: contender.share?.files ?? data.files,
            bytes: contender.share?.bytes ?? data.bytes,
            share: contender.share?.reason,
            x: step.x
        )
    }

    private func measure(_ contender: Contender, into lines: [Int], isFirst: Bool) throws {
        let workspace = bench.workspace
        defer {
            workspace.remove(workspace.scratch)
            removeChange()
        }
        try workspace.makeDirectory(source.target)
        for command in contender.preparation { try workspace.run(command, environment: contender.environment) }
        for (step, index) in zip(contender.steps, lines) {
            do {
                try measure(step, contender, into: index, isFirst: isFirst)
            } catch {
                bench.report.sections[bench.section].lines[index].failure = bench.rendered("\(error)")
                throw error
            }
        }
    }

    private func measure(_ step: Contender.Step, _ contender: Contender, into index: Int, isFirst: Bool) throws {
        let workspace = bench.workspace
        for command in step.before { try workspace.run(command) }
        let stored = try step.stores.flatMap { try content(of: $0) }
        let requests = try target?.requests()
        let usage = try Child(arguments: step.arguments, environment: contender.environment).run(log: workspace.log)
        let answer = step.tellsReading ? readBytes() : nil
        for command in step.after { try workspace.run(command) }
        if let target, let requests, let after = try target.requests() {
            bench.report.sections[bench.section].lines[index].requests.append(after - requests)
        }
        if let place = step.stores, let stored, let after = try content(of: place) {
            let line = bench.report.sections[bench.section].lines[index]
            // Content that is there several times, as a TOC.txt may be, need be stored only once.
            guard !step.mustStoreAll || (after - stored) * 1000 >= line.bytes * 990 else {
                throw BenchmarkError("\(contender.name) has stored \(after - stored) bytes of \(line.bytes)")
            }
            bench.report.sections[bench.section].lines[index].stored.append(after - stored)
        }
        if let restored = step.restores { try check(restored, step, contender, byteByByte: isFirst) }
        bench.report.sections[bench.section].lines[index].usages.append(usage)
        if let answer { bench.report.sections[bench.section].lines[index].readBytes = answer }
    }

    private func content(of place: Contender.Place) throws -> Int? {
        switch place {
        case .directory(let path): try bench.workspace.content(of: path).bytes
        case .prefix(let prefix): try target?.stored(prefix)
        }
    }

    /// - Returns: nil if there is something else in the output, as a warning.
    private func readBytes() -> Int? {
        struct Answer: Decodable {
            let readBytes: Int
        }
        let text = try? Data(contentsOf: URL(filePath: bench.workspace.log))
        return text.flatMap { try? JSONDecoder().decode(Answer.self, from: $0).readBytes }
    }

    // MARK: The delta

    /// Takes the delta's tables out of the data again.
    private func removeChange() {
        guard FileManager.default.fileExists(atPath: source.delta) else { return }
        let script = "cd \"$1\" && for table in */*; do rm -rf \"$2/$table\"; done"
        try? bench.workspace.run(["sh", "-c", script, "sh", source.delta, source.data])
    }

    // MARK: Restored files

    /// A restore that does not bring everything back is no restore, and its time no figure.
    private func check(
        _ restored: String,
        _ step: Contender.Step,
        _ contender: Contender,
        byteByByte: Bool
    ) throws {
        let tag = step.snapshot ?? source.snapshot
        let data = try bench.workspace.content(of: source.data, snapshot: tag, without: step.leavesOut)
        let content = try bench.workspace.content(of: restored)
        guard content == data else {
            throw BenchmarkError(
                "\(contender.name) has restored \(content.files) files of \(content.bytes) bytes; the data are "
                    + "\(data.files) of \(data.bytes)"
            )
        }
        guard byteByByte else { return }
        // Restored trees differ in their directories, so contents are compared: hashes and names, sorted.
        let script = """
            names="  ($3)$"
            sums() {
                find "$1" -type f -path "$2" -print0 | xargs -0 -P 2 -n 64 sha256sum | sed 's|  .*/|  |' \\
                    | grep -vE "$names" | sort | sha256sum
            }
            test "$(sums "$1" "*/snapshots/$4/*")" = "$(sums "$2" "*")"
            """
        // "/" is no file's name.
        let names = step.leavesOut.isEmpty ? "/" : step.leavesOut.joined(separator: "|")
        try bench.workspace.run(["sh", "-c", script, "sh", source.data, restored, names, tag])
    }
}
