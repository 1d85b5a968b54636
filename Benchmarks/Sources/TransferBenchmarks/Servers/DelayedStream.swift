internal import Glibc

/// One direction of a connection through a `DelayingProxy`: what was read, until it is due to be written.
final class DelayedStream {
    let input: Int32
    let output: Int32
    private let delay: Duration
    private let notBefore: ContinuousClock.Instant
    /// In the order they came; the first `gone` are written already.
    private var pieces: [Piece] = []
    private var gone = 0
    private var waiting = 0
    private var end: ContinuousClock.Instant?
    private(set) var isDone = false
    private(set) var isBroken = false
    /// Whether the socket would take nothing when it was tried last.
    var isBlocked = false

    init(from input: Int32, to output: Int32, delay: Duration, notBefore: ContinuousClock.Instant) {
        self.input = input
        self.output = output
        self.delay = delay
        self.notBefore = notBefore
    }

    var wantsInput: Bool { end == nil && waiting < DelayingProxy.window }

    /// When there is something to do; nil while the socket takes nothing.
    var due: ContinuousClock.Instant? {
        isBlocked || isDone ? nil : gone < pieces.count ? pieces[gone].due : end
    }

    /// Reads what is there, up to a piece.
    func read(_ pool: PiecePool) {
        guard wantsInput else { return }
        let piece = pool.take()
        let count = unsafe piece.bytes.withUnsafeMutableBytes { unsafe recv(input, $0.baseAddress, $0.count, 0) }
        let due = max(.now, notBefore) + delay
        guard count > 0 else {
            pool.give(piece)
            if count == 0 { end = due } else if errno != EAGAIN, errno != EINTR { isBroken = true }
            return
        }
        piece.range = 0..<count
        piece.due = due
        pieces.append(piece)
        waiting += count
    }

    /// Writes what is due.
    func write(until moment: ContinuousClock.Instant, _ pool: PiecePool) {
        while !isBlocked, !isBroken, gone < pieces.count, pieces[gone].due <= moment {
            let piece = pieces[gone]
            let count = unsafe piece.bytes.withUnsafeBytes { bytes in
                unsafe send(
                    output,
                    bytes.baseAddress.map { unsafe $0 + piece.range.lowerBound },
                    piece.range.count,
                    Int32(MSG_NOSIGNAL)
                )
            }
            if count < 0 {
                if errno == EAGAIN { isBlocked = true } else if errno != EINTR { isBroken = true }
                return
            }
            waiting -= count
            piece.range = piece.range.dropFirst(count)
            guard piece.range.isEmpty else { continue }
            pool.give(piece)
            gone += 1
            if gone == pieces.count {
                pieces.removeAll(keepingCapacity: true)
                gone = 0
            } else if gone > 64 {
                pieces.removeFirst(gone)
                gone = 0
            }
        }
        guard pieces.isEmpty, !isDone, let end, end <= moment else { return }
        shutdown(output, Int32(SHUT_WR))
        isDone = true
    }

    func drop(_ pool: PiecePool) {
        for piece in pieces[gone...] { pool.give(piece) }
        pieces = []
        gone = 0
    }
}

/// Bytes under way.
final class Piece {
    static let size = 256 << 10

    var bytes = [UInt8](repeating: 0, count: size)
    /// Of them, what is to be written still.
    var range = 0..<0
    var due = ContinuousClock.now
}

/// Pieces that are used again, since fresh memory costs more than what is done with it.
final class PiecePool {
    private var free: [Piece] = []

    func take() -> Piece { free.popLast() ?? Piece() }
    func give(_ piece: Piece) { free.append(piece) }
}
