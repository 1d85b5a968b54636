import SystemPackage
import TestSupport
import Testing
import TransferEngine

@testable import ObjectStorage

@Suite struct `A retrying store` {
    static func policy(_ attempts: Int) -> RetryPolicy {
        var policy = RetryPolicy()
        policy.attempts = attempts
        policy.promptAttempts = 0
        return policy
    }

    static let codes: [StoreError.Code] = [
        .notFound, .accessDenied, .throttled, .unavailable, .corrupt, .outOfSpace, .badRange, .refused, .cancelled,
    ]

    /// Every operation once, each by itself.
    static let operations: [@Sendable (any ObjectStore) async throws -> Void] = [
        { _ = try await $0.put([1], try ObjectKey("a")) },
        { _ = try await $0.bytes(try ObjectKey("a")) },
        { _ = try await $0.head(try ObjectKey("a")) },
        { try await $0.delete(try ObjectKey("a")) },
        { _ = try await $0.list(prefix: "", from: nil, limit: 1) },
    ]

    @Test(.timeLimit(.minutes(5)), arguments: codes, [1, 2, 6])
    func `repeats only what may pass, so many times`(code: StoreError.Code, attempts: Int) async throws {
        for operation in Self.operations {
            let broken = FaultyStore(MemoryStore()) { _ in .failBefore(code) }
            let clock = ManualClock(advancesItself: true)
            let reported = Recorder<Int>()
            let store = RetryingStore(broken, policy: Self.policy(attempts), clock: clock) { error, attempt in
                #expect(error.code == code)
                reported.add(attempt)
            }
            await expectError(code) { try await operation(store) }
            let isTransient = code == .throttled || code == .unavailable
            #expect(broken.calls.count == (isTransient ? attempts : 1))
            #expect(clock.sleeps.count == broken.calls.count - 1)
            #expect(reported.all == Array(1..<broken.calls.count))
        }
    }

    @Test(.timeLimit(.minutes(5))) func `has as much patience with a store that throttles, after standing in line`()
        async
    {
        var policy = Self.policy(4)
        policy.promptAttempts = 3
        let broken = FaultyStore(MemoryStore()) { _ in .failBefore(.throttled) }
        let clock = ManualClock(advancesItself: true)
        let store = RetryingStore(broken, policy: policy, clock: clock)
        await expectError(.throttled) { _ = try await store.head(try ObjectKey("a")) }
        #expect(broken.calls.count == 7)
        #expect(clock.sleeps.prefix(3) == [.zero, .zero, .zero])
    }

    @Test(.timeLimit(.minutes(5)), arguments: 1...5)
    func `succeeds once the store does, within its attempts`(failures: Int) async throws {
        for operation in Self.operations {
            let memory = MemoryStore()
            memory["a"] = [7]
            let faults = (0..<failures).map {
                $0 % 2 == 0 ? FaultyStore.Fault.failBefore(.throttled) : .failAfter(.unavailable)
            }
            let faulty = FaultyStore(memory, script: faults)
            try await operation(RetryingStore(faulty, policy: Self.policy(6), clock: ManualClock(advancesItself: true)))
            #expect(faulty.calls.count == failures + 1)
        }
    }

    @Test(.timeLimit(.minutes(5))) func `forgets half an answer before it asks again`() async throws {
        let memory = MemoryStore()
        let bytes = Content.random(1000)
        memory["a"] = bytes
        let faulty = FaultyStore(memory, script: [.failHalfway(.unavailable), .failHalfway(.throttled)])
        let store = RetryingStore(faulty, clock: ManualClock(advancesItself: true))
        var buffer = BufferLease(holding: [1, 2, 3], spare: 1000)
        let info = try await store.get(try ObjectKey("a"), range: nil, into: &buffer)
        #expect(info.size == 1000)
        let got = buffer.array
        #expect(got == [1, 2, 3] + bytes)
        let broken = RetryingStore(
            FaultyStore(memory) { _ in .failHalfway(.unavailable) },
            clock: ManualClock(advancesItself: true)
        )
        buffer.truncate(to: 2)
        await expectError(.unavailable) { _ = try await broken.get(try ObjectKey("a"), range: 0..<10, into: &buffer) }
        let kept = buffer.array
        #expect(kept == [1, 2])
    }

    @Test(.timeLimit(.minutes(5))) func `finds the object that a lost answer was about`() async throws {
        let memory = MemoryStore()
        let faulty = FaultyStore(memory, script: [.failAfter(.unavailable)])
        let store = RetryingStore(faulty, clock: ManualClock(advancesItself: true))
        #expect(try await store.put([1, 2], try ObjectKey("a"), .onlyIfAbsent) == .existed)
        #expect(memory["a"] == [1, 2])
        #expect(faulty.calls.count == 2)
    }

