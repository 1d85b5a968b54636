import TestSupport
import Testing

@testable import TransferEngine

@Suite(.timeLimit(.minutes(5))) struct `An HTTP client at a faulty server` {
    static let large = 24 << 20

    /// More bytes than the sockets of both sides hold.
    static func largeLease() -> BufferLease {
        var lease = BufferLease(unpooledCapacity: large)
        lease.fill { $0.append(repeating: 5, count: large) }
        return lease
    }

    func error(
        _ script: HTTPFaultScript,
        client: HTTPClient = HTTPClient(),
        room: Int = 1000
    ) async -> HTTPError? {
        let server = HTTPFaultServer(["/a": script])
        defer { server.stop() }
        return await failure { () async throws(HTTPError) in
            var lease = BufferLease(unpooledCapacity: room)
            do throws(HTTPError) {
                return try await client.send(HTTPRequest(.get, server.url("/a?secret")), into: &lease)
            } catch {
                #expect(contents(of: lease).isEmpty)
                throw error
            }
        }
    }

    func putError(_ script: HTTPFaultScript, client: HTTPClient = HTTPClient()) async -> HTTPError? {
        let server = HTTPFaultServer(["/a": script])
        defer { server.stop() }
        return await failure { () async throws(HTTPError) in
            let body = Self.largeLease()
            return try await client.send(HTTPRequest(.put, server.url("/a")), body: body)
        }
    }

    @Test func `says so when nobody listens`() async {
        let server = HTTPFaultServer()
        server.stop()
        let error = await failure { () async throws(HTTPError) in
            try await HTTPClient().send(HTTPRequest(.get, server.url("/a?secret")))
        }
        #expect(error?.code == .couldNotConnect)
        #expect(error?.curlCode == 7)
        let text = error.map { "\($0)" } ?? ""
        #expect(
            text.hasPrefix("cannot GET http://127.0.0.1:\(server.port)/a: no connection: Couldn't connect to server: ")
        )
        #expect(!text.contains("secret"))
    }

    @Test func `says so when there is no such host`() async {
        let error = await failure { () async throws(HTTPError) in
            try await HTTPClient().send(HTTPRequest(.get, "http://does-not-exist.invalid/a"))
        }
        #expect(error?.code == .couldNotResolve)
        #expect(error?.isOnReusedConnection == false)
    }

    @Test func `does not take half an answer for a whole one`() async {
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n"
        #expect(await error(.raw(Array((head + "only half").utf8)))?.code == .truncatedResponse)
        #expect(await error(.chunked([[1, 2, 3]], isWhole: false))?.code == .truncatedResponse)
    }

    @Test(arguments: ["", "HTTP/1.1 200 OK\r\nContent-Le"])
    func `does not take a closed connection for an answer`(bytes: String) async {
        #expect(await error(.raw(Array(bytes.utf8)))?.code == .connectionLost)
    }

    @Test func `does not take something else for HTTP`() async {
        #expect(await error(.raw(Array("220 ready\r\n".utf8)))?.code == .badResponse)
    }

    @Test func `notices a reset, before the answer and within it`() async {
        #expect(await error(.reset)?.code == .connectionLost)
        let code = await error(.resetMidBody(stated: 900, sent: 100))?.code
        #expect(code == .connectionLost || code == .truncatedResponse)
    }

    @Test(arguments: [
        HTTPFaultScript.answer(200, body: [UInt8](repeating: 1, count: 1001)), .huge(1 << 20, isStated: true),
        .huge(1 << 20, isStated: false), .chunked([[UInt8](repeating: 1, count: 1001)], isWhole: true),
    ])
    func `takes no more than the lease can hold`(script: HTTPFaultScript) async {
        #expect(await error(script)?.code == .responseTooLarge)
    }

    @Test func `fills a lease to the last byte`() async {
        #expect(await error(.answer(200, body: [UInt8](repeating: 1, count: 1000))) == nil)
    }

    @Test func `takes nothing beyond the stated length`() async throws {
        let text = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabcdef"
        let server = HTTPFaultServer(["/a": .raw(Array(text.utf8))])
        defer { server.stop() }
        let answer = try await HTTPClient().collect(HTTPRequest(.get, server.url("/a")), atMost: 10)
        #expect(answer.body == Array("ab".utf8))
    }

    @Test func `gives up on headers without end`() async {
        let line = "X-Header: " + String(repeating: "a", count: 90_000) + "\r\n"
        let text = "HTTP/1.1 200 OK\r\n" + String(repeating: line, count: 10) + "\r\n"
        let code = await error(.raw(Array(text.utf8)))?.code
        #expect(code == .badResponse)
    }

    // MARK: Early answers

    @Test(arguments: [403, 307, 503])
    func `delivers a refusal that comes before the body was read`(status: Int) async throws {
        let server = HTTPFaultServer(["/a": .early(status, headers: ["X-Id: 7"], body: [1, 2]), "/b": .store])
        defer { server.stop() }
        let client = HTTPClient()
        let body = Self.largeLease()
        let answer = try await client.send(HTTPRequest(.put, server.url("/a")), body: body)
        #expect(answer.status == status)
        #expect(answer.errorBody == [1, 2])
        // What is left of that body must not be read as the next request.
        let small = BufferLease(copying: [1])
        #expect(try await client.send(HTTPRequest(.put, server.url("/b")), body: small).isSuccess)
        #expect(server.accepted == 2)
    }

    @Test func `takes no success for one that comes before the body was read`() async {
        let error = await putError(.early(200))
        #expect(error?.code == .sendIncomplete)
        #expect((error?.bytesSent ?? .max) < Self.large)
    }

    /// The answer may be lost with the connection; it must not be made up.
    @Test func `tells a refusal that comes with a reset from a success`() async throws {
        let server = HTTPFaultServer(["/a": .earlyReset(403)])
        defer { server.stop() }
        let client = HTTPClient()
        let body = Self.largeLease()
        for _ in 0..<20 {
            do throws(HTTPError) {
                #expect(try await client.send(HTTPRequest(.put, server.url("/a")), body: body).status == 403)
            } catch {
                #expect(error.code == .connectionLost)
            }
        }
    }

    // MARK: Dead connections

    @Test func `sends again where an idle connection had been closed`() async throws {
        let server = HTTPFaultServer(["/a": .closeAfterAnswer])
        defer { server.stop() }
        let client = HTTPClient()
        let body = BufferLease(copying: [UInt8](repeating: 3, count: 100_000))
        for _ in 0..<20 {
            #expect(try await client.send(HTTPRequest(.put, server.url("/a")), body: body).isSuccess)
        }
        #expect(server.seen.allSatisfy { $0.header("Content-Length") == "100000" })
    }

    @Test func `rewinds the body where a reused connection dies as it is sent`() async throws {
        let server = HTTPFaultServer(["/a": .closeSecondRequest, "/o/": .store])
        defer { server.stop() }
        let client = HTTPClient()
        let body = BufferLease(copying: (0..<5000).map { UInt8(truncatingIfNeeded: $0) })
        for _ in 0..<5 {
            #expect(try await client.send(HTTPRequest(.put, server.url("/a")), body: body).isSuccess)
        }
        #expect(server.accepted == 5)
        #expect(server.seen.count == 9)
    }

    @Test func `tries a reused connection that was lost once more on a new one`() async throws {
        let server = HTTPFaultServer(["/a": .echo, "/b": .reset])
        defer { server.stop() }
        let client = HTTPClient()
        _ = try await client.send(HTTPRequest(.get, server.url("/a")))
        let error = await failure { () async throws(HTTPError) in
            try await client.send(HTTPRequest(.get, server.url("/b")))
        }
        #expect(error?.code == .connectionLost)
        #expect(error?.isOnReusedConnection == false)
        #expect(server.seen.map(\.connection) == [0, 0, 1])
    }

    // MARK: Clocks

    @Test func `ends a handshake that never answers by the connect clock`() async {
        // A server of plain HTTP waits for the rest of what it takes for a request line.
        let server = HTTPFaultServer()
        defer { server.stop() }
        let error = await failure { () async throws(HTTPError) in
            try await HTTPClient(connect: 200).send(HTTPRequest(.get, server.url("/a", scheme: "https")))
        }
        #expect(error?.code == .timedOut(.connect))
    }

    @Test func `ends a body that is not read by the stall clock`() async {
        #expect(await putError(.stopReading, client: HTTPClient(stall: 200))?.code == .timedOut(.stall))
    }

    @Test func `ends an answer that never begins by the first-byte clock`() async {
        #expect(await error(.silence, client: HTTPClient(firstByte: 200))?.code == .timedOut(.firstByte))
        let server = HTTPFaultServer(["/a": .silence])
        defer { server.stop() }
        let error = await failure { () async throws(HTTPError) in
            let body = BufferLease(copying: [1, 2, 3])
            return try await HTTPClient(firstByte: 200).send(HTTPRequest(.put, server.url("/a")), body: body)
        }
        #expect(error?.code == .timedOut(.firstByte))
        #expect(error?.bytesSent == 3)
    }

    @Test func `ends an answer that stops midway by the stall clock`() async {
        #expect(
            await error(.stall(stated: 100, sent: 50), client: HTTPClient(stall: 200))?.code == .timedOut(.stall)
        )
    }

    @Test func `lets a slow server think longer than the stall clock`() async throws {
        let server = HTTPFaultServer(["/a": .slow(milliseconds: 600, body: [1])])
        defer { server.stop() }
        let answer = try await HTTPClient(stall: 200).collect(HTTPRequest(.get, server.url("/a")), atMost: 1)
        #expect(answer.body == [1])
    }

    @Test func `lets a trickle go on as long as it moves`() async throws {
        let server = HTTPFaultServer(["/a": .trickle(count: 20, milliseconds: 30)])
        defer { server.stop() }
        let answer = try await HTTPClient(stall: 400).collect(HTTPRequest(.get, server.url("/a")), atMost: 20)
        #expect(answer.bodyCount == 20)
    }

    @Test func `ends a trickle by the total clock`() async {
        let script = HTTPFaultScript.trickle(count: 1000, milliseconds: 30)
        #expect(await error(script, client: HTTPClient(total: 300))?.code == .timedOut(.total))
    }

    @Test func `counts a request's own timeouts before the settings`() async {
        let server = HTTPFaultServer(["/a": .silence])
        defer { server.stop() }
        let own = HTTPTimeouts(firstByte: .milliseconds(200))
        let error = await failure { () async throws(HTTPError) in
            try await HTTPClient().send(HTTPRequest(.get, server.url("/a"), timeouts: own))
        }
        #expect(error?.code == .timedOut(.firstByte))
    }
}
