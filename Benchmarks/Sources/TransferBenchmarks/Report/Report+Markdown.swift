internal import Limits
internal import MachineFacts

extension Report {
    /// The report as people read it: what was asked first, then everything behind it.
    ///
    /// - Parameter plots: names of images beside it, in the order they are shown, by the section they belong to.
    func markdown(plots: [(section: String, file: String)] = []) -> String {
        var text = "# Benchmark of \(date)\(isComplete ? "" : " (incomplete)")\n\n"
        if !isComplete {
            text += "**Not all of it was measured**: some workloads were left out, failed or were interrupted.\n\n"
        }
        text += summary
        text += """
            ## Where and how

            Commit \(commit), options `\(options.isEmpty ? "none" : options)`; rounds: \(rounds), contenders interleaved and \
            in turned order every other round; figures are medians, and in brackets the least and the most. Load over a \
            minute: \(Text.decimal(loadBefore, places: 1)) before, \(Text.decimal(loadAfter, places: 1)) after\(others).


            """
        text += machine.markdown + "\n"
        for (name, version) in versions.sorted(by: { $0.key < $1.key }) { text += "- \(name): \(version)\n" }
        for line in missing { text += "- **missing: \(line)**\n" }
        if !notes.isEmpty { text += "\nWhat went otherwise than meant:\n\n" + notes.map(Self.item).joined() }
        text += """

            CPU seconds are user and system time of the program and all processes it started (wait4), whatever else the \
            machine did; servers are not among them. Peak memory is that of its largest process. "Stored" is what the \
            step added where it stores. Commands stand below each table; `$DIR` is the directory of the run.

            """
        text += stageCosts
        for section in sections {
            text += "\n" + section.markdown
            for plot in plots where plot.section == section.name { text += "\n![\(section.title)](\(plot.file))\n" }
        }
        return text
    }

    /// One table of ratios.
    private var summary: String {
        guard !verdicts.isEmpty else { return "" }
        var text = """
            | what must hold | figure | ours | peer's | ratio | goal | |
            | --- | --- | ---: | ---: | ---: | ---: | --- |

            """
        for verdict in verdicts { text += verdict.row }
        return text + "\n"
    }

    private static func item(_ note: String) -> String {
        // Only the first lines: the rest of a program's complaint is in the JSON.
        let lines = note.split(separator: "\n").prefix(3).joined(separator: " ")
        return "- \(lines.prefix(600))\n"
    }

    /// Said where the machine had other work before this began.
    private var others: String {
        loadBefore < 1
            ? ""
            : ", since others were at work as well: wall times are longer than on an idle machine, CPU times less so"
    }

    private var stageCosts: String {
        guard let limits else { return "" }
        var text = """

            ## What each stage costs at least

            CPU seconds on this machine, measured in the same run, of a thread that does nothing else.

            | stage | CPU s | per | how |
            | --- | ---: | --- | --- |

            """
        for limit in limits.limits {
            text +=
                "| \(limit.stage.rawValue) | \(Spread(limit.rounds)?.text ?? "") | \(limit.stage.unit.rawValue) "
                + "| \(limit.stage.method) |\n"
        }
        return text
    }
}

extension Verdict {
    fileprivate var row: String {
        let range =
            ratioRange.count == 2 && ratioRange[0] != ratioRange[1]
            ? " [\(Text.figure(ratioRange[0])), \(Text.figure(ratioRange[1]))]" : ""
        let cells = [
            statement, measure.rawValue, oursValue.map { Text.figure($0) } ?? "—",
            (peerValue.map { Text.figure($0) } ?? "—") + " (\(peer))", (ratio.map { Text.figure($0) } ?? "—") + range,
            goal,
            outcome == .missed ? "**missed**" : outcome.rawValue,
        ]
        return "| " + cells.joined(separator: " | ") + " |\n"
    }
}
