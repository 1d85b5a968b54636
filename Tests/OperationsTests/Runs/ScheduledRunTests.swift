import Logging
import Operations
import TestSupport
import Testing
import TransferEngine

/// Hours pass in no time: every sleep is a step of the clock.
@Suite(.timeLimit(.minutes(5))) struct `A run with hours` {
    private struct World {
        static let midnight = 1_799_971_200.0  // 2027-01-15T00:00:00Z

        let clock = ManualClock(advancesItself: true)
        let context: RunContext
        let limits: RunLimits
        /// When each part of the run began and ended, in hours since midnight.
        let parts = Recorder<(began: Double, ended: Double)>()
        let worked = Counter()

        init() {
            context = RunContext(
                memory: 1 << 20,
                readLimit: TokenBucket(.unlimited),
                isGentle: false,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            )
            limits = RunLimits(
                .backup,
                read: context.readLimit,
                upload: TokenBucket(.unlimited),
                download: TokenBucket(.unlimited)
            )
        }

        func now() -> Double { Self.midnight + clock.now.sinceStart / .seconds(1) }

        /// Runs what needs `hours` of work from `start` on, in hours since midnight.
        func run(_ hours: WorkHours, from start: Double, needing need: Double, stays: Bool) async throws -> String {
            clock.advance(by: .seconds(start * 3600))
            let run = ScheduledRun(
                .backup,
                hours,
                pace: .fast,
                staysForNext: stays,
                context: context,
                limits: limits,
                monitor: nil,
                clock: clock,
                now: { now() }
            )
            return try await run.run(earlierRate: nobodyKnows) { context in
                let began = (now() - Self.midnight) / 3600
                defer { parts.add((began, (now() - Self.midnight) / 3600)) }
                while true {
                    // The clock runs ahead of whoever looks at it every second: where the window is over, he has his turn.
                    let hour = ((now() - Self.midnight) / 3600).truncatingRemainder(dividingBy: 24)
                    while hours.window != nil, hour >= 5, context.control.stopped == nil { await Task.yield() }
                    if let stopped = context.control.stopped { throw stopped }
                    if Double(worked.next()) >= need * 60 { return "done" }
                    try await clock.sleep(for: .seconds(60))
                }
            }
        }
    }

    private var nightly: WorkHours {
        WorkHours(window: DailyWindow("01:00-05:00", zone: .utc))
    }

    @Test func `waits for its window`() async throws {
        let world = World()
        let answer = try await world.run(nightly, from: 0.5, needing: 2, stays: false)
        #expect(answer == "done")
        #expect(world.parts.count == 1)
        #expect((1.0...1.02).contains(world.parts.all[0].began))
    }

    @Test func `is paused at the end of its window`() async throws {
        let world = World()
        let stopped = await #expect(throws: RunStopped.self) {
            try await world.run(nightly, from: 2, needing: 6, stays: false)
        }
        #expect(stopped?.request == .pause)
        #expect(stopped?.isByHours == true)
        #expect(world.parts.count == 1)
        #expect((5.0...5.1).contains(world.parts.all[0].ended))
    }

    @Test func `goes on in the next window if it is to stay`() async throws {
        let world = World()
        let answer = try await world.run(nightly, from: 2, needing: 6, stays: true)
        #expect(answer == "done")
        try #require(world.parts.count == 2)
        #expect((25.0...25.02).contains(world.parts.all[1].began))
        #expect(world.parts.all[1].ended < 29)
    }

    @Test func `does not stay behind its deadline`() async throws {
        let world = World()
        var hours = nightly
        hours.deadline = Int64(World.midnight) + 10 * 3600
        let stopped = await #expect(throws: RunStopped.self) {
            try await world.run(hours, from: 2, needing: 6, stays: true)
        }
        #expect(stopped?.request == .pause)
        #expect(world.parts.count == 1)
    }

    @Test func `is stopped while it waits`() async throws {
        let world = World()
        world.context.control.stop(.cancel, "test")
        let stopped = await #expect(throws: RunStopped.self) {
            try await world.run(nightly, from: 10, needing: 1, stays: true)
        }
        #expect(stopped?.request == .cancel)
        #expect(world.parts.count == 0)
    }

    @Test func `with a stop by somebody does not go on in the next window`() async throws {
        let world = World()
        let hours = nightly
        let stopped = await #expect(throws: RunStopped.self) {
            let run = ScheduledRun(
                .backup,
                hours,
                pace: .fast,
                staysForNext: true,
                context: world.context,
                limits: world.limits,
                monitor: nil,
                clock: world.clock,
                now: { world.now() + 7200 }
            )
            try await run.run(earlierRate: nobodyKnows) { context in
                context.control.stop(.pause, "somebody")
                throw try #require(context.control.stopped)
            }
        }
        #expect(stopped?.reason == "somebody")
    }
}

/// The rate of earlier runs, of which there were none.
@Sendable private func nobodyKnows() -> Double? { nil }
