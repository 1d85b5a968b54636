internal import Glibc
internal import Synchronization

/// A store on this machine that lets every request wait, as a distant one does: just enough of S3 for one backup.
///
/// The time runs from a request's last byte to its answer. What lies below `blobs/` is counted and thrown away.
final class DiscardingStore {
    /// What came in, as the store sees it.
    struct Flow: Sendable, Codable {
        /// Seconds from the first request for a blob to the last answer to a blob's PUT.
        var seconds = 0.0
        /// Bytes of blobs in those seconds.
        var bytes = 0
        /// The most PUTs of blobs that were under way at one time.
        var mostPuts = 0
        var requests = Requests()
    }

    let endpoint: String
    private let lifeline: Int32
    private let thread: pthread_t
    private let shared: Shared

    /// What its thread and others touch.
    fileprivate final class Shared: Sendable {
        let flow = Mutex(Flow())
    }

    /// - Parameter honoursConditions: whether a PUT with If-None-Match fails where the object is there already; else the
    ///   header is ignored, as many stores do.
    init(delay: Duration, honoursConditions: Bool) throws(BenchmarkError) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard listener >= 0 else { throw BenchmarkError("cannot make a socket: errno \(errno)") }
        var ends: [Int32] = [0, 0]
        do throws(BenchmarkError) {
            let port = try LoopbackPort.bound(listener)
            guard listen(listener, 1024) == 0, unsafe pipe(&ends) == 0 else {
                throw BenchmarkError("cannot listen on 127.0.0.1:\(port): errno \(errno)")
            }
            endpoint = "http://127.0.0.1:\(port)"
        } catch {
            close(listener)
            throw error
        }
        for handle in ends + [listener] { _ = fcntl(handle, F_SETFD, FD_CLOEXEC) }
        let shared = Shared()
        let loop = DiscardingStoreLoop(
            listener: listener,
            end: ends[0],
            delay: delay,
            honoursConditions: honoursConditions
        ) { change in shared.flow.withLock { change(&$0) } }
        var thread = pthread_t()
        let context = unsafe Unmanaged.passRetained(loop).toOpaque()
        let answer = unsafe pthread_create(
            &thread,
            nil,
            { context in
                guard let context = unsafe context else { return nil }
                unsafe Unmanaged<DiscardingStoreLoop>.fromOpaque(context).takeRetainedValue().run()
                return nil
            },
            context
        )
        precondition(answer == 0, "no thread can be started")
        self.thread = thread
        self.shared = shared
        lifeline = ends[1]
    }

    var flow: Flow { shared.flow.withLock { $0 } }

    deinit {
        close(lifeline)
        pthread_join(thread, nil)
    }
}
