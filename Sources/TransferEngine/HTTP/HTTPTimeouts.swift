/// How long a request may take, with a clock of its own for each thing it waits for.
///
/// One limit for all would be too short for a store that thinks before it answers, or too long for a dead peer.
package struct HTTPTimeouts: Sendable, Equatable {
    /// From wanting a connection until the request goes out: name lookup, TCP, proxy and TLS.
    package var connect: Duration
    /// Between two bytes, in either direction, while a body is sent or a response is received.
    package var stall: Duration
    /// From the last byte of the request to the first of the response.
    ///
    /// Stores copy and assemble objects in this time.
    package var firstByte: Duration
    /// For all of the above together, without the wait for one of the client's connections; nil for no limit.
    package var total: Duration?

    package init(
        connect: Duration = .seconds(15),
        stall: Duration = .seconds(60),
        firstByte: Duration = .seconds(120),
        total: Duration? = nil
    ) {
        self.connect = connect
        self.stall = stall
        self.firstByte = firstByte
        self.total = total
    }
}
