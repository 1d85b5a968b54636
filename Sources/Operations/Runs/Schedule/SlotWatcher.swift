internal import Logging
internal import TransferEngine
internal import Vault

/// Asks a `SlotWatch` about a run, and does what it decides.
final class SlotWatcher: Sendable {
    private struct State {
        var watch: SlotWatch
        var schedule: RunSchedule
        /// What the bucket of reads had given when the transfer began; nil before.
        var taken: Int64?
        var told: Forecast?
    }

    private let kind: RunIdentity.Kind
    private let context: RunContext
    private let limits: RunLimits
    private let monitor: RunMonitor?
    private let state: ThreadLock<State>

    init(
        _ watch: SlotWatch,
        _ kind: RunIdentity.Kind,
        schedule: RunSchedule,
        context: RunContext,
        limits: RunLimits,
        monitor: RunMonitor?
    ) {
        self.kind = kind
        self.context = context
        self.limits = limits
        self.monitor = monitor
        state = ThreadLock(State(watch: watch, schedule: schedule))
    }

    /// Says that bytes are going to move from now on.
    func begin(at now: Double, earlierRate: Double?) {
        state.withLock { state in
            state.watch.earlierRate = earlierRate
            state.taken = context.readLimit.taken
        }
        _ = tick(at: now)
    }

    /// - Returns: false once the run's time is over.
    func tick(at now: Double) -> Bool {
        let progress = context.progress.snapshot
        let (decision, schedule, isNew) = state.withLock { state in
            let work = work(progress, taken: state.taken)
            let decision = state.watch.tick(at: now, work)
            if let forecast = decision.forecast { state.schedule.forecast = forecast }
            let isNew = decision.forecast.map { forecast in
                state.told.map { $0.fits != forecast.fits || $0.basis != forecast.basis } ?? true
            }
            if isNew == true { state.told = decision.forecast }
            return (decision, state.schedule, isNew == true)
        }
        if let rate = decision.pace { limits.pace(rate) }
        if let forecast = decision.forecast {
            monitor?.show(schedule)
            if isNew { context.logger.info("forecast", metadata: ["forecast": "\(forecast.text)"]) }
        }
        guard decision.mustPause else { return true }
        let rest = schedule.forecast?.finish.map { "; at this pace all is done by \($0)" } ?? ""
        context.control.stop(RunStopped(.pause, "its time is over\(rest)", isByHours: true))
        return false
    }

    private func work(_ progress: Progress.Snapshot, taken: Int64?) -> SlotWatch.Work {
        let fetched = progress.movedBytes > 0 ? Double(progress.receivedBytes) / Double(progress.movedBytes) : 1
        return SlotWatch.Work(
            planned: progress.plannedMoves,
            moved: progress.movedBytes,
            begun: kind == .backup ? context.readLimit.taken - (taken ?? 0) : progress.movedBytes,
            ratio: kind == .backup ? 1 : fetched,
            isTransferring: taken != nil,
            limit: limits.wanted
        )
    }
}