    @Test(.timeLimit(.minutes(5))) func `ends its wait when its task is cancelled`() async throws {
        let clock = ManualClock()
        let faulty = FaultyStore(MemoryStore()) { _ in .failBefore(.unavailable) }
        let store = RetryingStore(faulty, clock: clock)
        let task = Task { _ = try await store.head(try ObjectKey("a")) }
        try await clock.sleepers(atLeast: 1)
        task.cancel()
        await expectError(.cancelled) { try await task.value }
        #expect(faulty.calls.count == 1)
    }

    @Test(.timeLimit(.minutes(5)), arguments: [1, 2, 3] as [UInt64])
    func `loses and invents nothing under random faults`(seed: UInt64) async throws {
        let memory = MemoryStore()
        let faulty = FaultyStore(memory, seed: seed, share: 0.3)
        let store = RetryingStore(faulty, policy: Self.policy(50), clock: ManualClock(advancesItself: true))
        for index in 0..<100 {
            let key = try ObjectKey("k/\(index % 10)")
            let bytes = Content.random(index, seed: UInt64(index))
            _ = try await store.put(bytes, key)
            #expect(try await store.bytes(key) == bytes)
            #expect(try await store.head(key)?.size == Int64(index))
            if index % 3 == 0 { try await store.delete(key) }
            #expect(try await store.keys() == memory.keys)
        }
    }
}

@Suite struct `A retry policy` {
    @Test(
        arguments: [
            (1, 0.2), (2, 0.4), (3, 0.8), (4, 1.6), (5, 3.2), (6, 6.4), (7, 12.8), (8, 20), (30, 20), (1000, 20),
            (.max, 20),
        ] as [(Int, Double)]
    )
    func `waits anything from nothing to a ceiling that doubles`(attempt: Int, ceiling: Double) {
        let policy = RetryPolicy()
        #expect(policy.delay(after: attempt, jitter: 0) == .zero)
        #expect(abs(policy.delay(after: attempt, jitter: 1) / .seconds(1) - ceiling) < 1e-9)
        #expect(abs(policy.delay(after: attempt, jitter: 0.5) / .seconds(1) - ceiling / 2) < 1e-9)
        var delays: [Double] = []
        for _ in 0..<200 { delays.append(policy.delay(after: attempt) / .seconds(1)) }
        #expect(delays.allSatisfy { $0 >= 0 && $0 < ceiling })
        // Spread over the whole: each half is missed by chance once in 2^200.
        #expect(delays.contains { $0 < ceiling / 2 } && delays.contains { $0 >= ceiling / 2 })
    }
}

@Suite struct `A measured store` {
    @Test(.timeLimit(.minutes(5))) func `counts requests, bytes and failures`() async throws {
        let memory = MemoryStore()
        let measured = MeasuredStore(FaultyStore(memory) { $0.subject == "bad" ? .failBefore(.unavailable) : nil })
        let (key, bad) = (try ObjectKey("a"), try ObjectKey("bad"))
        _ = try await measured.put(Content.random(100), key, .onlyIfAbsent)
        _ = try await measured.put(Content.random(100), key, .onlyIfAbsent)
        _ = try await measured.put(Content.random(50), key)
        _ = try await measured.bytes(key, 10..<30)
        _ = try await measured.bytes(key)
        _ = try await measured.head(key)
        _ = try await measured.list(prefix: "", from: nil, limit: 1)
        try await measured.delete(key)
        await expectError(.notFound) { _ = try await measured.bytes(key) }
        await expectError(.unavailable) { _ = try await measured.put([1], bad) }
        await expectError(.unavailable) { _ = try await measured.head(bad) }
        await expectError(.unavailable) { try await measured.delete(bad) }
        let counts = measured.counts
        #expect(counts.puts == 4)
        #expect(counts.putBytes == 150)
        #expect(counts.gets == 3)
        #expect(counts.getBytes == 70)
        #expect(counts.heads == 2)
        #expect(counts.deletes == 2)
        #expect(counts.lists == 1)
        #expect(counts.failures == 4)
    }

    @Test(.timeLimit(.minutes(5))) func `below a retrying one sees every attempt`() async throws {
        let measured = MeasuredStore(
            FaultyStore(MemoryStore(), script: [.failBefore(.throttled), .failBefore(.throttled)])
        )
        let store = RetryingStore(measured, clock: ManualClock(advancesItself: true))
        _ = try await store.put([1, 2], try ObjectKey("a"))
        #expect(measured.counts.puts == 3)
        #expect(measured.counts.failures == 2)
        #expect(measured.counts.putBytes == 2)
    }
}

@Suite struct `A store error` {
    @Test func `says what could not be done, to what and why`() throws {
        let plain = StoreError(.throttled, "put", try ObjectKey("a/b"))
        #expect(plain.description == "cannot put a/b: the store asks to slow down")
        let caused = StoreError(.notFound, "get", "file:///x", cause: FileError("open", "/x", .truncated))
        #expect(caused.description.hasPrefix("cannot get file:///x: not found: cannot open /x: it ended"))
    }
}
