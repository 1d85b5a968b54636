import SystemPackage
import TestSupport
import Testing
import TransferEngine

@Suite struct `A token bucket` {
    @Test(.timeLimit(.minutes(5))) func `gives two turns at a time under a limit, and needs none without`() async throws
    {
        let bucket = TokenBucket(DataRate(bytesPerSecond: 1), clock: ManualClock())
        #expect(try await bucket.beginTurn())
        #expect(try await bucket.beginTurn())
        let hasThird = Gauge()
        let third = Task {
            let hasTurn = try await bucket.beginTurn()
            hasThird.enter()
            return hasTurn
        }
        for _ in 0..<1000 { await Task.yield() }
        #expect(hasThird.now == 0)
        bucket.endTurn()
        #expect(try await third.value)
        bucket.rate = .unlimited
        #expect(try await !bucket.beginTurn())
    }

    static func rate(_ bytesPerSecond: Int64) -> DataRate { DataRate(bytesPerSecond: bytesPerSecond) }

    static func elapsed(_ clock: ManualClock) -> Duration { clock.now.sinceStart }

    @Test(.timeLimit(.minutes(5)), arguments: [1, 100, 4096, 100_000])
    func `holds its rate over time, whatever the pieces`(piece: Int) async throws {
        let clock = ManualClock(advancesItself: true)
        let bucket = TokenBucket(Self.rate(10_000), clock: clock)
        let count = 100_000 / piece
        for _ in 0..<count { try await bucket.take(piece) }
        let expected = Duration.seconds(Double(count * piece) / 10_000)
        #expect(Self.elapsed(clock) >= expected - .milliseconds(1))
        #expect(Self.elapsed(clock) <= expected + .milliseconds(1))
    }

    @Test(.timeLimit(.minutes(5))) func `saves up no more than a tenth of a second while nobody takes`() async throws {
        let clock = ManualClock(advancesItself: true)
        let bucket = TokenBucket(Self.rate(10_000), clock: clock)
        try await bucket.take(10_000)
        clock.advance(by: .seconds(3600))
        let start = Self.elapsed(clock)
        try await bucket.take(1000)
        #expect(Self.elapsed(clock) == start)
        try await bucket.take(10_000)
        #expect(Self.elapsed(clock) - start >= .milliseconds(999))
    }

    @Test(.timeLimit(.minutes(5))) func `without a limit never waits`() async throws {
        let clock = ManualClock()
        let bucket = TokenBucket(.unlimited, clock: clock)
        for _ in 0..<100 { try await bucket.take(.max / 1000) }
        #expect(clock.sleeps.isEmpty)
    }

    @Test(.timeLimit(.minutes(5))) func `lets those who wait feel a new rate within a tenth of a second`() async throws
    {
        let clock = ManualClock()
        let bucket = TokenBucket(Self.rate(1), clock: clock)
        let task = Task { try await bucket.take(1_000_000) }
        try await clock.sleepers(atLeast: 1)
        clock.advance(by: .milliseconds(100))
        try await clock.sleepers(atLeast: 1)
        bucket.rate = Self.rate(100_000_000)
        clock.advance(by: .milliseconds(100))
        try await task.value
        #expect(clock.sleeps.allSatisfy { $0 <= .milliseconds(100) })
        #expect(bucket.rate == Self.rate(100_000_000))
    }

    @Test(.timeLimit(.minutes(5))) func `lets those who wait go where the limit is taken away`() async throws {
        let clock = ManualClock()
        let bucket = TokenBucket(Self.rate(1), clock: clock)
        let tasks = (0..<5).map { _ in Task { try await bucket.take(1_000_000) } }
        try await clock.sleepers(atLeast: 5)
        bucket.rate = .unlimited
        clock.advance(by: .milliseconds(100))
        for task in tasks { try await task.value }
        // What waited then is not held against those who come under a new limit.
        bucket.rate = Self.rate(1000)
        let next = Task { try await bucket.take(1000) }
        try await clock.sleepers(atLeast: 1)
        clock.advance(by: .milliseconds(1001))
        try await next.value
    }

    @Test(.timeLimit(.minutes(5))) func `serves in the order they came`() async throws {
        let clock = ManualClock()
        let bucket = TokenBucket(Self.rate(1024), clock: clock)
        let order = Recorder<Int>()
        let tasks = (0..<4).map { index in
            Task.immediate {
                try await bucket.take(64)
                order.add(index)
            }
        }
        for waiting in (1...4).reversed() {
            try await clock.sleepers(atLeast: waiting)
            #expect(order.count == 4 - waiting)
            // 64 bytes take a sixteenth of a second.
            clock.advance(by: .milliseconds(63))
            try await tasks[4 - waiting].value
        }
        #expect(order.all == [0, 1, 2, 3])
    }

