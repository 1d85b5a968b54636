/// Memory of a request's body that goes back to its pool once the network has taken all of it, before the answer is there.
///
/// So memory bounds what is on its way out, and not what waits for a distant store. The price: a request that fails after that
/// cannot be repeated from memory. Whoever allows it asks `hasLeft` after a failure, and makes the body anew.
package final class EarlyReturn: Sendable {
    private enum State {
        /// Nothing was entrusted to it.
        case empty
        case held(BufferPool, Range<Int>)
        /// Taken by the network, and given back.
        case left
        /// Given back with its lease.
        case ended
    }

    private let state = ThreadLock(State.empty)

    package init() {}

    /// Whether the memory was given back before its lease ended: nobody may read it any more.
    package var hasLeft: Bool { state.withLock { if case .left = $0 { true } else { false } } }

    func hold(_ pool: BufferPool, _ units: Range<Int>) {
        state.withLock { state in
            guard case .empty = state else { preconditionFailure("one lease at a time") }
            state = .held(pool, units)
        }
    }

    /// The network has all of it.
    func leave() { end(.left) }

    /// The lease ends.
    func giveBack() { end(.ended) }

    private func end(_ next: State) {
        let held = state.withLock { state -> (BufferPool, Range<Int>)? in
            guard case .held(let pool, let units) = state else { return nil }
            state = next
            return (pool, units)
        }
        if let (pool, units) = held { pool.giveBack(units) }
    }
}
