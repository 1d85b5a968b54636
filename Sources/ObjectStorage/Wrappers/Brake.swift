internal import Glibc

/// How many requests a second a store is sent once it has asked to slow down: fewer after a refusal, slowly more while
/// there is none.
///
/// A value without a clock: it is told the time, as a duration since any fixed moment.
///
/// - Requests stand in one line, at positions 1, 2, 3, …; an allowance grows at the rate and lets them go in that order. So a
///   change of the rate is felt by those who stand in line already.
/// - A refusal counts only if its request was let go after the last slowing down: those that were under way at that moment
///   say nothing new. It takes a fifth off the rate; more, down to a quarter of it, if the store did far less lately.
/// - Without refusals the rate comes back to what was refused last within some seconds. It goes beyond that at 1 % a
///   second at first, twice that every 2 s, at most 100 %: a store that was busy for a moment is not feared for an hour.
/// - What a store asks as a rest is kept by the requests it refused; all others rest as well if it has done nothing since the last
///   refusal.
struct Brake: Sendable {
    /// A request that was let go.
    struct Ticket: Sendable {
        fileprivate let round: Int
    }

    /// A request's place in the line.
    struct Position: Sendable {
        fileprivate let number: Double
    }

    /// Requests a second; nil: as many as come.
    private(set) var rate: Double?
    /// The rate that was refused last, or that is taken for what the store can do.
    private var ceiling = 0.0
    private var round = 0
    private var lastRefusal = Duration.zero
    private var lastGrowth = Duration.zero
    /// Before this time nothing goes.
    private var closedUntil = Duration.zero

    /// Requests that entered the line, and those of them that may have gone by `time`.
    private var entered = 0.0
    private var allowance = 0.0
    private var time = Duration.zero

    /// Successes a second lately: an average whose memory fades by `memory`.
    private var recent = 0.0
    private var recentTime = Duration.zero
    private var first: Duration?
    private var successes = 0
    private var successesSinceRefusal = 0

    private static let slowest = 1.0
    /// A rate beyond this limits nothing.
    private static let fastest = 20_000.0
    private static let memory = 0.5
    /// Seconds of allowance that is saved up while nobody stands in line.
    private static let burst = 0.02
    /// A store that asks for a longer rest than this is asked again all the same.
    private static let longestRest = Duration.seconds(30)
    /// Nobody in line waits longer before they look again.
    private static let review = Duration.milliseconds(100)

    mutating func enter(at now: Duration) -> Position {
        advance(to: now)
        if first == nil { first = now }
        entered += 1
        if rate == nil { allowance = entered }
        return Position(number: entered)
    }

    /// How long to wait before asking again; nil: the request may go.
    mutating func wait(at position: Position, _ now: Duration) -> Duration? {
        advance(to: now)
        if now < closedUntil { return min(Self.review, closedUntil - now) }
        guard let rate, allowance < position.number else { return nil }
        return max(.microseconds(100), min(Self.review, .seconds((position.number - allowance) / rate)))
    }

    func ticket() -> Ticket { Ticket(round: round) }

    mutating func succeeded(at now: Duration) {
        fade(to: now)
        recent += 1 / Self.memory
        successes += 1
        successesSinceRefusal += 1
    }

    /// - Parameter rest: how long the store asks to be left alone.
    mutating func refused(_ ticket: Ticket, at now: Duration, rest: Duration?) {
        advance(to: now)
        if successesSinceRefusal == 0, let rest { closedUntil = max(closedUntil, now + min(rest, Self.longestRest)) }
        successesSinceRefusal = 0
        guard ticket.round == round else { return }
        round += 1
        fade(to: now)
        let busy = Self.seconds(now - (first ?? now))
        // At the very beginning the average knows too little.
        let did = busy < 1 ? Double(successes) / max(busy, 0.001) : recent
        if let old = rate {
            let new = max(Self.slowest, min(old * 0.8, max(old * 0.25, did * 0.95)))
            ceiling = new < old * 0.75 ? new / 0.8 : old
            rate = new
        } else {
            ceiling = max(Self.slowest, did)
            rate = max(Self.slowest, did * 0.8)
            allowance = entered
        }
        lastRefusal = now
        lastGrowth = now
    }

    private mutating func advance(to now: Duration) {
        grow(until: now)
        if let rate {
            let start = max(time, closedUntil)
            if now > start {
                allowance = min(allowance + Self.seconds(now - start) * rate, entered + Self.burst * rate)
            }
        } else {
            allowance = entered
        }
        time = max(time, now)
    }

    private mutating func grow(until now: Duration) {
        guard var new = rate, now > max(lastGrowth, closedUntil) else { return }
        let elapsed = min(1, Self.seconds(now - max(lastGrowth, closedUntil)))
        let quiet = Self.seconds(now - max(lastRefusal, closedUntil))
        if new < ceiling { new += (ceiling - new) * (1 - exp(-elapsed)) }
        new *= 1 + min(1, 0.01 * exp2(quiet / 2)) * elapsed
        rate = new > Self.fastest ? nil : new
        lastGrowth = now
    }

    private mutating func fade(to now: Duration) {
        recent *= exp(-Self.seconds(now - recentTime) / Self.memory)
        recentTime = now
    }

    private static func seconds(_ duration: Duration) -> Double { duration / .seconds(1) }
}