    @Test(.timeLimit(.minutes(5))) func `lets a cancelled task go, and counts its bytes as used`() async throws {
        let clock = ManualClock()
        let bucket = TokenBucket(Self.rate(1000), clock: clock)
        let task = Task { try await bucket.take(1000) }
        try await clock.sleepers(atLeast: 1)
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        let next = Task { try await bucket.take(500) }
        // In steps, since a waiter looks at the bucket every tenth of a second: 1.5 s in all, less the last step.
        for _ in 0..<14 {
            try await clock.sleepers(atLeast: 1)
            clock.advance(by: .milliseconds(100))
        }
        try await clock.sleepers(atLeast: 1)
        clock.advance(by: .milliseconds(101))
        try await next.value
    }
}

@Suite struct `A piece reader` {
    @Test(.timeLimit(.minutes(5))) func `keeps to the limit on disk reads`() async throws {
        try await withTemporaryDirectory { directory in
            let bytes = Content.random(1 << 20)
            try makeFile(directory.appending("f"), bytes)
            let file = try ReadableFile(directory.appending("f"))
            let clock = ManualClock(advancesItself: true)
            var reader = PieceReader(limit: TokenBucket(DataRate(bytesPerSecond: 1 << 18), clock: clock))
            var lease = BufferLease(unpooledCapacity: 1 << 20)
            var checksum: CRC32? = CRC32()
            let digest = try await reader.read(0..<(1 << 20), of: file, into: &lease, checksum: &checksum)
            #expect(digest == SHA256.digest(of: bytes.span))
            var expected = CRC32()
            expected.update(bytes.span)
            #expect(checksum == expected)
            #expect(clock.now.sinceStart >= .milliseconds(3999))
            #expect(clock.now.sinceStart <= .milliseconds(4001))
            // In steps, not all at once behind one long wait.
            #expect(clock.sleeps.count >= 40)
        }
    }

    @Test(.timeLimit(.minutes(5))) func `stops where its task is cancelled, and starts anew after that`() async throws {
        try await withTemporaryDirectory { directory in
            let bytes = Content.random(1 << 20)
            try makeFile(directory.appending("f"), bytes)
            let clock = ManualClock()
            let bucket = TokenBucket(DataRate(bytesPerSecond: 1), clock: clock)
            let task = Task {
                let file = try ReadableFile(directory.appending("f"))
                var reader = PieceReader(limit: bucket)
                var lease = BufferLease(unpooledCapacity: 2 << 20)
                var checksum: CRC32?
                await #expect(throws: CancellationError.self) {
                    _ = try await reader.read(0..<(1 << 20), of: file, into: &lease, checksum: &checksum)
                }
                let digest = reader.digest(of: bytes.span)
                #expect(digest == SHA256.digest(of: bytes.span))
            }
            try await clock.sleepers(atLeast: 1)
            task.cancel()
            try await task.value
        }
    }

    @Test(.timeLimit(.minutes(5))) func `gives a piece its own digest after one that failed halfway`() async throws {
        try await withTemporaryDirectory { directory in
            let bytes = Content.random(700_000)
            try makeFile(directory.appending("f"), bytes)
            let file = try ReadableFile(directory.appending("f"))
            var reader = PieceReader(limit: TokenBucket(.unlimited))
            var lease = BufferLease(unpooledCapacity: 2 << 20)
            var checksum: CRC32?
            await #expect(throws: FileError.self) {
                _ = try await reader.read(0..<800_000, of: file, into: &lease, checksum: &checksum)
            }
            lease.truncate(to: 0)
            let digest = try await reader.read(5..<300_005, of: file, into: &lease, checksum: &checksum)
            #expect(digest == SHA256.digest(of: bytes.span.extracting(5..<300_005)))
            let empty = try await reader.read(9..<9, of: file, into: &lease, checksum: &checksum)
            #expect(empty.description.hasPrefix("e3b0c442"))
            let count = lease.count
            #expect(count == 300_000)
            let own = reader.digest(of: Array("abc".utf8).span)
            #expect(own.description.hasPrefix("ba7816bf"))
        }
    }
}
