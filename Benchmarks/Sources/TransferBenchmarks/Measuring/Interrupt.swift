internal import Glibc
internal import Synchronization

/// SIGINT and SIGTERM end the run in good order: the data are removed.
enum Interrupt {
    private static let flag = Atomic(false)

    /// For the whole process, whichever thread the signal comes to.
    static func install() {
        var action = sigaction()
        unsafe action.__sigaction_handler.sa_handler = { _ in Interrupt.flag.store(true, ordering: .relaxed) }
        for number in [SIGINT, SIGTERM] { unsafe sigaction(number, &action, nil) }
    }

    static var isRequested: Bool { flag.load(ordering: .relaxed) }

    static func check() throws(BenchmarkError) {
        if isRequested { throw BenchmarkError("interrupted") }
    }
}
