package import Plots

/// What a program's CPU time went into: by activity, by function, by stack.
package struct Profile: Sendable {
    /// Nanoseconds or instructions, by activity.
    package private(set) var costs: [Activity: Int] = [:]
    /// By the innermost function.
    package private(set) var functions: [String: Int] = [:]
    package private(set) var stacks = FoldedStacks()
    /// What a function, with all that it called, was most of the time at: its colour.
    package private(set) var activities: [String: Activity] = [:]

    package var total: Int { costs.values.reduce(0, +) }

    /// - Parameters:
    ///   - name: what a frame is called.
    package init(_ samples: [Sample], classifier: Classifier, name: (Sample.Frame) -> String) {
        var seen: [String: [Activity: Int]] = [:]
        for sample in samples {
            let activity = classifier.activity(sample)
            costs[activity, default: 0] += sample.cost
            var names: [String] = []
            for (index, frame) in sample.frames.enumerated() {
                let text = name(frame)
                // Functions without names in one library are one.
                if text == names.last, text.hasPrefix("[") { continue }
                names.append(text)
                let alone = Sample(thread: "", cost: 0, frames: Array(sample.frames[index...]))
                seen[text, default: [:]][index == 0 ? activity : classifier.activity(alone), default: 0] += sample.cost
            }
            functions[names.first ?? "?", default: 0] += sample.cost
            stacks.add([Self.kind(of: sample.thread)] + Self.trimmed(names).reversed(), cost: sample.cost)
        }
        activities = seen.compactMapValues { costs in
            costs.max { ($0.value, $0.key.name) < ($1.value, $1.key.name) }?.key
        }
    }

    /// Activities with their costs, the dearest first.
    package var ranking: [(activity: Activity, cost: Int)] {
        costs.map { (activity: $0.key, cost: $0.value) }
            .sorted { ($1.cost, $0.activity.name) < ($0.cost, $1.activity.name) }
    }

    /// The dearest functions by themselves.
    package func top(_ count: Int) -> [(name: String, cost: Int)] {
        functions.map { (name: $0.key, cost: $0.value) }.sorted { ($1.cost, $0.name) < ($0.cost, $1.name) }
            .prefix(count).map { $0 }
    }

    package func flameGraph(title: String, subtitle: String, unit: String) -> FlameGraph {
        let activities = activities
        let legend = ranking.map {
            (kind: FlameGraph.Kind($0.activity.name, colour: $0.activity.colour), cost: $0.cost)
        }
        return FlameGraph(title: title, subtitle: subtitle, unit: unit, stacks: stacks, legend: legend) { frame in
            guard let activity = activities[frame] else { return FlameGraph.Kind("threads", colour: 8) }
            return FlameGraph.Kind(activity.name, colour: activity.colour)
        }
    }

    /// Threads of one kind are one: `ringvault-io-0` is `ringvault-io`.
    private static func kind(of thread: String) -> String {
        // libdispatch's names, cut to 15 characters: com.apple.root.default-qos.overcommit.
        if thread.contains("-qos") { return "threads of the task pool" }
        var name = Substring(thread)
        while let last = name.last, last.isNumber || last == "-" { name.removeLast() }
        return "thread " + (name.isEmpty ? thread : String(name))
    }

    /// Without what every thread and every task begins with.
    ///
    /// - Parameter names: innermost first.
    private static func trimmed(_ names: [String]) -> [String] {
        let starts = ["runJobInEstablishedExecutorContext", "swift_job_run", "start_thread"]
        let end = names.firstIndex { name in starts.contains { name.contains($0) } } ?? names.count
        return end == 0 ? names : Array(names[..<end])
    }
}
