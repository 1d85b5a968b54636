import Operations
import TestSupport
import Testing
import TransferEngine
import Vault

private let mebibyte = 1_048_576.0

@Suite struct `Hours of work` {
    private let nightly = DailyWindow("01:00-05:00", zone: Zone.utc)
    private let midnight = 1_800_000_000.0 - 28_800  // 2027-01-15

    @Test func `are those that window, deadline and duration all allow`() {
        var hours = WorkHours(window: nightly)
        #expect(hours.slot(at: midnight) == midnight + 3600..<midnight + 18_000)
        #expect(hours.slot(at: midnight + 7200.5) == midnight + 7200.5..<midnight + 18_000)
        hours.longest = 600
        #expect(hours.slot(at: midnight) == midnight + 3600..<midnight + 4200)
        hours.deadline = Int64(midnight) + 4000
        #expect(hours.slot(at: midnight) == midnight + 3600..<midnight + 4000)
        #expect(hours.slot(at: midnight + 4000) == nil)
        #expect(WorkHours().slot(at: midnight) == midnight..<Double.infinity)
        #expect(!WorkHours().isLimited)
    }

    @Test func `come again with each window, and only then`() {
        var hours = WorkHours(window: nightly, longest: 600)
        let slots = hours.slots(from: midnight + 7200)
        #expect(slots(0) == midnight + 7200..<midnight + 7800)
        #expect(slots(1) == midnight + 90_000..<midnight + 90_600)
        #expect(slots(2) == midnight + 176_400..<midnight + 177_000)
        hours.window = nil
        #expect(hours.slots(from: midnight)(0) == midnight..<midnight + 600)
        #expect(hours.slots(from: midnight)(1) == nil)
    }
}

@Suite struct `A forecast` {
    private func forecast(_ bytes: Int64, _ rate: Double?, _ slots: [Range<Double>]) -> Forecast {
        Forecast(bytesLeft: bytes, rate: rate, basis: .earlierRuns) { $0 < slots.count ? slots[$0] : nil }
    }

    @Test func `says whether it fits, and when all is done`() {
        let fits = forecast(1000, 10, [1000..<1200, 5000..<5200])
        #expect(fits.fits == true)
        #expect(fits.finish == Timestamp(seconds: 1100))
        #expect(fits.windows == 1)
        let later = forecast(5000, 10, [1000..<1200, 5000..<5200, 9000..<9200])
        #expect(later.fits == false)
        #expect(later.bytesByEnd == 2000)
        #expect(later.finish == Timestamp(seconds: 9100))
        #expect(later.windows == 3)
        let never = forecast(5000, 10, [1000..<1200])
        #expect(never.fits == false)
        #expect(never.bytesByEnd == 2000)
        #expect(never.finish == nil)
        #expect(never.text.contains("40 %"))
    }

    @Test func `without a rate says that it does not know`() {
        let unknown = forecast(1000, nil, [1000..<1200])
        #expect(unknown.basis == .unknown)
        #expect(unknown.fits == nil)
        #expect(unknown.text.contains("unknown rate"))
        #expect(forecast(0, nil, [1000..<1200]).fits == true)
    }
}

/// A run whose bytes go through a real bucket, on a clock of its own, under a `SlotWatch` that is asked every second.
private struct Simulation {
    let clock = ManualClock(advancesItself: true)
    let bucket: TokenBucket
    let user: DataRate
    /// Bytes a second that disk, processor and store can do at best.
    var ability: (Double) -> Double
    let total: Int64
    /// Bytes that are counted as moved together, as pieces that are read beside each other are.
    var lump: Int64 = 1
    var watch: SlotWatch
    private(set) var forecasts: [(time: Double, forecast: Forecast)] = []
    /// Each step as it was begun: time, bytes, and the limit in force.
    private(set) var steps: [(time: Double, bytes: Int, limit: Double?)] = []
    private(set) var moved: Int64 = 0

    init(
        total: Int64,
        seconds: Double,
        pace: Pace,
        user: DataRate = .unlimited,
        earlierRate: Double? = nil,
        ability: @escaping (Double) -> Double = { _ in 1e9 }
    ) {
        self.total = total
        self.user = user
        self.ability = ability
        bucket = TokenBucket(user, clock: clock)
        let hours = WorkHours(deadline: Int64(seconds))
        watch = SlotWatch(hours, slot: 0..<seconds, pace: pace, earlierRate: earlierRate)
    }

    var now: Double { clock.now.sinceStart / .seconds(1) }

    /// - Returns: when all was moved, in seconds; nil if the time was over before.
    mutating func run() async throws -> Double? {
        var tick = 0.0
        while moved < total {
            while tick <= now {
                let work = SlotWatch.Work(
                    planned: total,
                    moved: moved / lump * lump,
                    begun: bucket.taken,
                    isTransferring: true,
                    limit: user
                )
                let decision = watch.tick(at: now, work)
                if decision.mustPause { return nil }
                if let pace = decision.pace {
                    let rate = [pace, user].compactMap(\.bytesPerSecond).min()
                    bucket.rate = DataRate(bytesPerSecond: rate)
                }
                if let forecast = decision.forecast { forecasts.append((now, forecast)) }
                tick += 1
            }
            let count = Int(min(Int64(bucket.step(upTo: 256 << 10)), total - moved))
            try await bucket.take(count)
            steps.append((now, count, bucket.rate.bytesPerSecond.map(Double.init)))
            clock.advance(by: .seconds(Double(count) / ability(now)))
            moved += Int64(count)
        }
        return now
    }
}

