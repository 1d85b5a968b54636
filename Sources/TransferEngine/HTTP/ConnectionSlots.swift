/// Who may use a connection now, and who waits: first come, first served among those whose host has room.
///
/// libcurl could queue by itself, but a transfer that waits inside it has started its clocks, and cannot be told from
/// one that connects. A value without a connection of its own, so that the turns can be tested alone.
struct ConnectionSlots {
    private struct Waiter {
        let id: UInt64
        let origin: String
    }

    private let limit: Int
    private let limitPerOrigin: Int
    private var waiting: [Waiter] = []
    private var inUse: [String: Int] = [:]
    private(set) var total = 0

    init(limit: Int, perOrigin: Int) {
        self.limit = max(1, limit)
        limitPerOrigin = max(1, perOrigin)
    }

    /// Joins the end of the queue.
    mutating func enter(_ id: UInt64, origin: String) {
        waiting.append(Waiter(id: id, origin: origin))
    }

    /// Leaves the queue before its turn came.
    mutating func leave(_ id: UInt64) {
        waiting.removeAll { $0.id == id }
    }

    /// Takes a slot for the next whose turn it is; nil if nobody waits who could have one.
    mutating func next() -> UInt64? {
        guard total < limit else { return nil }
        guard let index = waiting.firstIndex(where: { inUse[$0.origin, default: 0] < limitPerOrigin }) else {
            return nil
        }
        let chosen = waiting.remove(at: index)
        inUse[chosen.origin, default: 0] += 1
        total += 1
        return chosen.id
    }

    /// Gives back a slot that `next` gave.
    mutating func free(origin: String) {
        guard let count = inUse[origin] else { preconditionFailure("a slot was given back twice") }
        inUse[origin] = count > 1 ? count - 1 : nil
        total -= 1
    }
}
