internal import Synchronization

/// Whether a store is being written to for the first time, told once.
final class FirstPut: Sendable {
    private let isPast = Atomic(false)

    func isNow() -> Bool { !isPast.exchange(true, ordering: .relaxed) }
}
