internal import Dispatch
internal import Glibc
internal import Synchronization

/// SIGINT and SIGTERM: the first asks the running command to end, a second ends the process at once.
final class Interrupts: Sendable {
    // Sources deliver as long as they are kept; they may be used from any thread.
    private nonisolated(unsafe) let sources: [any DispatchSourceSignal]

    /// - Parameter handle: called with the number of the first signal.
    init(_ handle: @escaping @Sendable (Int32) -> Void) {
        // A reader of our output that goes away is an error of that write, not the end of a backup.
        signal(SIGPIPE, SIG_IGN)
        let counter = Counter()
        unsafe sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)  // a source does not take the default action away
            let source = DispatchSource.makeSignalSource(signal: number)
            source.setEventHandler {
                if counter.next() > 0 { _exit(128 + number) }
                handle(number)
            }
            source.resume()
            return source
        }
    }

    private final class Counter: Sendable {
        private let count = Atomic(0)

        func next() -> Int { count.wrappingAdd(1, ordering: .relaxed).oldValue }
    }
}
