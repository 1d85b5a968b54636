internal import TransferEngine

/// How many are inside of something now, and how many were at most.
package final class Gauge: Sendable {
    private let state = ThreadLock((now: 0, most: 0))

    package init() {}

    package var now: Int { state.withLock { $0.now } }
    package var most: Int { state.withLock { $0.most } }

    package func enter() {
        state.withLock { state in
            state.now += 1
            state.most = max(state.most, state.now)
        }
    }

    package func leave() { state.withLock { $0.now -= 1 } }
}
