import TestSupport
import Testing

@testable import TransferEngine

@Suite(.timeLimit(.minutes(5))) struct `An HTTP client at a host of many addresses` {
    /// A client that knows the server's port under the name `store.test`, at these last numbers of 127.0.0.
    func client(_ server: HTTPFaultServer, _ numbers: [Int]) -> HTTPClient {
        HTTPClient { $0.addresses = ["store.test:\(server.port)": numbers.map { "127.0.0.\($0)" }] }
    }

    func url(_ server: HTTPFaultServer, _ path: String) -> String { "http://store.test:\(server.port)\(path)" }

    @Test func `spreads its connections over all of them, also after the first`() async throws {
        let server = HTTPFaultServer(["/warm": .echo, "/a": .slow(milliseconds: 100, body: [1])], addresses: 8)
        defer { server.stop() }
        let client = client(server, Array(1...8))
        let (warm, url) = (url(server, "/warm"), url(server, "/a"))
        #expect(try await client.send(HTTPRequest(.get, warm)).isSuccess)
        try await withThrowingDiscardingTaskGroup { group in
            for _ in 0..<64 {
                group.addTask {
                    let answer = try await client.send(HTTPRequest(.get, url))
                    #expect(answer.isSuccess)
                }
            }
        }
        let connections = Dictionary(server.seen.map { ($0.connection, $0.address) }) { first, _ in first }
        let addresses = Dictionary(grouping: connections.values) { $0 }.mapValues(\.count)
        #expect(addresses.count == 8)
        #expect((addresses.values.max() ?? 0) <= 2 * (addresses.values.min() ?? 0))
    }

    @Test func `goes on to the next where one is dead`() async throws {
        let server = HTTPFaultServer(["/a": .closeAfterAnswer], addresses: 2)
        defer { server.stop() }
        // Nobody listens at the first and the third.
        let client = client(server, [8, 1, 9, 2])
        for _ in 0..<12 { #expect(try await client.send(HTTPRequest(.get, url(server, "/a"))).isSuccess) }
        #expect(Set(server.seen.map(\.address)) == ["127.0.0.1", "127.0.0.2"])
    }

    @Test func `says so where all are dead`() async {
        let server = HTTPFaultServer()
        defer { server.stop() }
        let client = client(server, [8, 9])
        let error = await failure { () async throws(HTTPError) in
            try await client.send(HTTPRequest(.get, url(server, "/a")))
        }
        #expect(error?.code == .couldNotConnect)
    }

    @Test func `asks a name server for the hosts it was told nothing about`() async throws {
        let server = HTTPFaultServer(["/a": .echo])
        defer { server.stop() }
        let client = client(server, [9])
        #expect(try await client.send(HTTPRequest(.get, "http://localhost:\(server.port)/a")).isSuccess)
    }

    @Test func `refuses addresses that are none`() async {
        let client = HTTPClient { $0.addresses = ["store.test:80": ["nowhere"]] }
        let error = await failure { () async throws(HTTPError) in
            try await client.send(HTTPRequest(.get, "http://store.test/a"))
        }
        #expect(error?.code == .couldNotResolve || error?.code == .badRequest)
    }

    // MARK: IPv6

    static let hasIPv6 = HTTPFaultServer(onIPv6: [:]).map { $0.stop() } != nil

    @Test(.enabled(if: hasIPv6, "this machine has no IPv6 on loopback"))
    func `speaks IPv6, to an address or a name`() async throws {
        let server = try #require(HTTPFaultServer(onIPv6: ["/o/": .store]))
        defer { server.stop() }
        let client = HTTPClient {
            $0.addresses = [
                "store.test:\(server.port)": ["[::1]"], "other.test:\(server.port)": ["127.0.0.1", "::1"],
            ]
        }
        let body = BufferLease(copying: [1, 2, 3])
        for host in ["[::1]", "store.test", "other.test"] {
            let url = "http://\(host):\(server.port)/o/\(host.utf8.count)"
            #expect(try await client.send(HTTPRequest(.put, url), body: body).isSuccess)
            #expect(try await client.collect(HTTPRequest(.get, url), atMost: 3).body == [1, 2, 3])
        }
        #expect(server.seen.map { $0.header("Host") }.contains("[::1]:\(server.port)"))
    }

    // MARK: After a server's error

    @Test(arguments: [500, 502, 503, 504]) func `leaves a machine that failed`(status: Int) async throws {
        let scripts: [String: HTTPFaultScript] = [
            "/bad": .answer(status, headers: ["Retry-After: 1"], body: [1, 2, 3]), "/o/": .store,
        ]
        let server = HTTPFaultServer(scripts, addresses: 2)
        defer { server.stop() }
        let client = client(server, [1, 2])
        for _ in 0..<4 {
            let answer = try await client.send(HTTPRequest(.get, url(server, "/bad")))
            #expect(answer.status == status)
            #expect(answer.errorBody == [1, 2, 3])
            #expect(answer.retryAfter == .seconds(1))
        }
        #expect(server.seen.map(\.connection) == [0, 1, 2, 3])
        let addresses = server.seen.map(\.address)
        #expect(zip(addresses, addresses.dropFirst()).allSatisfy { $0 != $1 })
        // The same handle is used again, and must not go on closing.
        let body = BufferLease(copying: [1])
        for _ in 0..<3 { #expect(try await client.send(HTTPRequest(.put, url(server, "/o/a")), body: body).isSuccess) }
        #expect(server.accepted == 5)
        while server.open > 1 { await Task.yield() }
    }

    @Test(arguments: [304, 400, 403, 404, 412, 429]) func `stays where it was refused`(status: Int) async throws {
        let server = HTTPFaultServer(["/a": .answer(status)])
        defer { server.stop() }
        let client = HTTPClient()
        for _ in 0..<3 { #expect(try await client.send(HTTPRequest(.get, server.url("/a"))).status == status) }
        #expect(server.accepted == 1)
    }
}
