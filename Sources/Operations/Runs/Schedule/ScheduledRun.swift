internal import Logging
internal import TransferEngine
internal import Vault

/// Runs a backup or restore in its hours: waits for them, watches over them, paces it, and pauses it at their end.
package struct ScheduledRun: Sendable {
    private let kind: RunIdentity.Kind
    private let hours: WorkHours
    private let pace: Pace
    /// Whether a run that its hours end waits for the next ones.
    private let staysForNext: Bool
    private let context: RunContext
    private let limits: RunLimits
    private let monitor: RunMonitor?
    /// Seconds since 1970.
    private let now: @Sendable () -> Double
    private let sleep: @Sendable (Duration) async throws -> Void

    package init(
        _ kind: RunIdentity.Kind,
        _ hours: WorkHours,
        pace: Pace,
        staysForNext: Bool,
        context: RunContext,
        limits: RunLimits,
        monitor: RunMonitor?,
        clock: some Clock<Duration> = ContinuousClock(),
        now: @escaping @Sendable () -> Double = { Timestamp.exactNow }
    ) {
        self.kind = kind
        self.hours = hours
        self.pace = pace
        self.staysForNext = staysForNext
        self.context = context
        self.limits = limits
        self.monitor = monitor
        self.now = now
        sleep = { try await clock.sleep(for: $0) }
    }

    /// - Parameters:
    ///   - earlierRate: asked when the work begins: plain bytes a second of earlier runs.
    ///   - body: the run itself; it is called again for each window it goes on in, with counters of its own.
    /// - Throws: what `body` throws; `RunStopped` where the hours end before the work.
    package func run<Result: Sendable>(
        earlierRate: @escaping @Sendable () -> Double?,
        _ body: @escaping @Sendable (RunContext) async throws -> Result
    ) async throws -> Result {
        context.control.wantsForecast = hours.isLimited
        var context = context
        while true {
            let slot = try await slot()
            do {
                return try await watched(slot, context, earlierRate, body)
            } catch let stopped as RunStopped where stopped.isByHours && staysForNext && hours.slot(at: now()) != nil {
                context.control.rearm()
                context = context.renewed()
                monitor?.show(context.progress)
            }
        }
    }

    /// Waits for the hours, if they have not begun.
    private func slot() async throws -> Range<Double> {
        var hasTold = false
        while true {
            guard let slot = hours.slot(at: now()) else {
                throw RunStopped(.pause, "the time to finish by has passed")
            }
            let wait = slot.lowerBound - now()
            guard wait > 0 else { return slot }
            let begins = Timestamp(seconds: Int64(slot.lowerBound))
            if !hasTold {
                context.control.enter(.waiting)
                context.logger.info("waits for its window", metadata: ["begins": "\(begins)"])
                monitor?.show(RunSchedule(pace: pace, begins: begins, ends: Self.end(slot)))
                hasTold = true
            }
            // In steps, since clocks on walls are set; ended at once by a stop.
            try await context.control.run(grace: .zero) { [sleep] in try await sleep(.seconds(min(wait, 30))) }
            if let stopped = context.control.stopped { throw stopped }
        }
    }

    private func watched<Result: Sendable>(
        _ slot: Range<Double>,
        _ context: RunContext,
        _ earlierRate: @escaping @Sendable () -> Double?,
        _ body: @escaping @Sendable (RunContext) async throws -> Result
    ) async throws -> Result {
        guard hours.isLimited else { return try await body(context) }
        monitor?.show(RunSchedule(pace: pace, ends: Self.end(slot)))
        let watcher = SlotWatcher(
            SlotWatch(hours, slot: slot, pace: pace),
            kind,
            schedule: RunSchedule(pace: pace, ends: Self.end(slot)),
            context: context,
            limits: limits,
            monitor: monitor
        )
        // Before the first byte moves: a second without a pace is a lot of bytes.
        context.control.onTransfer { [now] in watcher.begin(at: now(), earlierRate: earlierRate()) }
        defer {
            context.control.onTransfer(nil)
            limits.pace(.unlimited)
        }
        return try await withThrowingTaskGroup(of: Result?.self) { group in
            defer { group.cancelAll() }
            group.addTask { try await body(context) }
            group.addTask { [now, sleep] in
                while watcher.tick(at: now()), (try? await sleep(.seconds(1))) != nil {}
                return nil
            }
            while let answer = try await group.next() {
                if let answer { return answer }
            }
            throw CancellationError()
        }
    }

    private static func end(_ slot: Range<Double>) -> Timestamp? {
        slot.upperBound < .infinity ? Timestamp(seconds: Int64(slot.upperBound)) : nil
    }
}
