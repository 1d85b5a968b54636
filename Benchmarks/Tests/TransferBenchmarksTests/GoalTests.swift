import Testing

@testable import TransferBenchmarks

@Suite struct GoalTests {
    private static func line(
        _ peer: String,
        _ contender: String,
        cpu: [Double],
        bytes: Int = 1_000_000_000
    ) -> Report.Line {
        var line = Report.Line(
            peer: peer,
            contender: contender,
            job: .upload,
            command: contender,
            environment: [:],
            files: 1000,
            bytes: bytes
        )
        line.usages = cpu.map { Usage(wall: $0, user: $0 / 2, system: $0 / 2, peakMemory: 1 << 20) }
        return line
    }

    private static func section(_ lines: [Report.Line]) -> [Report.Section] {
        [Report.Section(name: "upload", title: "", about: "", files: 1000, bytes: 1_000_000_000, lines: lines)]
    }

    private static func goal(
        _ measure: Verdict.Measure,
        _ bound: Goal.Bound,
        _ peer: Goal.Rival = .program("other")
    ) -> Goal {
        Goal(
            statement: "",
            section: "upload",
            job: .upload,
            ours: "own",
            peer: peer,
            measure: measure,
            bound: bound
        )
    }

    @Test func `a goal takes the best of a program's contenders, and medians`() {
        let sections = Self.section([
            Self.line("own", "own", cpu: [1, 9, 1]), Self.line("other", "slow", cpu: [8, 8, 8]),
            Self.line("other", "fast", cpu: [4, 2, 3]),
        ])
        let verdict = Self.goal(.cpu, .atMost(0.5)).verdict(in: sections)
        #expect(verdict.peer == "fast")
        #expect(verdict.ratio == 1.0 / 3)
        #expect(verdict.ratioRange == [0.25, 4.5])
        #expect(verdict.outcome == .reached)
        #expect(Self.goal(.cpu, .timesBetter(2.9)).verdict(in: sections).outcome == .reached)
        #expect(Self.goal(.cpu, .timesBetter(3.1)).verdict(in: sections).outcome == .missed)
    }

    @Test func `what was not measured is neither reached nor missed`() {
        let own = Self.section([Self.line("own", "own", cpu: [1])])
        #expect(Self.goal(.cpu, .atMost(1)).verdict(in: own).outcome == .unknown)
        #expect(Self.goal(.cpu, .atMost(1)).verdict(in: []).outcome == .unknown)
    }

    @Test func `a share of the work is compared by its own size`() {
        let sections = Self.section([
            Self.line("own", "own", cpu: [1]), Self.line("other", "other", cpu: [1], bytes: 100_000_000),
        ])
        #expect(Self.goal(.cpuPerGigabyte, .timesBetter(10)).verdict(in: sections).outcome == .reached)
        #expect(Self.goal(.cpu, .timesBetter(10)).verdict(in: sections).outcome == .missed)
    }

    @Test func `a bound that is no program's is compared as it stands`() {
        let sections = Self.section([Self.line("own", "own", cpu: [1])])
        #expect(Self.goal(.peakMemory, .atMost(1), .value("1 MiB", 1)).verdict(in: sections).outcome == .reached)
        #expect(Self.goal(.peakMemory, .atMost(1), .value("half", 0.5)).verdict(in: sections).outcome == .missed)
    }
}
