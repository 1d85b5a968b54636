/// The clocks of one transfer: which one runs, and whether it has run out.
///
/// A value that is told the time and what libcurl reported; it measures nothing itself.
struct TransferClocks {
    typealias Instant = ContinuousClock.Instant

    /// What the transfer waits for.
    enum Phase {
        case connection
        case room
        case answer
        case bytes
    }

    private(set) var phase = Phase.connection
    private let timeouts: HTTPTimeouts
    private let bodyCount: Int
    private var start: Instant
    /// When the running clock was last set to zero.
    private var since: Instant
    /// When the transfer was held back by a limit of our own; nil if it is not.
    private var heldSince: Instant?
    private var sent = 0
    private var received = 0

    /// - Parameter bodyCount: bytes of the request's body.
    init(_ timeouts: HTTPTimeouts, bodyCount: Int, at now: Instant) {
        self.timeouts = timeouts
        self.bodyCount = bodyCount
        start = now
        since = now
    }

    /// A socket is being connected: the first, the next address, or another because a reused connection was dead.
    mutating func connecting(at now: Instant) {
        // One limit for all addresses of a name: libcurl shares it out among them.
        guard phase != .connection else { return }
        phase = .connection
        since = now
    }

    /// A connection stands, and the request is sent (again) from its first byte.
    mutating func requestStarted(at now: Instant) {
        sent = 0
        received = 0
        phase = bodyCount > 0 ? .room : .answer
        since = now
    }

    /// What has gone out and come in since the request started.
    ///
    /// - Parameters:
    ///   - sent: bytes of the request's body.
    ///   - received: bytes of the response, its head included.
    mutating func moved(sent: Int, received: Int, at now: Instant) {
        guard phase != .connection, sent != self.sent || received != self.received else { return }
        self.sent = sent
        self.received = received
        since = now
        phase = received > 0 ? .bytes : sent < bodyCount ? .room : .answer
    }

    /// A limit of our own holds the transfer back: until `release` all clocks stand still.
    mutating func hold(at now: Instant) {
        heldSince = heldSince ?? now
    }

    mutating func release(at now: Instant) {
        guard let held = heldSince else { return }
        heldSince = nil
        start = start.advanced(by: held.duration(to: now))
        // Only what has moved is held back: it was not stalled before.
        since = now
    }

    /// The clock that has run out, if one has.
    func expired(at now: Instant) -> HTTPError.Clock? {
        guard heldSince == nil else { return nil }
        if let total = timeouts.total, start.duration(to: now) >= total { return .total }
        let waited = since.duration(to: now)
        switch phase {
        case .connection: return waited >= timeouts.connect ? .connect : nil
        case .room, .bytes: return waited >= timeouts.stall ? .stall : nil
        case .answer: return waited >= timeouts.firstByte ? .firstByte : nil
        }
    }
}
