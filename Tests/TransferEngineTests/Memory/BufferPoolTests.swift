import TestSupport
import Testing

@testable import TransferEngine

@Suite struct `A buffer pool` {
    static let unit = BufferPool.unit

    @Test(.timeLimit(.minutes(5))) func `never lends more than its limit`() async throws {
        let pool = BufferPool(limit: 4 * Self.unit)
        try await withThrowingDiscardingTaskGroup { group in
            for index in 0..<200 {
                group.addTask {
                    var lease = try await pool.lease((1 + index % 4) * Self.unit)
                    lease.fill { $0.append(repeating: UInt8(index), count: 4) }
                    await Task.yield()
                    let bytes = lease.array
                    #expect(bytes == [UInt8](repeating: UInt8(index), count: 4))
                }
            }
        }
        #expect(pool.mostLeased <= pool.limit)
        _ = try await pool.lease(4 * Self.unit)
    }

    @Test(.timeLimit(.minutes(5))) func `of one buffer serves any number of tasks`() async throws {
        let pool = BufferPool(limit: Self.unit)
        let served = Recorder<Int>()
        try await withThrowingDiscardingTaskGroup { group in
            for index in 0..<500 {
                group.addTask {
                    let lease = try await pool.lease(1 + Self.unit / 2)
                    await Task.yield()
                    _ = consume lease
                    served.add(index)
                }
            }
        }
        #expect(served.count == 500)
        #expect(pool.mostLeased == Self.unit)
    }

    @Test(.timeLimit(.minutes(5))) func `serves in the order it was asked`() async throws {
        let pool = BufferPool(limit: 4 * Self.unit)
        let order = Recorder<Int>()
        var held: BufferLease? = try await pool.lease(4 * Self.unit)
        // More than half each, so that one at a time is served; each has asked when `immediate` returns.
        let tasks = (0..<20).map { index in
            Task.immediate {
                let lease = try await pool.lease((3 + index % 2) * Self.unit)
                order.add(index)
                _ = consume lease
            }
        }
        #expect(order.all.isEmpty)
        held = nil
        for task in tasks { try await task.value }
        #expect(order.all == Array(0..<20))
        _ = consume held
    }

    @Test(.timeLimit(.minutes(5))) func `does not let small leases overtake a large one that waits`() async throws {
        let pool = BufferPool(limit: 4 * Self.unit)
        let order = Recorder<String>()
        var held: BufferLease? = try await pool.lease(Self.unit)
        let large = Task.immediate {
            let lease = try await pool.lease(4 * Self.unit)
            order.add("large")
            _ = consume lease
        }
        let small = (0..<3).map { _ in
            Task.immediate {
                let lease = try await pool.lease(Self.unit)
                order.add("small")
                _ = consume lease
            }
        }
        // Three units are free, and still nobody has got one.
        #expect(order.all.isEmpty)
        held = nil
        try await large.value
        for task in small { try await task.value }
        #expect(order.all == ["large", "small", "small", "small"])
        _ = consume held
    }

    @Test func `refuses what it can never grant`() async throws {
        let pool = BufferPool(limit: Self.unit)
        for capacity in [Self.unit + 1, 1 << 40, Int.max - 1, Int.max] {
            let error = await #expect(throws: BufferPoolError.self) { _ = try await pool.lease(capacity) }
            #expect(error?.asked == capacity)
            #expect(error?.limit == Self.unit)
        }
        let whole = try await pool.lease(Self.unit)
        let capacity = whole.capacity
        #expect(capacity == Self.unit)
    }

    @Test(arguments: [(0, 1), (1, 1), (Self.unit, 1), (Self.unit + 1, 2)])
    func `rounds a lease up to whole units`(asked: Int, units: Int) async throws {
        let lease = try await BufferPool(limit: 4 * Self.unit).lease(asked)
        let capacity = lease.capacity
        #expect(capacity == units * Self.unit)
    }

    @Test(arguments: [(0, 1), (1, 1), (Self.unit, 1), (2 * Self.unit - 1, 1), (2 * Self.unit, 2)])
    func `rounds its limit down to whole units, but has one`(limit: Int, units: Int) {
        #expect(BufferPool(limit: limit).limit == units * Self.unit)
    }

    @Test(.timeLimit(.minutes(5))) func `lets a cancelled waiter go and serves the next`() async throws {
        let pool = BufferPool(limit: 2 * Self.unit)
        let held = try await pool.lease(Self.unit)
        let large = Task.immediate { _ = try await pool.lease(2 * Self.unit) }
        let small = Task.immediate { _ = try await pool.lease(Self.unit) }
        large.cancel()
        await #expect(throws: CancellationError.self) { try await large.value }
        try await small.value
        #expect(held.capacity == Self.unit)
    }

    @Test(.timeLimit(.minutes(5))) func `grants nothing to a task that is cancelled already`() async throws {
        let pool = BufferPool(limit: Self.unit)
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            _ = try await pool.lease(1)
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(pool.mostLeased == 0)
    }

    @Test(.timeLimit(.minutes(5))) func `has all its memory again after a storm of cancellations`() async throws {
        let pool = BufferPool(limit: 3 * Self.unit)
        let tasks = (0..<300).map { index in
            Task {
                let lease = try await pool.lease((1 + index % 3) * Self.unit)
                await Task.yield()
                _ = consume lease
            }
        }
        for (index, task) in tasks.enumerated() where index % 2 == 0 { task.cancel() }
        for (index, task) in tasks.enumerated() {
            do {
                try await task.value
            } catch {
                #expect(error is CancellationError)
                #expect(index % 2 == 0)
            }
        }
        let all = try await pool.lease(3 * Self.unit)
        let capacity = all.capacity
        #expect(capacity == pool.limit)
    }

    @Test func `lends memory again that it got back in pieces`() async throws {
        let pool = BufferPool(limit: 4 * Self.unit)
        do {
            var lease = try await pool.lease(4 * Self.unit)
            let tail = lease.split(at: 3 * Self.unit)
            let middle = lease.split(at: Self.unit)
            let capacities = [lease.capacity, middle.capacity, tail.capacity]
            #expect(capacities == [Self.unit, 2 * Self.unit, Self.unit])
        }
        let again = try await pool.lease(4 * Self.unit)
        let capacity = again.capacity
        #expect(capacity == 4 * Self.unit)
    }
}
