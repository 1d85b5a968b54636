internal import Glibc
internal import Logging
package import TransferEngine
internal import Vault

/// Shows a run to other processes while it is at work, and lets them stop it and change its limits: the state in its
/// directory, written once a second and at each change, and its socket.
package final class RunMonitor: Sendable {
    private struct Shown {
        var state: RunState
        var progress: Progress
        var isEnded = false
        var hasWarned = false
    }

    private let directory: RunDirectory
    private let control: RunControl
    private let limits: RunLimits
    private let failedRequests: @Sendable () -> Int
    private let logger: Logger
    private let shown: ThreadLock<Shown>
    private let server: ThreadLock<ControlServer?>
    /// Held while the state is written, so that the last that is written is the last there was.
    private let writing = ThreadLock(())

    /// - Parameter failedRequests: how many requests have failed so far.
    package init(
        _ directory: RunDirectory,
        context: RunContext,
        limits: RunLimits,
        failedRequests: @escaping @Sendable () -> Int
    ) {
        self.directory = directory
        control = context.control
        self.limits = limits
        self.failedRequests = failedRequests
        logger = context.logger
        let state = RunState(directory.identity, process: .current, started: .now)
        shown = ThreadLock(Shown(state: state, progress: context.progress))
        server = ThreadLock(nil)
    }

    /// Begins to show the run and to listen.
    ///
    /// A run that cannot be shown goes on all the same, with a warning.
    package func start() {
        write()
        do throws(FileError) {
            let server = try ControlServer(
                in: directory.path,
                answer: { [weak self] line in self?.answer(line) ?? [] },
                tick: { [weak self] in self?.write() }
            )
            self.server.withLock { $0 = server }
        } catch {
            logger.warning("this run cannot be asked or stopped by others", metadata: ["error": "\(error)"])
        }
    }

    /// Says how the run ended, and stops listening.
    package func end(_ status: RunState.Status, error: String? = nil) {
        let server = self.server.withLock { server in
            defer { server = nil }
            return server
        }
        shown.withLock {
            Self.fill(&$0, control, limits, failedRequests())
            $0.state.state = status
            $0.state.error = error
            $0.state.finished = .now
            $0.isEnded = true
        }
        // The last word before the socket goes: who finds none reads it.
        write()
        server?.stop()
    }

    /// Shows another progress: the run goes on in its next window.
    package func show(_ progress: Progress) {
        shown.withLock { $0.progress = progress }
    }

    package func show(_ schedule: RunSchedule?) {
        shown.withLock { $0.state.schedule = schedule }
    }

    /// The run as it is now.
    package var state: RunState {
        shown.withLock {
            Self.fill(&$0, control, limits, failedRequests())
            return $0.state
        }
    }

    private static func fill(_ shown: inout Shown, _ control: RunControl, _ limits: RunLimits, _ failed: Int) {
        guard !shown.isEnded else { return }
        shown.state.updated = .now
        shown.state.phase = control.phase
        shown.state.numbers = RunState.Numbers(shown.progress.snapshot, failedRequests: failed)
        shown.state.limits = limits.snapshot
        if let stopped = control.stopped { shown.state.error = stopped.reason }
    }

    private func write() {
        do throws(FileError) {
            try writing.withLock { (_) throws(FileError) in try state.write(in: directory.path) }
        } catch {
            let isFirst = shown.withLock { shown in
                defer { shown.hasWarned = true }
                return !shown.hasWarned
            }
            if isFirst {
                logger.warning("the state of this run cannot be written", metadata: ["error": "\(error)"])
            }
        }
    }

    private func answer(_ line: [UInt8]) -> [UInt8] {
        guard let request = ControlRequest(line: line) else {
            return ControlAnswer(error: "the request cannot be read").line
        }
        switch request.action {
        case .status: break
        case .stop:
            control.stop(request.mode ?? .pause, "asked to by 'ringvault \(directory.identity.kind.rawValue) stop'")
        case .limit:
            for number in [request.read, request.upload, request.download] {
                guard let number else { continue }
                guard ControlRequest.rate(number) != nil else {
                    return ControlAnswer(error: "\(number) is no rate").line
                }
            }
            limits.set(
                read: ControlRequest.rate(request.read),
                upload: ControlRequest.rate(request.upload),
                download: ControlRequest.rate(request.download)
            )
            logger.info("the limits were changed", metadata: ["limits": "\(limits.snapshot.text)"])
        }
        return ControlAnswer(run: state).line
    }
}

extension RunState.Limits {
    /// `read 10.0 MiB/s, upload unlimited, download unlimited`.
    package var text: String {
        func rate(_ bytes: Int64?) -> String { DataRate(bytesPerSecond: bytes).description }
        let all = "read \(rate(read)), upload \(rate(upload)), download \(rate(download))"
        return pace.map { "\(all), paced to \(rate($0))" } ?? all
    }
}
