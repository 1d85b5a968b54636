internal import CLinux
internal import Glibc

/// Threads for what blocks or computes for long: file calls, hashing, compression.
///
/// Prefer it for a task tree with `withTaskExecutorPreference(io)` or `addTask(executorPreference: io)`; the tree's
/// nonisolated code and its actors without an executor of their own then run here and never on the cooperative pool,
/// which has only as many threads as the machine has cores. The threads end when the executor does.
package final class IOExecutor: TaskExecutor {
    private let queue = JobQueue()

    /// - Parameters:
    ///   - threads: how many calls may block at one time.
    ///   - isGentle: idle I/O class and nice 10, so that a database on the machine goes first.
    package init(threads: Int, isGentle: Bool = false) {
        for index in 0..<max(1, threads) {
            Self.startThread(JobThread(queue: queue, name: "ringvault-io-\(index)", isGentle: isGentle, executor: self))
        }
    }

    deinit { queue.stop() }

    package func enqueue(_ job: consuming ExecutorJob) {
        queue.add(UnownedJob(job))
    }

    /// Runs what blocks on one of the threads; at once where the task is on one already.
    package func run<Value, Failure: Error>(
        _ body: () throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        try await withTaskExecutorPreference(self) { () async throws(Failure) -> Value in try body() }
    }

    private static func startThread(_ thread: JobThread) {
        var id = pthread_t()
        var attributes = pthread_attr_t()
        unsafe pthread_attr_init(&attributes)
        unsafe pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        let box = unsafe Unmanaged.passRetained(thread)
        let answer = unsafe pthread_create(
            &id,
            &attributes,
            { context in
                // The pointer is the box passed below, never nil.
                // swift-format-ignore: NeverForceUnwrap
                unsafe Unmanaged<JobThread>.fromOpaque(context!).takeRetainedValue().run()
                return nil
            },
            box.toOpaque()
        )
        precondition(answer == 0, "cannot start a thread: error \(answer)")
        unsafe pthread_attr_destroy(&attributes)
    }
}

/// One thread's part of an executor.
@safe
private final class JobThread: Sendable {
    private let queue: JobQueue
    private let name: String
    private let isGentle: Bool
    // Valid whenever a job runs: a task that prefers an executor keeps it alive.
    private let executor: UnownedTaskExecutor

    init(queue: JobQueue, name: String, isGentle: Bool, executor: IOExecutor) {
        self.queue = queue
        self.name = name
        self.isGentle = isGentle
        unsafe self.executor = executor.asUnownedTaskExecutor()
    }

    func run() {
        unsafe clinux_name_thread(name)
        if isGentle {
            // Politeness only: a container may forbid either, and the work is right without.
            _ = clinux_set_idle_io_priority()
            _ = clinux_set_thread_nice(10)
        }
        while let job = queue.next() {
            unsafe job.runSynchronously(on: executor)
        }
    }
}

/// Jobs waiting for a thread, first in, first out.
@safe
private final class JobQueue: @unchecked Sendable {
    // Sendable: `jobs` has its mutex, and sem_t may be used from any thread.
    private struct State {
        var jobs: [UnownedJob] = []
        var head = 0
        var isStopped = false
    }

    private let state = ThreadLock(State())
    private let available: UnsafeMutablePointer<sem_t>

    init() {
        unsafe available = .allocate(capacity: 1)
        unsafe sem_init(available, 0, 0)
    }

    deinit {
        unsafe sem_destroy(available)
        unsafe available.deallocate()
    }

    func add(_ job: UnownedJob) {
        state.withLock { $0.jobs.append(job) }
        unsafe sem_post(available)
    }

    /// Waits for a job; nil once stopped and empty.
    func next() -> UnownedJob? {
        while unsafe sem_wait(available) != 0 {}  // EINTR
        let (job, isLast) = state.withLock { state -> (UnownedJob?, Bool) in
            guard state.head < state.jobs.count else { return (nil, state.isStopped) }
            let job = state.jobs[state.head]
            state.head += 1
            if state.head == state.jobs.count {
                state.jobs.removeAll(keepingCapacity: true)
                state.head = 0
            } else if state.head >= 1024, state.head * 2 > state.jobs.count {
                // A queue that is never empty would keep what is done for ever.
                state.jobs.removeFirst(state.head)
                state.head = 0
            }
            return (job, false)
        }
        if isLast { unsafe sem_post(available) }  // pass the end on to the next thread
        return job
    }

    func stop() {
        state.withLock { $0.isStopped = true }
        unsafe sem_post(available)
    }
}
