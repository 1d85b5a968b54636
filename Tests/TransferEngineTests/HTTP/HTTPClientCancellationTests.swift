import TestSupport
import Testing

@testable import TransferEngine

@Suite(.timeLimit(.minutes(5))) struct `Cancelling an HTTP request` {
    func code(of task: Task<HTTPError?, Never>) async -> HTTPError.Code? { await task.value?.code }

    @Test func `before it starts sends nothing`() async {
        let server = HTTPFaultServer(["/a": .silence])
        defer { server.stop() }
        let client = HTTPClient()
        let url = server.url("/a")
        let task = Task {
            unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
            return await failure { () async throws(HTTPError) in try await client.send(HTTPRequest(.get, url)) }
        }
        #expect(await code(of: task) == .cancelled)
        #expect(server.accepted == 0)
    }

    @Test func `while the answer is awaited ends it and its connection`() async {
        let server = HTTPFaultServer(["/a": .silence])
        defer { server.stop() }
        let client = HTTPClient()
        let url = server.url("/a")
        let task = Task {
            await failure { () async throws(HTTPError) in try await client.send(HTTPRequest(.get, url)) }
        }
        var arrivals = server.arrivals.makeAsyncIterator()
        _ = await arrivals.next()
        task.cancel()
        #expect(await code(of: task) == .cancelled)
        while server.open > 0 { await Task.yield() }
    }

    @Test func `while the body is sent lets go of the lease`() async {
        let server = HTTPFaultServer(["/a": .stopReading])
        defer { server.stop() }
        let client = HTTPClient()
        let url = server.url("/a")
        let task = Task {
            await failure { () async throws(HTTPError) in
                let body = `An HTTP client at a faulty server`.largeLease()
                return try await client.send(HTTPRequest(.put, url), body: body)
            }
        }
        var arrivals = server.arrivals.makeAsyncIterator()
        _ = await arrivals.next()
        task.cancel()
        #expect(await code(of: task) == .cancelled)
    }

    @Test func `while it waits for a connection lets the next one through`() async throws {
        let server = HTTPFaultServer(["/silent": .silence, "/a": .echo])
        defer { server.stop() }
        let client = HTTPClient { $0.connectionsPerHost = 1 }
        let silent = server.url("/silent")
        func start() -> Task<HTTPError?, Never> {
            Task { await failure { () async throws(HTTPError) in try await client.send(HTTPRequest(.get, silent)) } }
        }
        let first = start()
        var arrivals = server.arrivals.makeAsyncIterator()
        _ = await arrivals.next()
        let second = start()
        let url = server.url("/a")
        let third = Task { try await client.send(HTTPRequest(.get, url)).status }
        second.cancel()
        #expect(await code(of: second) == .cancelled)
        #expect(server.seen.count == 1)
        first.cancel()
        #expect(await code(of: first) == .cancelled)
        #expect(try await third.value == 200)
    }

    /// Cancels at every moment there is; each request either succeeds whole or ends as cancelled.
    @Test func `at any moment gives one answer`() async {
        let server = HTTPFaultServer(["/o/": .store])
        defer { server.stop() }
        let client = HTTPClient { $0.connectionsPerHost = 4 }
        let url = server.url("/o/a")
        await withDiscardingTaskGroup { group in
            for round in 0..<400 {
                group.addTask {
                    let task = Task {
                        await failure { () async throws(HTTPError) in
                            let body = BufferLease(copying: [UInt8](repeating: 1, count: round * 50))
                            return try await client.send(HTTPRequest(.put, url), body: body)
                        }
                    }
                    for _ in 0..<round { await Task.yield() }
                    task.cancel()
                    let code = await task.value?.code
                    #expect(code == nil || code == .cancelled)
                }
            }
        }
        let status = try? await client.send(HTTPRequest(.get, url)).status
        #expect(status == 200 || status == 404)
    }
}
