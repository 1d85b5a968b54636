import TestSupport
import Testing

@testable import TransferEngine

@Suite(.timeLimit(.minutes(5))) struct `An HTTP client under a rate limit` {
    /// Bytes a second.
    static let rate: Int64 = 1 << 20
    static let step = 10_486

    func bucket(_ rate: Int64, _ clock: ManualClock) -> TokenBucket {
        TokenBucket(DataRate(bytesPerSecond: rate), clock: clock)
    }

    func lease(_ count: Int) -> BufferLease {
        var lease = BufferLease(unpooledCapacity: count)
        lease.fill { $0.append(repeating: 5, count: count) }
        return lease
    }

    /// Moves the clock on and sees each time how far `moved` gets: never past the rate, and always up to it.
    func follow(_ clock: ManualClock, to count: Int, slack: Int, _ moved: () -> Int) async {
        var time = Duration.zero
        while true {
            let due = Int(Double(Self.rate) * (time / .seconds(1)))
            while moved() < min(count, due) - slack { await Task.yield() }
            #expect(moved() <= due)
            if due >= count + slack { return }
            time += .milliseconds(90)
            clock.advance(by: .milliseconds(90))
        }
    }

    @Test func `sends a body no faster than that, and no slower`() async throws {
        let server = HTTPFaultServer(["/o/": .store])
        defer { server.stop() }
        let clock = ManualClock()
        let limit = bucket(Self.rate, clock)
        let client = HTTPClient { $0.uploadLimit = limit }
        let progress = HTTPProgress()
        let url = server.url("/o/a")
        let task = Task {
            let body = lease(1 << 20)
            return try await client.send(HTTPRequest(.put, url), body: body, progress: progress).status
        }
        await follow(clock, to: 1 << 20, slack: Self.step) { progress.sent }
        #expect(try await task.value == 200)
        #expect(server.object("/o/a")?.count == 1 << 20)
    }

    @Test func `receives a body no faster than that, and whole`() async throws {
        let bytes = Content.random(1 << 20)
        let server = HTTPFaultServer(["/a": .answer(200, body: bytes)])
        defer { server.stop() }
        let clock = ManualClock()
        let limit = bucket(Self.rate, clock)
        let client = HTTPClient { $0.downloadLimit = limit }
        let progress = HTTPProgress()
        let url = server.url("/a")
        let task = Task {
            var lease = BufferLease(unpooledCapacity: 1 << 20)
            _ = try await client.send(HTTPRequest(.get, url), into: &lease, progress: progress)
            return areSame(lease.array, bytes)
        }
        await follow(clock, to: 1 << 20, slack: 16 * 1024) { progress.received }
        #expect(try await task.value)
    }

    @Test func `carries many bodies both ways at once, every byte of them`() async throws {
        let server = HTTPFaultServer(["/a": .echo])
        defer { server.stop() }
        let clock = ManualClock(advancesItself: true)
        let (up, down) = (bucket(50 << 20, clock), bucket(50 << 20, clock))
        let client = HTTPClient {
            $0.uploadLimit = up
            $0.downloadLimit = down
        }
        let url = server.url("/a")
        let done = Gauge()
        // Real time and the bucket's have nothing to do with each other: as often as this task gets its turn.
        let ticking = Task {
            while !Task.isCancelled {
                clock.advance(by: .milliseconds(1))
                await Task.yield()
            }
        }
        defer { ticking.cancel() }
        try await withThrowingDiscardingTaskGroup { group in
            for index in 0..<20 {
                group.addTask {
                    let bytes = Content.random(200_000 + index, seed: UInt64(index))
                    let body = BufferLease(holding: bytes)
                    var lease = BufferLease(unpooledCapacity: bytes.count)
                    _ = try await client.send(HTTPRequest(.post, url), body: body, into: &lease)
                    #expect(areSame(lease.array, bytes))
                    done.enter()
                }
            }
        }
        #expect(done.now == 20)
    }

    @Test(arguments: [HTTPRequest.Method.put, .get])
    func `is stalled by no pause of its own`(method: HTTPRequest.Method) async throws {
        let server = HTTPFaultServer(["/a": .store, "/b": .trickle(count: 20, milliseconds: 300)])
        defer { server.stop() }
        let clock = ManualClock()
        let limit = bucket(1, clock)
        let client = HTTPClient(stall: 3000, firstByte: 3000, total: 5000) {
            if method == .put { $0.uploadLimit = limit } else { $0.downloadLimit = limit }
        }
        let url = server.url("/a")
        let stored = lease(100_000)
        if method == .get { _ = try await HTTPClient().send(HTTPRequest(.put, url), body: stored) }
        let task = Task {
            guard method == .put else { return try await client.collect(HTTPRequest(.get, url), atMost: 100_000) }
            let body = lease(100_000)
            return try await client.send(HTTPRequest(.put, url), body: body)
        }
        while !server.seen.contains(where: { $0.method == method.rawValue }) { await Task.yield() }
        // Six seconds, longer than every clock of the other client.
        #expect(try await HTTPClient().collect(HTTPRequest(.get, server.url("/b")), atMost: 20).isSuccess)
        limit.rate = .unlimited
        #expect(try await task.value.isSuccess)
        #expect(server.object("/a")?.count == 100_000)
    }

    @Test func `still notices a peer that stands still`() async {
        let server = HTTPFaultServer(["/a": .stall(stated: 100, sent: 50), "/b": .stopReading])
        defer { server.stop() }
        let clock = ManualClock(advancesItself: true)
        let limit = TokenBucket(DataRate(bytesPerSecond: 1 << 40), clock: clock)
        clock.advance(by: .seconds(1))
        let client = HTTPClient(stall: 200) {
            $0.uploadLimit = limit
            $0.downloadLimit = limit
        }
        let ticking = Task {
            while !Task.isCancelled {
                clock.advance(by: .milliseconds(1))
                await Task.yield()
            }
        }
        defer { ticking.cancel() }
        let get = await failure { () async throws(HTTPError) in
            try await client.collect(HTTPRequest(.get, server.url("/a")), atMost: 100)
        }
        #expect(get?.code == .timedOut(.stall))
        let put = await failure { () async throws(HTTPError) in
            let body = `An HTTP client at a faulty server`.largeLease()
            return try await client.send(HTTPRequest(.put, server.url("/b")), body: body)
        }
        #expect(put?.code == .timedOut(.stall))
    }

    @Test(arguments: [HTTPRequest.Method.put, .get])
    func `ends a request that is held back as soon as it is cancelled`(method: HTTPRequest.Method) async throws {
        let server = HTTPFaultServer(["/a": .answer(200, body: [UInt8](repeating: 1, count: 1000)), "/b": .store])
        defer { server.stop() }
        let clock = ManualClock()
        let limit = bucket(1, clock)
        let client = HTTPClient {
            $0.uploadLimit = limit
            $0.downloadLimit = limit
        }
        let url = server.url("/a")
        let task = Task {
            await failure { () async throws(HTTPError) in
                guard method == .put else { return try await client.collect(HTTPRequest(.get, url), atMost: 1000) }
                let body = lease(1000)
                return try await client.send(HTTPRequest(.put, url), body: body)
            }
        }
        var arrivals = server.arrivals.makeAsyncIterator()
        _ = await arrivals.next()
        task.cancel()
        #expect(await task.value?.code == .cancelled)
        limit.rate = .unlimited
        let body = lease(1000)
        #expect(try await client.send(HTTPRequest(.put, server.url("/b")), body: body).isSuccess)
    }

    @Test func `counts the body of a refusal too`() async throws {
        let server = HTTPFaultServer(["/a": .answer(404, body: [UInt8](repeating: 1, count: 100_000))])
        defer { server.stop() }
        let clock = ManualClock()
        let limit = bucket(Self.rate, clock)
        let client = HTTPClient { $0.downloadLimit = limit }
        let progress = HTTPProgress()
        let url = server.url("/a")
        let task = Task { try await client.send(HTTPRequest(.get, url), progress: progress).bodyCount }
        await follow(clock, to: 100_000, slack: 16 * 1024) { progress.received }
        #expect(try await task.value == 100_000)
    }

    @Test func `takes a refusal that comes while the body is held back`() async throws {
        let server = HTTPFaultServer(["/a": .early(403, body: [1, 2])])
        defer { server.stop() }
        let clock = ManualClock()
        let limit = bucket(1, clock)
        let client = HTTPClient { $0.uploadLimit = limit }
        let body = lease(1000)
        let answer = try await client.send(HTTPRequest(.put, server.url("/a")), body: body)
        #expect(answer.status == 403)
        #expect(answer.errorBody == [1, 2])
    }
}
