import TestSupport
import Testing
import TransferEngine

@testable import ObjectStorage

/// A store with a hidden limit, and many workers behind one brake, in simulated time.
struct ThrottlingSimulation {
    /// Requests a second that the store does.
    let limit: Double
    /// Requests that it does at once after a rest.
    let burst: Double
    /// Between a request and its answer.
    let latency: Duration
    let workers: Int
    /// Told with each refusal.
    var retryAfter: Duration?
    /// Waits after a refusal as `RetryingStore` does.
    var policy = RetryPolicy()

    struct Outcome {
        var done = 0
        var refused = 0
        var elapsed = Duration.zero
        /// Of one request, those that were refused.
        var mostAttempts = 0

        var share: Double { Double(refused) / Double(done + refused) }
        var perSecond: Double { Double(done) / (elapsed / .seconds(1)) }
    }

    private enum Event {
        case enters
        case stands(Brake.Position)
        case arrives(Brake.Ticket)
        case answered(Brake.Ticket, isDone: Bool)
    }

    /// Until so many requests are done.
    func run(requests: Int, seed: UInt64) -> Outcome {
        var random = SeededRandom(seed)
        var brake = Brake()
        var outcome = Outcome()
        var tokens = burst
        var filled = Duration.zero
        var attempts = [Int](repeating: 1, count: workers)
        var next: [(time: Duration, event: Event)] = (0..<workers).map { _ in (.zero, .enters) }
        while outcome.done < requests, let worker = next.indices.min(by: { next[$0].time < next[$1].time }) {
            let (now, event) = next[worker]
            outcome.elapsed = now
            switch event {
            case .enters: next[worker] = (now, .stands(brake.enter(at: now)))
            case .stands(let position):
                if let wait = brake.wait(at: position, now) {
                    next[worker] = (now + wait, event)
                } else {
                    next[worker] = (now + latency / 2, .arrives(brake.ticket()))
                }
            case .arrives(let ticket):
                tokens = min(burst, tokens + (now - filled) / .seconds(1) * limit)
                filled = now
                let isDone = tokens >= 1
                if isDone { tokens -= 1 }
                next[worker] = (now + latency / 2, .answered(ticket, isDone: isDone))
            case .answered(_, isDone: true):
                brake.succeeded(at: now)
                outcome.done += 1
                attempts[worker] = 1
                next[worker] = (now, .enters)
            case .answered(let ticket, isDone: false):
                outcome.refused += 1
                brake.refused(ticket, at: now, rest: retryAfter)
                let error = StoreError(.throttled, "put", "a", retryAfter: retryAfter)
                let jitter = Double(random.next() >> 11) / Double(1 << 53)
                outcome.mostAttempts = max(outcome.mostAttempts, attempts[worker])
                next[worker] = (now + policy.delay(after: attempts[worker], error, jitter: jitter), .enters)
                attempts[worker] += 1
            }
        }
        return outcome
    }
}

/// SplitMix64.
struct SeededRandom {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}

@Suite struct `A brake` {
    /// Requests a second, as many more after a rest, and milliseconds to an answer.
    private static let stores = [
        (200, 1, 5), (200, 200, 5), (200, 20, 5), (200, 20, 50), (200, 200, 50), (1000, 100, 20), (50, 10, 100),
        (3500, 500, 30),
    ]

    @Test(arguments: stores)
    func `gets nearly all that a store with a hidden limit gives, and is seldom refused`(
        limit: Int,
        burst: Int,
        latency: Int
    ) {
        let simulation = ThrottlingSimulation(
            limit: Double(limit),
            burst: Double(burst),
            latency: .milliseconds(latency),
            workers: 64
        )
        // Fewer workers than fill the limit are not slowed down at all.
        let possible = min(Double(limit), Double(simulation.workers) * 1000 / Double(latency))
        for seed in 0..<2 as Range<UInt64> {
            let outcome = simulation.run(requests: min(limit * 30, 6000), seed: seed)
            #expect(outcome.share <= 0.05, "\(outcome)")
            #expect(outcome.perSecond >= 0.85 * possible, "\(outcome.perSecond) of \(possible) a second: \(outcome)")
            #expect(outcome.mostAttempts < simulation.policy.attempts)
        }
    }

    @Test(arguments: stores)
    func `keeps going where each refusal asks for a second's rest`(limit: Int, burst: Int, latency: Int) {
        var simulation = ThrottlingSimulation(
            limit: Double(limit),
            burst: Double(burst),
            latency: .milliseconds(latency),
            workers: 64
        )
        simulation.retryAfter = .seconds(1)
        let possible = min(Double(limit), Double(simulation.workers) * 1000 / Double(latency))
        let outcome = simulation.run(requests: min(limit * 30, 30_000), seed: 1)
        #expect(outcome.share <= 0.05, "\(outcome)")
        #expect(outcome.perSecond >= 0.7 * possible, "\(outcome.perSecond) of \(possible) a second: \(outcome)")
    }

