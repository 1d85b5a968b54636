internal import CLinux
internal import Glibc
internal import Synchronization

/// One thread that owns libcurl's multi handle, and is the executor of the actor that uses it.
///
/// Code isolated to that actor runs between two rounds of libcurl, so neither needs a lock against the other. The
/// thread holds the loop until `stop`, which is for the client's end: nobody else holds both.
@safe
final class CurlLoop: SerialExecutor {
    private struct Mailbox {
        var jobs: [UnownedJob] = []
        var cancelled: [UInt64] = []
        var isStopping = false
        /// The multi handle may be gone: nobody may wake it.
        var isOver = false
    }

    /// How often the clocks are looked at while a transfer is under way, and so how late they may be.
    private static let tick = Duration.milliseconds(100)
    /// Milliseconds to sleep when nothing is under way: anything new wakes the loop.
    private static let idleWait: Int32 = 60_000

    private let mailbox = ThreadLock(Mailbox())
    /// Its `wakeUp` may be called from any thread, under the mailbox's lock and while `isOver` is false; all else is
    /// for the loop's thread.
    private nonisolated(unsafe) var multi: MultiHandle?
    /// Touched on the loop's thread alone: by the loop itself, and by the actor that it executes.
    private nonisolated(unsafe) var table: TransferTable?
    private let thread = Atomic<UInt>(0)
    /// Ends when the thread has let go of everything that libcurl had.
    let ended: AsyncStream<Never>
    private let endedContinuation: AsyncStream<Never>.Continuation

    init(_ settings: HTTPSettings) {
        let multi = MultiHandle(connections: settings.connections)
        unsafe self.multi = multi
        unsafe table = TransferTable(settings, on: multi)
        (ended, endedContinuation) = AsyncStream.makeStream()
        startThread()
    }

    /// Lets the thread end once the jobs already enqueued have run; no more may come.
    func stop() {
        mailbox.withLock { mailbox in
            mailbox.isStopping = true
            wake(mailbox)
        }
    }

    /// Ends a transfer soon; it may be one that is over.
    func cancel(_ id: UInt64) {
        mailbox.withLock { mailbox in
            mailbox.cancelled.append(id)
            wake(mailbox)
        }
    }

    /// Starts a transfer.
    ///
    /// Only on the loop's thread.
    func submit(_ transfer: Transfer) {
        precondition(isOnThread, "not on the curl loop's thread")
        unsafe table?.submit(transfer)
    }

    // MARK: SerialExecutor

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        mailbox.withLock { mailbox in
            precondition(!mailbox.isOver, "the curl loop has ended")
            mailbox.jobs.append(job)
            // A loop that has jobs was woken for the first of them.
            if mailbox.jobs.count == 1 { wake(mailbox) }
        }
    }

    func checkIsolated() {
        precondition(isOnThread, "not on the curl loop's thread")
    }

    func isIsolatingCurrentContext() -> Bool? { isOnThread }

    private var isOnThread: Bool { thread.load(ordering: .relaxed) == pthread_self() }

    /// Under the mailbox's lock, so that the multi handle cannot end meanwhile.
    ///
    /// The loop's thread is awake already.
    private func wake(_ mailbox: borrowing Mailbox) {
        if !mailbox.isOver, !isOnThread { unsafe multi?.wakeUp() }
    }

    // MARK: The thread

    private func startThread() {
        var attributes = pthread_attr_t()
        unsafe pthread_attr_init(&attributes)
        unsafe pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        let context = unsafe Unmanaged.passRetained(self)
        var id = pthread_t()
        let code = unsafe pthread_create(
            &id,
            &attributes,
            { context in
                // Our own pointer, retained for this thread.
                // swift-format-ignore: NeverForceUnwrap
                unsafe Unmanaged<CurlLoop>.fromOpaque(context!).takeRetainedValue().run()
                return nil
            },
            context.toOpaque()
        )
        unsafe pthread_attr_destroy(&attributes)
        precondition(code == 0, "cannot start the curl loop's thread: error \(code)")
    }

    private func run() {
        thread.store(pthread_self(), ordering: .relaxed)
        unsafe clinux_name_thread("curl-loop")
        blockSignals()
        var lastTick = ContinuousClock.now
        while turn(&lastTick) {}
        unsafe table = nil
        unsafe multi = nil
        endedContinuation.finish()
    }

    /// One round: what others have asked for, what the network has ready, then sleep.
    ///
    /// False when all is over.
    private func turn(_ lastTick: inout ContinuousClock.Instant) -> Bool {
        guard let multi = unsafe multi, let table = unsafe table else { return false }
        let (jobs, cancelled, isOver) = mailbox.withLock { mailbox in
            let taken = (mailbox.jobs, mailbox.cancelled)
            mailbox.jobs = []
            mailbox.cancelled = []
            mailbox.isOver = mailbox.isStopping && taken.0.isEmpty
            return (taken.0, taken.1, mailbox.isOver)
        }
        if isOver { return false }
        // Only the jobs of this batch: those that they enqueue wait until the network has had its turn.
        for job in jobs { unsafe job.runSynchronously(on: asUnownedSerialExecutor()) }
        for id in cancelled { table.cancel(id) }
        multi.perform()
        table.reap()
        guard !table.isIdle else {
            multi.poll(milliseconds: hasMail ? 0 : Self.idleWait)
            return true
        }
        let now = ContinuousClock.now
        if lastTick.duration(to: now) >= Self.tick {
            lastTick = now
            table.checkClocks(at: now)
        }
        let wait = min(Self.tick, table.releaseHeld(at: now) ?? Self.tick)
        // Rounded up: a wait that ends too early would be begun again and again.
        multi.poll(milliseconds: hasMail ? 0 : Int32((wait / .milliseconds(1)).rounded(.up)))
        return true
    }

    /// Jobs that this thread gave itself, for which nobody woke it.
    private var hasMail: Bool { mailbox.withLock { !$0.jobs.isEmpty || !$0.cancelled.isEmpty || $0.isStopping } }

    /// Signals are for the threads of those who handle them; and OpenSSL's writes raise SIGPIPE, which would end the
    /// process, since libcurl leaves that to us under CURLOPT_NOSIGNAL.
    private func blockSignals() {
        var all = sigset_t()
        unsafe sigfillset(&all)
        unsafe pthread_sigmask(SIG_BLOCK, &all, nil)
    }
}
