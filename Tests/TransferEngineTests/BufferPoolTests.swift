import Testing

@testable import TransferEngine

@Suite struct `Free runs` {
    @Test func `grow together again whatever the order they come back in`() {
        var free = FreeRuns(count: 10)
        let first = free.take(3)
        let second = free.take(3)
        let third = free.take(4)
        #expect(free.take(1) == nil)
        for range in [second, first, third] { range.map { free.giveBack($0) } }
        #expect(free.runs == [0..<10])
    }

    @Test func `take the lowest place that fits`() {
        var free = FreeRuns(count: 10)
        let low = free.take(2)
        _ = free.take(2)
        low.map { free.giveBack($0) }
        #expect(free.take(3) == 4..<7)
        #expect(free.take(2) == 0..<2)
    }
}

@Suite struct `A buffer pool` {
    static let unit = BufferPool.unit

    @Test(.timeLimit(.minutes(1))) func `never lends more than its limit`() async throws {
        let pool = BufferPool(limit: 4 * Self.unit)
        try await withThrowingDiscardingTaskGroup { group in
            for index in 0..<200 {
                group.addTask {
                    var lease = try await pool.lease((1 + index % 4) * Self.unit)
                    lease.fill { $0.append(repeating: UInt8(index), count: 4) }
                    await Task.yield()
                    let count = lease.bytes.count
                    #expect(count == 4)
                }
            }
        }
        #expect(pool.mostLeased <= pool.limit)
        _ = try await pool.lease(4 * Self.unit)
    }

    @Test func `refuses what it can never grant`() async {
        let pool = BufferPool(limit: Self.unit)
        await #expect(throws: BufferPoolError.self) { _ = try await pool.lease(Self.unit + 1) }
    }

    @Test(.timeLimit(.minutes(1))) func `lets a cancelled waiter go and serves the next`() async throws {
        let pool = BufferPool(limit: 2 * Self.unit)
        let held = try await pool.lease(Self.unit)
        let large = Task { _ = try await pool.lease(2 * Self.unit) }
        let small = Task { _ = try await pool.lease(Self.unit) }
        large.cancel()
        await #expect(throws: CancellationError.self) { try await large.value }
        try await small.value
        #expect(held.capacity == Self.unit)
    }

    @Test func `cuts a lease in two that end apart`() async throws {
        let pool = BufferPool(limit: 4 * Self.unit)
        var plain = try await pool.lease(4 * Self.unit)
        plain.fill { $0.append(repeating: 7, count: 10) }
        do {
            let tail = plain.split(at: 2 * Self.unit)
            #expect(tail.capacity == 2 * Self.unit)
        }
        let again = try await pool.lease(2 * Self.unit)
        #expect(again.capacity == 2 * Self.unit)
        let kept = plain.bytes[9]
        #expect(kept == 7)
    }

    @Test func `traps when a lease is filled past its capacity`() async {
        await #expect(processExitsWith: .failure) {
            var lease = BufferLease(unpooledCapacity: 4)
            lease.fill { $0.append(repeating: 1, count: 5) }
        }
    }
}