@Suite(.timeLimit(.minutes(5))) struct `Pacing` {
    @Test(arguments: [60.0, 600, 7200], [1 << 30, 20 << 30] as [Int64])
    func `gently takes the time there is, and no more`(seconds: Double, total: Int64) async throws {
        var run = Simulation(total: min(total, Int64(seconds) * (30 << 20)), seconds: seconds, pace: .gentle)
        let ended = try await run.run()
        let end = try #require(ended)
        #expect(end <= seconds)
        #expect(end >= seconds * 0.95)
    }

    @Test func `makes up for what the store could not take for a while`() async throws {
        // Half of the time hardly anything goes.
        var run = Simulation(total: 2 << 30, seconds: 600, pace: .gentle) { time in
            (100..<400).contains(time) ? mebibyte : 100 * mebibyte
        }
        let ended = try await run.run()
        let end = try #require(ended)
        #expect(end <= 600)
        #expect(end >= 570)
    }

    @Test func `never goes over what the user allows, and is paused in time where that is too little`() async throws {
        let user = DataRate(bytesPerSecond: 1 << 20)
        var run = Simulation(total: 1 << 30, seconds: 300, pace: .gentle, user: user)
        let ended = try await run.run()
        #expect(ended == nil)
        #expect((300..<301).contains(run.now))
        #expect(run.moved <= 301 << 20)
        #expect(run.moved >= 295 << 20)
    }

    @Test(arguments: [300 << 10, 5 << 20, 80 << 20] as [Int64], [Pace.fast, .gentle])
    func `keeps within 5 % of the limit in force over any ten seconds`(limit: Int64, pace: Pace) async throws {
        let user = pace == .fast ? DataRate(bytesPerSecond: limit) : .unlimited
        var run = Simulation(total: limit * 90, seconds: 100, pace: pace, user: user)
        let ended = try await run.run()
        let end = try #require(ended)
        var first = 0
        var sum = 0
        for (index, step) in run.steps.enumerated() {
            sum += step.bytes
            while run.steps[first].time <= step.time - 10 {
                sum -= run.steps[first].bytes
                first += 1
            }
            guard step.time >= 10, step.time < end - 1, let limit = step.limit else { continue }
            #expect(Double(sum) <= limit * 10.5, "\(index) at \(step.time)")
            #expect(Double(sum) >= limit * 9.5, "\(index) at \(step.time)")
        }
    }

    @Test(arguments: [false, true])
    func `is foreseen within 20 %, with and without earlier runs`(isKnown: Bool) async throws {
        var generator = SeededGenerator(3)
        let noise = (0..<4000).map { _ in Double.random(in: 0.6...1.4, using: &generator) }
        let ability = { (time: Double) -> Double in noise[Int(time) % noise.count] * 20 * mebibyte }
        // What does not wait is not noisy: 20 MiB/s in the mean, as it was before.
        var run = Simulation(
            total: 10 << 30,
            seconds: 3600,
            pace: .fast,
            earlierRate: isKnown ? 19 * mebibyte : nil,
            ability: ability
        )
        let ended = try await run.run()
        let end = try #require(ended)
        let early = run.forecasts.filter { isKnown || $0.time > 31 }.prefix(60)
        #expect(!early.isEmpty)
        for (_, forecast) in early {
            #expect(forecast.fits == true)
            let finish = Double(forecast.finish?.seconds ?? 0)
            #expect(abs(finish - end) <= end * 0.2, "\(forecast.text)")
        }
        if !isKnown { #expect(run.forecasts.first?.forecast.basis == .unknown) }
    }

    @Test(arguments: [false, true])
    func `is foreseen within 20 % where pieces come in lumps`(isKnown: Bool) async throws {
        let user = DataRate(bytesPerSecond: 4 << 20)
        var run = Simulation(total: 300_000_000, seconds: 100, pace: .fast, user: user)
        run.lump = 16 << 20
        if isKnown { run.watch.earlierRate = 5 * mebibyte }
        let ended = try await run.run()
        let end = try #require(ended)
        let known = run.forecasts.filter { $0.forecast.finish != nil }
        #expect(known.count > 40)
        for (time, forecast) in known {
            let finish = Double(forecast.finish?.seconds ?? 0)
            #expect(abs(finish - end) <= end * 0.2, "\(time): \(forecast.text)")
            #expect(forecast.fits == true)
        }
    }

    @Test func `gently is foreseen to take the time there is`() async throws {
        var run = Simulation(total: 1 << 30, seconds: 600, pace: .gentle, earlierRate: 50 * mebibyte)
        let ended = try await run.run()
        let end = try #require(ended)
        for (time, forecast) in run.forecasts where time < 500 {
            #expect(abs(Double(forecast.finish?.seconds ?? 0) - end) <= end * 0.05, "\(time): \(forecast.text)")
        }
    }

    @Test func `that does not fit says how much will be done`() async throws {
        var run = Simulation(total: 10 << 30, seconds: 100, pace: .fast, earlierRate: 20 * mebibyte) { _ in
            22 * mebibyte
        }
        let ended = try await run.run()
        #expect(ended == nil)
        let first = try #require(run.forecasts.first?.forecast)
        #expect(first.fits == false)
        let told = Double(first.bytesByEnd ?? 0)
        let moved = Double(run.moved)
        #expect(abs(told - moved) <= moved * 0.2)
    }
}
