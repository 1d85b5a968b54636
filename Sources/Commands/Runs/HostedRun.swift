internal import Logging
internal import ObjectStorage
internal import Operations
internal import TransferEngine
internal import Vault

/// What a run learns of its vault when that is opened.
private final class OpenedVault: Sendable {
    let id = ThreadLock<String?>(nil)
}

/// A backup or restore as a run of this host: alone at what it does, shown to `status`, heard by `stop`, `limit` and
/// SIGTERM, and within its windows.
struct HostedRun {
    private let session: Session
    private let identity: RunIdentity
    /// Nil where there is no state directory: then it is neither shown nor goes on from a journal.
    let directory: RunDirectory?
    private let monitor: RunMonitor?
    private let limits: RunLimits
    private let hours: WorkHours
    private let pace: Pace
    private let staysForNext: Bool
    private let opened = OpenedVault()

    /// Takes the run's directory.
    ///
    /// - Throws: `RunError` with code `.conflict` while it is at work already.
    init(_ session: Session, _ state: StateOptions, _ hours: HoursOptions, _ identity: RunIdentity) throws {
        (self.hours, pace) = try hours.hours(session.settings)
        staysForNext = hours.stay
        self.session = session
        self.identity = identity
        let limits = session.limits(identity.kind)
        self.limits = limits
        guard let state = try state.directory(session.settings, logger: session.logger) else {
            (directory, monitor) = (nil, nil)
            return
        }
        RunDirectory.removeOld(in: state, now: Timestamp.now.seconds)
        do {
            directory = try RunDirectory.open(identity, in: state)
        } catch let error as FileError {
            session.logger.warning(
                "the state directory cannot be used: a stopped run will begin anew",
                metadata: ["error": "\(error)"]
            )
            (directory, monitor) = (nil, nil)
            return
        }
        monitor = directory.map { directory in
            RunMonitor(directory, context: session.context, limits: limits) {
                session.requests.failures
            }
        }
    }

    /// Says which vault it is: rates of runs are kept for each.
    func open(_ vault: Vault) {
        opened.id.withLock { $0 = vault.description.id }
    }

    /// Runs `body` in its hours, and says in the end what became of it.
    func run<Result: Sendable>(
        _ body: @escaping @Sendable (RunContext) async throws -> Result
    ) async throws -> Result {
        let run = ScheduledRun(
            identity.kind,
            hours,
            pace: pace,
            staysForNext: staysForNext,
            context: session.context,
            limits: limits,
            monitor: monitor
        )
        return try await StoppableRun.register(session.context.control) {
            monitor?.start()
            do {
                let result = try await run.run {
                    history?.rate(identity.kind)
                } _: { context in
                    defer { keepRate(context) }
                    return try await session.showing("the \(identity.kind.rawValue)", context.progress) {
                        try await body(context)
                    }
                }
                monitor?.end(.completed)
                return result
            } catch {
                end(error)
                throw error
            }
        }
    }

    private var history: RateHistory? {
        guard let directory, let id = opened.id.withLock({ $0 }) else { return nil }
        return try? RateHistory(in: directory.state, vault: id)
    }

    /// Keeps how fast the run was, for the forecasts of later ones.
    private func keepRate(_ context: RunContext) {
        guard pace == .fast, let time = context.control.transferTime else { return }
        let bytes = context.progress.snapshot.movedBytes
        try? history?.add(RateHistory.Entry(identity.kind, bytes: bytes, seconds: time / .seconds(1)))
    }

    private func end(_ error: any Error) {
        switch error {
        case let stopped as RunStopped:
            monitor?.end(stopped.request == .pause ? .paused : .cancelled, error: stopped.reason)
        case _ where Task.isCancelled || error is CancellationError:
            monitor?.end(.cancelled, error: "interrupted")
        default: monitor?.end(.failed, error: "\(error)")
        }
    }
}
