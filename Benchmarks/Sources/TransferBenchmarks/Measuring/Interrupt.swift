internal import Glibc
internal import Synchronization

/// SIGINT and SIGTERM end the run in good order: the data are removed.
enum Interrupt {
    private static let isRequested = Atomic(false)

    /// Without SA_RESTART, so that waiting for a child ends as well.
    static func install() {
        var action = sigaction()
        unsafe action.__sigaction_handler.sa_handler = { _ in Interrupt.isRequested.store(true, ordering: .relaxed) }
        for number in [SIGINT, SIGTERM] { unsafe sigaction(number, &action, nil) }
    }

    static func check() throws(BenchmarkError) {
        if isRequested.load(ordering: .relaxed) { throw BenchmarkError("interrupted") }
    }
}
