internal import Glibc

/// Threads of fake servers: none of the cooperative pool, which a blocking call would stop.
enum ServerThread {
    /// Starts a thread, which somebody must join.
    static func start(_ body: @escaping @Sendable () -> Void) -> pthread_t {
        final class Start {
            let body: @Sendable () -> Void
            init(_ body: @escaping @Sendable () -> Void) { self.body = body }
        }
        let start = unsafe Unmanaged.passRetained(Start(body))
        var thread = pthread_t()
        let code = unsafe pthread_create(
            &thread,
            nil,
            { context in
                // Our own pointer, retained for this thread.
                // swift-format-ignore: NeverForceUnwrap
                unsafe Unmanaged<Start>.fromOpaque(context!).takeRetainedValue().body()
                return nil
            },
            start.toOpaque()
        )
        precondition(code == 0, "cannot start a thread: error \(code)")
        return thread
    }
}
