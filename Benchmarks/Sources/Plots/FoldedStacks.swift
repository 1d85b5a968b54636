/// Call stacks with how often each was seen, in the format that profilers' tools share: `main;run;read 12`, outermost first.
package struct FoldedStacks: Sendable, Equatable {
    /// Frames, outermost first, with what they cost.
    package private(set) var costs: [[String]: Int] = [:]

    package init() {}

    /// - Parameter text: a stack a line. Lines without a number at their end are left out.
    package init(_ text: String) {
        for line in text.split(separator: "\n") {
            guard let space = line.lastIndex(of: " "), let cost = Int(line[line.index(after: space)...]), cost >= 0
            else {
                continue
            }
            add(line[..<space].split(separator: ";").map(String.init), cost: cost)
        }
    }

    /// All costs together.
    package var total: Int { costs.values.reduce(0, +) }

    package mutating func add(_ frames: [String], cost: Int) {
        guard !frames.isEmpty, cost > 0 else { return }
        costs[frames, default: 0] += cost
    }

    /// A stack a line, sorted, so that two profiles can be compared.
    ///
    /// Semicolons in names become colons.
    package var text: String {
        costs.map { frames, cost in
            let names = frames.map { name in String(name.map { $0 == ";" ? ":" : $0 == "\n" ? " " : $0 }) }
            return "\(names.joined(separator: ";")) \(cost)\n"
        }.sorted().joined()
    }
}
