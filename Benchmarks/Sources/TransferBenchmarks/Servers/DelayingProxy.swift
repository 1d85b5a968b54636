internal import Glibc

/// A proxy on this machine that makes a server on this machine distant: every byte arrives later, none is changed.
///
/// It runs in a thread of its own, as long as this lives.
final class DelayingProxy {
    /// Bytes that can be under way on a connection, each way: what Linux lets one have at most by default, 6 MiB of
    /// tcp_rmem, and what its sender buffers.
    static let window = 8 << 20

    let port: UInt16
    var endpoint: String { "http://127.0.0.1:\(port)" }
    private let lifeline: Int32
    private let thread: pthread_t

    /// - Parameters:
    ///   - server: its port, on 127.0.0.1.
    ///   - delay: of each byte, each way. A connection's first bytes wait three times as long: it has to be made first.
    init(to server: UInt16, delay: Duration) throws(BenchmarkError) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard listener >= 0 else { throw BenchmarkError("cannot make a socket: errno \(errno)") }
        var ends: [Int32] = [0, 0]
        do throws(BenchmarkError) {
            self.port = try LoopbackPort.bound(listener)
            guard listen(listener, 1024) == 0, unsafe pipe(&ends) == 0 else {
                throw BenchmarkError("cannot listen on 127.0.0.1:\(self.port): errno \(errno)")
            }
        } catch {
            close(listener)
            throw error
        }
        for handle in ends + [listener] { _ = fcntl(handle, F_SETFD, FD_CLOEXEC) }
        let loop = DelayingLoop(listener: listener, end: ends[0], server: server, delay: delay)
        var thread = pthread_t()
        let context = unsafe Unmanaged.passRetained(loop).toOpaque()
        let answer = unsafe pthread_create(
            &thread,
            nil,
            { context in
                guard let context = unsafe context else { return nil }
                unsafe Unmanaged<DelayingLoop>.fromOpaque(context).takeRetainedValue().run()
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
}
