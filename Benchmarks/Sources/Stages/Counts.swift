internal import CCounters
internal import CLoopback

/// What a stage has used, in counts that are the same on every run and every machine.
package struct Counts: Sendable, Equatable {
    package var allocations: UInt64
    package var allocatedBytes: UInt64
    package var socketCalls: UInt64
    package var requests: UInt64
    package var connections: UInt64

    /// Since the process began.
    package static var now: Counts {
        var counters = ccounters()
        unsafe ccounters_read(&counters)
        return Counts(
            allocations: counters.allocations,
            allocatedBytes: counters.allocated_bytes,
            socketCalls: counters.socket_calls,
            requests: cloopback_requests(),
            connections: cloopback_connections()
        )
    }

    package static func - (left: Counts, right: Counts) -> Counts {
        Counts(
            allocations: left.allocations - right.allocations,
            allocatedBytes: left.allocatedBytes - right.allocatedBytes,
            socketCalls: left.socketCalls - right.socketCalls,
            requests: left.requests - right.requests,
            connections: left.connections - right.connections
        )
    }
}
