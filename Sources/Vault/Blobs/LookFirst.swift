internal import TransferEngine

/// Whether to ask the store for a blob before it is sent.
///
/// A create-only put finds out by itself what is there already, but only when all has been compressed and sent. A look
/// before spares that, and costs a waiting time, all through which the content takes memory: at a distant store, half of
/// what memory could have under way. So those who have looked in vain for long enough just send, until they have sent
/// something in vain: a new backup hardly ever looks, and one that repeats a killed one looks until it is past its end.
final class LookFirst: Sendable {
    /// Looks in vain, one after the other, that end the looking.
    ///
    /// What is then sent in vain is at most what is under way at one time, before looking begins again.
    static let patience = 16

    private let misses = ThreadLock(0)

    var isDue: Bool { misses.withLock { $0 < Self.patience } }

    /// The store did not have what was looked for.
    func missed() { misses.withLock { $0 = min($0 + 1, Self.patience) } }

    /// The store has something: a look found it, or a put came too late.
    func found() { misses.withLock { $0 = 0 } }
}
