internal import CCurl

/// Every transfer of one client: those that wait for a connection, those under way, and the handles kept for the next.
///
/// Not Sendable: it belongs to the curl loop's thread, on which the client's actor runs as well.
final class TransferTable {
    private let multi: MultiHandle
    private let settings: HTTPSettings
    private var slots: ConnectionSlots
    private var waiting: [UInt64: Transfer] = [:]
    private var running: [UInt64: Transfer] = [:]
    private var idle: [EasyHandle] = []
    private let held = HeldTransfers()
    /// Counts transfers, from anywhere: else the clients of a whole ring would begin at the same address.
    private var started = Int.random(in: 0..<1 << 20)

    init(_ settings: HTTPSettings, on multi: MultiHandle) {
        self.settings = settings
        self.multi = multi
        slots = ConnectionSlots(limit: settings.connections, perOrigin: settings.connectionsPerHost)
    }

    /// Whether libcurl has anything to do, and the clocks anything to measure.
    var isIdle: Bool { running.isEmpty }

    /// Starts a transfer, or lets it wait for its turn.
    func submit(_ transfer: Transfer) {
        waiting[transfer.id] = transfer
        slots.enter(transfer.id, origin: transfer.origin)
        startNext()
    }

    /// Ends a transfer that may be waiting, under way, or long over.
    func cancel(_ id: UInt64) {
        if let transfer = waiting.removeValue(forKey: id) {
            slots.leave(id)
            transfer.end(transfer.failure(.cancelled))
        } else if let transfer = running[id] {
            end(transfer, transfer.failure(.cancelled))
            startNext()
        }
    }

    /// Answers the callers whose transfers libcurl has finished.
    func reap() {
        while let finished = multi.nextFinished() {
            end(finished.transfer, finished.transfer.outcome(of: finished.code))
        }
        startNext()
    }

    /// Ends the transfers of which a clock has run out.
    func checkClocks(at now: TransferClocks.Instant) {
        for transfer in running.values {
            guard let clock = transfer.expiredClock(at: now) else { continue }
            end(transfer, transfer.failure(.timedOut(clock)))
        }
        startNext()
    }

    /// Lets go the transfers whose rate limit allows it by now.
    ///
    /// Returns how long until there may be more of that to do; nil if none is held back.
    func releaseHeld(at now: TransferClocks.Instant) -> Duration? {
        guard !held.ids.isEmpty else { return nil }
        var next: Duration?
        var kept = 0
        for id in held.takeAll() {
            guard let transfer = running[id] else { continue }
            let (wait, code) = transfer.release(at: now)
            guard code == CURLE_OK else {
                end(transfer, transfer.outcome(of: code))
                continue
            }
            guard let wait else { continue }
            held.add(id)
            kept += 1
            next = min(next ?? wait, wait)
        }
        startNext()
        // One that was let go and is held back again is asked in the next round, which is at once.
        return held.ids.count > kept ? .zero : next
    }

    private func startNext() {
        while let id = slots.next(), let transfer = waiting.removeValue(forKey: id) { start(transfer) }
    }

    private func start(_ transfer: Transfer) {
        running[transfer.id] = transfer
        guard let easy = idle.popLast() ?? EasyHandle() else {
            return end(transfer, transfer.failure(.other, "out of memory"))
        }
        transfer.restartClocks()
        transfer.held = held
        started += 1
        do throws(EasyHandle.Refusal) {
            try transfer.configure(easy, settings, multi, turn: started)
        } catch {
            return end(transfer, transfer.failure(.other, error.description, error.code))
        }
        if let words = multi.add(easy) { return end(transfer, transfer.failure(.other, words)) }
        transfer.easy = easy
    }

    private func end(_ transfer: Transfer, _ outcome: Transfer.Outcome) {
        running[transfer.id] = nil
        slots.free(origin: transfer.origin)
        if let easy = transfer.easy {
            transfer.easy = nil
            // First libcurl forgets the transfer, then the caller gets its memory back.
            multi.remove(easy)
            if case .success = outcome, idle.count < settings.connections {
                easy.reset()
                idle.append(easy)
            }
            // A handle that failed is not used again: a rewind that failed sticks to it even across a reset (curl
            // issues 17139, 18206). Its connection was closed by libcurl, in mid-transfer as it was.
        }
        transfer.end(outcome)
    }
}
