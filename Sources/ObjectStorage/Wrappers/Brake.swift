/// How many requests a second a store is sent once it has asked to slow down: fewer after a refusal, slowly more while
/// there is none.
///
/// A value without a clock: it is told the time, as a duration since any fixed moment.
///
/// - A refusal counts only if its request was let go after the last slowing down: those that were under way at that
///   moment say nothing new.
/// - The first refusal takes nine tenths of what the store did in the last second; each later one a tenth off.
/// - Without refusals the rate grows by 2 % a second. That doubles every 5 s up to 50 % a second, so that a store which was busy
///   for a moment is not feared for an hour.
struct Brake: Sendable {
    /// A request that was let go.
    struct Ticket: Sendable {
        fileprivate let round: Int
    }

    /// Requests a second; nil: as many as come.
    private(set) var rate: Double?
    private var round = 0
    /// Before this time nothing goes.
    private var closedUntil = Duration.zero
    /// When the next request may go.
    private var next = Duration.zero
    private var lastRefusal = Duration.zero
    private var lastGrowth = Duration.zero
    /// Successes of the second before, and of the one that runs.
    private var successes = (before: 0, now: 0, since: Duration.zero)

    private static let slowest = 1.0
    /// A rate beyond this limits nothing.
    private static let fastest = 20_000.0
    private static let window = Duration.seconds(1)
    /// A store that asks for a longer rest than this is asked again all the same.
    private static let longestRest = Duration.seconds(30)

    /// When a request may go that is ready at `now`: at once, if that is not later than `now`.
    mutating func admit(at now: Duration) -> Duration {
        grow(until: now)
        guard let rate else { return max(now, closedUntil) }
        let start = max(now, next, closedUntil)
        next = start + .seconds(1 / rate)
        return start
    }

    /// Whether a request that was told to go at `time` may go, now that it is then; nil: the store has refused others
    /// meanwhile, and it has to wait anew.
    func ticket(at now: Duration) -> Ticket? { now >= closedUntil ? Ticket(round: round) : nil }

    mutating func succeeded(at now: Duration) {
        count(at: now)
        successes.now += 1
    }

    /// - Parameter rest: how long the store asks to be left alone.
    mutating func refused(_ ticket: Ticket, at now: Duration, rest: Duration?) {
        closedUntil = max(closedUntil, now + min(rest ?? .zero, Self.longestRest))
        guard ticket.round == round else { return }
        round += 1
        count(at: now)
        let measured = Double(max(successes.before, successes.now))
        rate = max(Self.slowest, rate.map { $0 * 0.9 } ?? measured * 0.9)
        lastRefusal = now
        lastGrowth = now
        next = max(next, now)
    }

    private mutating func grow(until now: Duration) {
        guard let rate, now > lastGrowth else { return }
        let quiet = (now - lastRefusal) / .seconds(1)
        var share = 0.02
        for _ in 0..<min(5, Int(quiet / 5)) { share *= 2 }
        let elapsed = min(1, (now - lastGrowth) / .seconds(1))
        let grown = rate * (1 + min(share, 0.5) * elapsed)
        self.rate = grown > Self.fastest ? nil : grown
        lastGrowth = now
    }

    private mutating func count(at now: Duration) {
        guard now - successes.since >= Self.window else { return }
        let isNext = now - successes.since < Self.window * 2
        successes = (before: isNext ? successes.now : 0, now: 0, since: now)
    }
}
