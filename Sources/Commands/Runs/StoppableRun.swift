internal import Operations
internal import TransferEngine

/// The run that this process is at work on, for the handler of signals.
enum StoppableRun {
    private static let current = ThreadLock<RunControl?>(nil)

    /// Runs `body`, which `pause` reaches meanwhile.
    static func register<Result>(_ control: RunControl, _ body: () async throws -> Result) async rethrows -> Result {
        current.withLock { $0 = control }
        defer { current.withLock { $0 = nil } }
        return try await body()
    }

    /// Asks the run to pause.
    ///
    /// - Returns: false if there is none.
    static func pause(_ reason: String) -> Bool {
        guard let control = current.withLock({ $0 }) else { return false }
        control.stop(.pause, reason)
        return true
    }
}
