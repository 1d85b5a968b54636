internal import Glibc
internal import Synchronization

/// A store on this machine that throws away what it is given: just enough of S3 to upload, however much it is.
///
/// It counts bytes, keeps a vault's documents, which are read again, and honours If-None-Match. It runs in a thread of its
/// own, as long as this lives.
final class DiscardingStore: Target {
    let bucket: S3Bucket
    private let lifeline: Int32
    private let thread: pthread_t
    private let counters = Counters()

    /// What its thread and others touch.
    final class Counters: Sendable {
        struct Values {
            /// Of bodies that were thrown away.
            var bytes = 0
            var requests = Requests()
            /// Rises when all objects are to be forgotten.
            var era = 0
        }

        let values = Mutex(Values())
    }

    init() throws(BenchmarkError) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard listener >= 0 else { throw BenchmarkError("cannot make a socket: errno \(errno)") }
        var ends: [Int32] = [0, 0]
        do throws(BenchmarkError) {
            let port = try LoopbackPort.bound(listener)
            guard listen(listener, 1024) == 0, unsafe pipe(&ends) == 0 else {
                throw BenchmarkError("cannot listen on 127.0.0.1:\(port): errno \(errno)")
            }
            bucket = .own("http://127.0.0.1:\(port)")
        } catch {
            close(listener)
            throw error
        }
        for handle in ends + [listener] { _ = fcntl(handle, F_SETFD, FD_CLOEXEC) }
        let loop = DiscardingLoop(listener: listener, end: ends[0], counters: counters)
        var thread = pthread_t()
        let context = unsafe Unmanaged.passRetained(loop).toOpaque()
        let answer = unsafe pthread_create(
            &thread,
            nil,
            { context in
                guard let context = unsafe context else { return nil }
                unsafe Unmanaged<DiscardingLoop>.fromOpaque(context).takeRetainedValue().run()
                return nil
            },
            context
        )
        precondition(answer == 0, "no thread can be started")
        self.thread = thread
        lifeline = ends[1]
    }

    deinit {
        close(lifeline)
        pthread_join(thread, nil)
    }

    func requests() throws -> Requests? { counters.values.withLock { $0.requests } }

    /// Of all that was thrown away so far, whatever its name.
    func stored(_ prefix: String) throws -> Int? { counters.values.withLock { $0.bytes } }

    func clear() throws { counters.values.withLock { $0.era += 1 } }
}
