/// One of the things that must hold: a figure of ours beside a peer's, in one section.
struct Goal: Sendable {
    enum Bound: Sendable {
        /// The peer's figure is at least so many times ours.
        case timesBetter(Double)
        /// Ours is at most so many times the peer's.
        case atMost(Double)

        var text: String {
            switch self {
            case .timesBetter(let times): "≥ \(Text.decimal(times, places: 1)) ×"
            case .atMost(let times): "≤ \(Text.decimal(times, places: 2)) ×"
            }
        }
    }

    enum Rival: Sendable {
        /// By the program's name: of its contenders the one with the best figure.
        case program(String)
        /// Something that was not measured: what it is, and its figure.
        case value(String, Double)
    }

    let statement: String
    let section: String
    let job: Job
    /// The contender's whole name.
    let ours: String
    let peer: Rival
    let measure: Verdict.Measure
    let bound: Bound

    func verdict(in sections: [Report.Section]) -> Verdict {
        let lines = sections.first { $0.name == section }?.lines.filter { $0.job == job } ?? []
        let own = lines.first { $0.contender == ours }.map { figures(of: $0) } ?? []
        let (name, other) = best(of: lines)
        let ratio = Spread(own).flatMap { own in Spread(other).map { self.ratio(own.median, $0.median) } }
        // Interleaved rounds belong together; a constant is the same in all.
        let rounds = own.indices.compactMap { index in
            other.indices.contains(index) ? self.ratio(own[index], other[index]) : nil
        }
        return Verdict(
            statement: statement,
            measure: measure,
            ours: ours,
            peer: name,
            oursValue: Spread(own)?.median,
            peerValue: Spread(other)?.median,
            ratio: ratio,
            ratioRange: [rounds.min(), rounds.max()].compactMap { $0 },
            goal: bound.text,
            outcome: ratio.map { isReached($0) ? .reached : .missed } ?? .unknown
        )
    }

    private func best(of lines: [Report.Line]) -> (String, [Double]) {
        switch peer {
        case .value(let name, let value): return (name, Array(repeating: value, count: 100))
        case .program(let program):
            let all = lines.filter { $0.peer == program }.compactMap { line in
                Spread(figures(of: line)).map { (line, $0.median) }
            }
            guard let best = all.min(by: { $0.1 < $1.1 }) else { return (program, []) }
            return (best.0.contender, figures(of: best.0))
        }
    }

    /// One a round.
    private func figures(of line: Report.Line) -> [Double] {
        switch measure {
        case .wall: line.usages.map(\.wall)
        case .cpu: line.usages.map(\.cpu)
        case .cpuPerGigabyte: line.usages.map { $0.cpu / (Double(max(1, line.bytes)) / 1e9) }
        case .wallPerFile: line.usages.map { $0.wall * 1000 / Double(max(1, line.files)) }
        case .stored: line.stored.map(Double.init)
        case .peakMemory: line.usages.map { Double($0.peakMemory) / 0x1p20 }
        }
    }

    private func ratio(_ own: Double, _ other: Double) -> Double {
        switch bound {
        case .timesBetter: other / max(own, 1e-9)
        case .atMost: own / max(other, 1e-9)
        }
    }

    private func isReached(_ ratio: Double) -> Bool {
        switch bound {
        case .timesBetter(let times): ratio >= times
        case .atMost(let times): ratio <= times
        }
    }
}
