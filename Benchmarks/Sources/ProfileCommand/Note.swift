internal import Limits
internal import MachineFacts
internal import Plots
internal import Profiles

/// The tables of a run, as Markdown.
struct Note {
    private let head: String
    private var summary = ""
    private var body = ""

    var text: String { head + summary + body }

    init(facts: MachineFacts, profiler: String, options: Options, isHeld: Bool) {
        let holder = isHeld ? "; hold-memory kept the host from taking memory back" : ""
        head = """
            # Where each CPU second goes

            By `\(profiler)`; everything lies on \(facts.fileSystem). CPU seconds are those of the same command without a profiler, \
            the median of \(options.rounds) runs, shared out as the profiler saw it\(holder).

            \(facts.markdown)
            | job | CPU s | per 10⁹ bytes | µs a file | at least | times that | most of it |
            | --- | ---: | ---: | ---: | ---: | ---: | --- |

            """
    }

    mutating func add(_ shape: Shape, _ content: Shape.Content, _ limits: Limits?) {
        body +=
            "\n## \(shape == .large ? "Large" : "Small") files: \(content.files), \(Self.billions(content.bytes)) × 10⁹ bytes\n"
        guard let limits else { return }
        body += "\nWhat each stage costs at least on this machine, one thread doing nothing else:\n\n"
        body += "| stage | CPU s | per | range | how |\n| --- | ---: | --- | --- | --- |\n"
        for limit in limits.limits {
            let range = "\(Number.text(limit.range.lowerBound)) to \(Number.text(limit.range.upperBound))"
            body +=
                "| \(limit.stage.rawValue) | \(Number.text(limit.seconds)) | \(limit.stage.unit.rawValue) | \(range) | \(limit.stage.method) |\n"
        }
    }

    mutating func add(_ job: Job, _ outcome: JobRun.Outcome, _ content: Shape.Content, _ limits: Limits?) {
        let profile = outcome.profile
        let total = Double(max(1, profile.total))
        let billions = Double(content.bytes) / 1e9
        body += "\n### \(job.rawValue): \(job.title)\n\n    \(outcome.command)\n\n"
        let range = "\(Number.text(outcome.range.lowerBound)) to \(Number.text(outcome.range.upperBound))"
        body += "\(Number.text(outcome.cpu)) CPU s [\(range)], \(Number.text(outcome.cpu / billions)) for 10⁹ bytes, "
        body +=
            "\(Number.text(outcome.cpu * 1e6 / Double(content.files))) µs a file. [Flame graph](\(job.rawValue).svg).\n"
        let sum = limits?.sum(job.work(content, stored: outcome.stored))
        let most = profile.ranking.prefix(5).map { activity, cost in
            "\(activity.name) \(Number.decimal(Double(cost) * 100 / total, places: 0)) %"
        }
        summary +=
            "| [\(job.rawValue)](\(job.rawValue).svg) | \(Number.text(outcome.cpu)) | \(Number.text(outcome.cpu / billions)) "
        summary +=
            "| \(Number.text(outcome.cpu * 1e6 / Double(content.files))) | \(sum.map { Number.text($0.seconds) } ?? "") "
        summary += "| \(sum.map { Number.text($0.ratio(of: outcome.cpu)) } ?? "") | \(most.joined(separator: ", ")) |\n"
        if let sum {
            let parts = sum.parts.map { "\($0.stage.rawValue) \(Number.text($0.seconds))" }.joined(separator: ", ")
            body += "\nAt least needed: \(Number.text(sum.seconds)) CPU s (\(parts)): "
            body += "**\(Number.text(sum.ratio(of: outcome.cpu))) times that** were taken.\n"
        }
        body += "\n| what | share | CPU s | CPU s per 10⁹ bytes | µs a file |\n| --- | ---: | ---: | ---: | ---: |\n"
        for (activity, cost) in profile.ranking where Double(cost) >= total / 500 {
            let share = Double(cost) / total
            let seconds = share * outcome.cpu
            body += "| \(activity.name) | \(Number.decimal(share * 100, places: 1)) % | \(Number.text(seconds)) "
            body += "| \(Number.text(seconds / billions)) | \(Number.text(seconds * 1e6 / Double(content.files))) |\n"
        }
        body += "\n| dearest functions by themselves | share |\n| --- | ---: |\n"
        for (name, cost) in profile.top(12) {
            let shown = name.map { $0 == "|" || $0 == "`" ? "¦" : $0 }
            body += "| `\(String(shown))` | \(Number.decimal(Double(cost) * 100 / total, places: 1)) % |\n"
        }
    }

    private static func billions(_ bytes: Int) -> String { Number.text(Double(bytes) / 1e9) }
}
