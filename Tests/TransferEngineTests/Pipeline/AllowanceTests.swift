import TestSupport
import Testing
import TransferEngine

@Suite struct `An allowance` {
    static let rate: Int64 = 8 << 20

    /// Bytes that takers got, second by second, while the clock went on a millisecond at a time.
    ///
    /// - Parameter ask: what taker number so-and-so asks for.
    func seconds(
        _ count: Int,
        _ bucket: TokenBucket,
        _ clock: ManualClock,
        _ takers: inout [Allowance],
        ask: (Int) -> (most: Int, least: Int)
    ) -> [[Int]] {
        (0..<count).map { _ in
            var used = takers.map { _ in 0 }
            for _ in 0..<1000 {
                clock.advance(by: .milliseconds(1))
                for index in takers.indices where takers[index].wait() == .zero {
                    // As a callback does: again and again until there is nothing.
                    while true {
                        let (most, least) = ask(index)
                        let bytes = takers[index].use(upTo: most, atLeast: least)
                        guard bytes > 0 else { break }
                        #expect(bytes >= least && bytes <= most)
                        used[index] += bytes
                    }
                }
            }
            return used
        }
    }

    @Test(arguments: [1, 3, 64]) func `keeps to the rate in every second, and shares it evenly`(count: Int) {
        let clock = ManualClock()
        let bucket = TokenBucket(DataRate(bytesPerSecond: Self.rate), clock: clock)
        var takers = (0..<count).map { _ in Allowance(of: bucket) }
        let seconds = seconds(5, bucket, clock, &takers) { index in
            // Some send large buffers, some receive pieces that cannot be divided.
            index % 2 == 0 ? (512 * 1024, 1) : (16 * 1024, 16 * 1024)
        }
        for second in seconds {
            let sum = second.reduce(0, +)
            #expect(abs(sum - Int(Self.rate)) <= Int(Self.rate) / 20, "\(sum) bytes")
        }
        guard count == 64 else { return }
        let totals = (0..<count).map { index in seconds.map { $0[index] }.reduce(0, +) }
        for parity in 0..<2 {
            let same = totals.indices.filter { $0 % 2 == parity }.map { totals[$0] }
            let difference = (same.max() ?? 0) - (same.min() ?? 0)
            #expect(difference <= 2 * 84 * 1024)
        }
    }

    @Test func `feels a change of the rate, also in the midst of a step`() {
        let clock = ManualClock()
        let bucket = TokenBucket(DataRate(bytesPerSecond: Self.rate), clock: clock)
        var takers = [Allowance(of: bucket), Allowance(of: bucket)]
        _ = seconds(1, bucket, clock, &takers) { _ in (512 * 1024, 1) }
        var before = Self.rate
        for rate in [Self.rate / 1000, Self.rate * 4, 100] {
            bucket.rate = DataRate(bytesPerSecond: rate)
            let sums = seconds(2, bucket, clock, &takers) { _ in (512 * 1024, 1) }.map { $0.reduce(0, +) }
            // What had come due at the old rate and was not a whole step is not lost.
            #expect(sums[0] <= Int(rate + rate / 20 + before / 100) + 2, "\(sums) bytes at \(rate)")
            #expect(abs(sums[1] - Int(rate)) <= max(2, Int(rate) / 20), "\(sums) bytes at \(rate)")
            before = rate
        }
    }

    @Test func `gives everything at once without a limit, and when the limit is taken away`() {
        let clock = ManualClock()
        let bucket = TokenBucket(.unlimited, clock: clock)
        var taker = Allowance(of: bucket)
        #expect(bucket.isUnlimited)
        #expect(taker.use(upTo: 1 << 40) == 1 << 40)
        bucket.rate = DataRate(bytesPerSecond: 1)
        #expect(!bucket.isUnlimited)
        #expect(taker.use(upTo: 1 << 20, atLeast: 1 << 20) == 0)
        #expect(taker.wait() > .zero)
        #expect(taker.wait() <= .milliseconds(100))
        bucket.rate = .unlimited
        #expect(taker.wait() == .zero)
        #expect(taker.use(upTo: 1 << 20, atLeast: 1 << 20) == 1 << 20)
    }

    @Test func `does not take for itself what its taker has no use for`() {
        let clock = ManualClock()
        let bucket = TokenBucket(DataRate(bytesPerSecond: 1000), clock: clock)
        var takers = (0..<100).map { _ in Allowance(of: bucket) }
        for index in takers.indices { #expect(takers[index].use(upTo: 1) == 0) }
        // A byte a millisecond: in a tenth of a second each has its byte, though a step has ten.
        clock.advance(by: .milliseconds(101))
        for index in takers.indices { #expect(takers[index].use(upTo: 1) == 1) }
    }

    @Test(.timeLimit(.minutes(5))) func `stands in one line with the tasks that wait`() async throws {
        let clock = ManualClock()
        let bucket = TokenBucket(DataRate(bytesPerSecond: 1000), clock: clock)
        let task = Task { try await bucket.take(50) }
        try await clock.sleepers(atLeast: 1)
        var taker = Allowance(of: bucket)
        #expect(taker.use(upTo: 20, atLeast: 20) == 0)
        clock.advance(by: .milliseconds(51))
        try await task.value
        #expect(taker.use(upTo: 20, atLeast: 20) == 0)
        clock.advance(by: .milliseconds(20))
        #expect(taker.use(upTo: 20, atLeast: 20) == 20)
    }
}
