internal import Logging
internal import ObjectStorage
internal import Operations
internal import TransferEngine
internal import Vault

/// A backup or restore as a run of this host: alone at what it does, shown to `status`, heard by `stop`, `limit` and
/// SIGTERM, and within its windows.
struct HostedRun {
    private let session: Session
    private let identity: RunIdentity
    /// Nil where there is no state directory: then it is neither shown nor goes on from a journal.
    let directory: RunDirectory?
    private let monitor: RunMonitor?
    private let limits: RunLimits

    /// Takes the run's directory.
    ///
    /// - Throws: `RunError` with code `.conflict` while it is at work already.
    init(_ session: Session, _ state: StateOptions, _ identity: RunIdentity) throws {
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

    /// Runs `body`, and says in the end what became of it.
    func run<Result: Sendable>(
        _ body: @escaping @Sendable (RunContext) async throws -> Result
    ) async throws -> Result {
        let context = session.context
        return try await StoppableRun.register(context.control) {
            monitor?.start()
            do {
                let result = try await session.showing("the \(identity.kind.rawValue)", context.progress) {
                    try await body(context)
                }
                monitor?.end(.completed)
                return result
            } catch {
                end(error)
                throw error
            }
        }
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
