internal import Synchronization

/// Counts body bytes as they move; may be read from any thread, and shared by several requests, which then add up.
package final class HTTPProgress: Sendable {
    private let sentBytes = Atomic(0)
    private let receivedBytes = Atomic(0)

    package init() {}

    /// Body bytes handed to the network.
    ///
    /// Falls back when a request has to be sent again from its start.
    package var sent: Int { sentBytes.load(ordering: .relaxed) }

    /// Body bytes that arrived, those of error answers included.
    package var received: Int { receivedBytes.load(ordering: .relaxed) }

    func add(sent: Int, received: Int) {
        if sent != 0 { sentBytes.add(sent, ordering: .relaxed) }
        if received != 0 { receivedBytes.add(received, ordering: .relaxed) }
    }
}
