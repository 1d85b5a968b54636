import TransferEngine

/// Counts calls from any task.
final class Counter: Sendable {
    private let count = ThreadLock(0)

    /// How often it was called before.
    func next() -> Int {
        count.withLock { count in
            count += 1
            return count - 1
        }
    }
}
