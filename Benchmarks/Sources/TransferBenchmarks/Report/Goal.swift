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

    let statement: String
    let section: String
    let job: Job
    /// The contender's whole name.
    let ours: String
    /// The program's name: of several contenders the one with the best figure.
    let peer: String
    let measure: Verdict.Measure
    let bound: Bound

    func verdict(in report: Report) -> Verdict {
        let lines = report.section(section)?.lines.filter { $0.job == job } ?? []
        let own = lines.first { $0.contender == ours }
        let values = lines.filter { $0.peer == peer }.compactMap { line in
            median(of: line).map { (line, $0) }
        }
        let best = values.min { $0.1 < $1.1 }
        let ownValue = own.flatMap { median(of: $0) }
        let ratio = ownValue.flatMap { value in best.map { self.ratio(value, $0.1) } }
        var rounds: [Double] = []
        if let own, let best { rounds = zip(figures(of: own), figures(of: best.0)).map { self.ratio($0, $1) } }
        return Verdict(
            statement: statement,
            measure: measure,
            ours: ours,
            peer: best?.0.contender ?? peer,
            oursValue: ownValue,
            peerValue: best?.1,
            ratio: ratio,
            ratioRange: [rounds.min(), rounds.max()].compactMap { $0 },
            goal: bound.text,
            outcome: ratio.map { isReached($0) ? .reached : .missed } ?? .unknown
        )
    }

    private func median(of line: Report.Line) -> Double? { Spread(figures(of: line))?.median }

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
