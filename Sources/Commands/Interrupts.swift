internal import Glibc

/// SIGINT and SIGTERM, taken by a thread of their own: the first asks the running command to end, the second ends the
/// process at once.
enum Interrupts {
    /// To be called first of all, before other threads start: they inherit the mask that leaves both signals to
    /// `handle`'s thread.
    static func block() {
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe sigaddset(&signals, SIGINT)
        unsafe sigaddset(&signals, SIGTERM)
        unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
        // A reader of our output that goes away is an error of that write, not the end of a backup.
        signal(SIGPIPE, SIG_IGN)
    }

    /// Calls `cancel` when the first of the signals comes. To be called once.
    static func handle(_ cancel: @escaping @Sendable () -> Void) {
        let box = unsafe Unmanaged.passRetained(Box(cancel))
        var thread = pthread_t()
        unsafe pthread_create(
            &thread, nil,
            { context in
                // The pointer is the box passed below, never nil.
                // swift-format-ignore: NeverForceUnwrap
                let box = unsafe Unmanaged<Box>.fromOpaque(context!).takeRetainedValue()
                var signals = sigset_t()
                unsafe sigemptyset(&signals)
                unsafe sigaddset(&signals, SIGINT)
                unsafe sigaddset(&signals, SIGTERM)
                var number: Int32 = 0
                unsafe sigwait(&signals, &number)
                box.cancel()
                unsafe sigwait(&signals, &number)
                _exit(128 + number)
            }, box.toOpaque())
    }

    private final class Box: Sendable {
        let cancel: @Sendable () -> Void

        init(_ cancel: @escaping @Sendable () -> Void) {
            self.cancel = cancel
        }
    }
}