    @Test func `rests as long as a store asks that does nothing any more`() {
        var brake = Brake()
        let position = brake.enter(at: .seconds(1))
        #expect(brake.wait(at: position, .seconds(1)) == nil)
        brake.refused(brake.ticket(), at: .seconds(2), rest: .seconds(5))
        let next = brake.enter(at: .seconds(3))
        #expect(brake.wait(at: next, .milliseconds(6990)) != nil)
        #expect(brake.wait(at: next, .milliseconds(8000)) == nil)
    }

    @Test func `does not believe that a store wants to rest for an hour`() {
        var brake = Brake()
        brake.refused(brake.ticket(), at: .zero, rest: .seconds(3600))
        let position = brake.enter(at: .zero)
        #expect(brake.wait(at: position, .seconds(29)) != nil)
        #expect(brake.wait(at: position, .seconds(32)) == nil)
    }

    @Test func `slows down once for all requests that were under way`() throws {
        var brake = Brake()
        _ = brake.enter(at: .zero)
        for _ in 0..<100 { brake.succeeded(at: .milliseconds(400)) }
        let tickets = (0..<10).map { _ in brake.ticket() }
        for ticket in tickets { brake.refused(ticket, at: .milliseconds(500), rest: nil) }
        #expect(brake.rate == 160)  // four fifths of 100 in half a second
        brake.refused(brake.ticket(), at: .milliseconds(500), rest: nil)
        #expect(try #require(brake.rate) <= 128)
    }

    @Test func `lets go altogether when the store has long been content`() {
        var brake = Brake()
        brake.refused(brake.ticket(), at: .zero, rest: nil)
        var seconds: Int64 = 0
        while brake.rate != nil, seconds < 600 {
            seconds += 1
            _ = brake.enter(at: .seconds(seconds))
        }
        #expect((5..<120).contains(seconds))
    }
}

@Suite(.timeLimit(.minutes(5))) struct `A braked store` {
    @Test func `lets requests wait after a refusal, and none before`() async throws {
        let clock = ManualClock(advancesItself: true)
        let memory = MemoryStore()
        let faulty = FaultyStore(memory, script: [nil, nil, .failBefore(.throttled), nil, nil])
        let store = BrakedStore(faulty, clock: clock)
        _ = try await store.put([1], try ObjectKey("a"))
        _ = try await store.head(try ObjectKey("a"))
        #expect(clock.sleeps.isEmpty)
        await expectError(.throttled) { _ = try await store.bytes(try ObjectKey("a")) }
        #expect(store.rate != nil)
        try await store.delete(try ObjectKey("a"))
        _ = try await store.list(prefix: "", from: nil, limit: 1)
        #expect(!clock.sleeps.isEmpty)
    }

    @Test func `says that a wait was cancelled`() async throws {
        let clock = ManualClock()
        let faulty = FaultyStore(MemoryStore(), script: [.failBefore(.throttled)])
        let store = BrakedStore(faulty, clock: clock)
        await expectError(.throttled) { _ = try await store.head(try ObjectKey("a")) }
        let task = Task { try await store.head(try ObjectKey("a")) }
        try await clock.sleepers(atLeast: 1)
        task.cancel()
        await expectError(.cancelled) { _ = try await task.value }
    }

    @Test func `is told of the throttling of one object among several`() async throws {
        let store = BrakedStore(PartlyThrottled(), clock: ManualClock(advancesItself: true))
        #expect(try await store.delete([try ObjectKey("a"), try ObjectKey("b")]).count == 1)
        #expect(store.rate != nil)
    }
}

/// Removes nothing of several objects, and says of one that it should be slower.
private struct PartlyThrottled: ObjectStore {
    let base = MemoryStore()
    var location: String { base.location }

    func put(
        _ body: borrowing BufferLease,
        at key: ObjectKey,
        _ condition: PutCondition,
        digest: SHA256Digest?
    ) async throws(StoreError) -> PutResult { try await base.put(body, at: key, condition, digest: digest) }

    func get(
        _ key: ObjectKey,
        range: Range<Int64>?,
        into buffer: inout BufferLease
    ) async throws(StoreError) -> ObjectInfo { try await base.get(key, range: range, into: &buffer) }

    func head(_ key: ObjectKey) async throws(StoreError) -> ObjectInfo? { try await base.head(key) }
    func delete(_ key: ObjectKey) async throws(StoreError) { try await base.delete(key) }

    func delete(_ keys: [ObjectKey]) async throws(StoreError) -> [DeleteFailure] {
        keys.prefix(1).map { DeleteFailure(key: $0, error: StoreError(.throttled, "delete", $0)) }
    }

    func list(prefix: String, from cursor: ListCursor?, limit: Int) async throws(StoreError) -> ListPage {
        try await base.list(prefix: prefix, from: cursor, limit: limit)
    }
}
