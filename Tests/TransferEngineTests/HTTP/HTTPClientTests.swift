import TestSupport
import Testing

@testable import TransferEngine

@Suite(.timeLimit(.minutes(5))) struct `An HTTP client` {
    @Test func `puts the bytes of a lease and gets them back into another`() async throws {
        let server = HTTPFaultServer(["/o/": .store])
        defer { server.stop() }
        let client = HTTPClient()
        let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        let progress = HTTPProgress()
        let body = BufferLease(copying: bytes)
        let put = try await client.send(HTTPRequest(.put, server.url("/o/a")), body: body, progress: progress)
        #expect(put.status == 200)
        #expect(progress.sent == bytes.count)

        var lease = BufferLease(unpooledCapacity: bytes.count + 3)
        lease.fill { $0.append(repeating: 9, count: 3) }
        let got = try await client.send(HTTPRequest(.get, server.url("/o/a")), into: &lease, progress: progress)
        #expect(got.bodyCount == bytes.count)
        #expect(progress.received == bytes.count)
        #expect(contents(of: lease) == [9, 9, 9] + bytes)
        let sent = server.seen[0]
        #expect(sent.header("Content-Length") == "\(bytes.count)")
        #expect(sent.header("Transfer-Encoding") == nil)
        #expect(sent.header("Expect") == nil)
        #expect(sent.header("Accept-Encoding") == nil)
        #expect(sent.header("Content-Type") == nil)
    }

    @Test(arguments: [HTTPRequest.Method.put, .post])
    func `states the length of a body of no bytes`(method: HTTPRequest.Method) async throws {
        let server = HTTPFaultServer(["/a": .echo])
        defer { server.stop() }
        let client = HTTPClient()
        let request = HTTPRequest(method, server.url("/a"))
        let empty = BufferLease(copying: [])
        #expect(try await client.send(request).isSuccess)
        #expect(try await client.send(request, body: empty).isSuccess)
        #expect(server.seen.map { $0.header("Content-Length") } == ["0", "0"])
        #expect(server.seen.map(\.method) == [method.rawValue, method.rawValue])
    }

    @Test func `posts a document and collects the answer`() async throws {
        let server = HTTPFaultServer(["/a": .echo])
        defer { server.stop() }
        let body = BufferLease(copying: Array("<Delete/>".utf8))
        let request = HTTPRequest(.post, server.url("/a?delete"), headers: [("Content-Type", "text/xml"), ("X-E", "")])
        let answer = try await HTTPClient().collect(request, body: body, atMost: 9)
        #expect(answer.body == Array("<Delete/>".utf8))
        let seen = server.seen[0]
        #expect(seen.target == "/a?delete")
        #expect(seen.header("Content-Type") == "text/xml")
        #expect(seen.headers.contains("X-E:"))
        #expect(seen.header("User-Agent") == "ringvault")
    }

    @Test func `needs no body to answer a HEAD, and none for a DELETE`() async throws {
        let server = HTTPFaultServer(["/o/": .store])
        defer { server.stop() }
        let client = HTTPClient()
        let body = BufferLease(copying: [1, 2, 3])
        _ = try await client.send(HTTPRequest(.put, server.url("/o/a")), body: body)
        var lease = BufferLease(unpooledCapacity: 1)
        let head = try await client.send(HTTPRequest(.head, server.url("/o/a")), into: &lease)
        #expect(head.headers["content-length"] == "3")
        #expect(head.bodyCount == 0)
        #expect(try await client.send(HTTPRequest(.delete, server.url("/o/a"))).status == 204)
        #expect(try await client.send(HTTPRequest(.head, server.url("/o/a"))).status == 404)
        #expect(server.accepted == 1)
    }

    @Test func `keeps the body of a refusal out of the lease`() async throws {
        let server = HTTPFaultServer(["/a": .answer(403, headers: ["X-Id: 7"], body: Array("<Error/>".utf8))])
        defer { server.stop() }
        var lease = BufferLease(unpooledCapacity: 2)
        lease.fill { $0.append(1) }
        let answer = try await HTTPClient().send(HTTPRequest(.get, server.url("/a")), into: &lease)
        #expect(answer.status == 403)
        #expect(answer.errorBody == Array("<Error/>".utf8))
        #expect(answer.headers["x-id"] == "7")
        #expect(contents(of: lease) == [1])
    }

    @Test func `cuts the body of a refusal at its limit`() async throws {
        let server = HTTPFaultServer(["/a": .answer(400, body: [UInt8](repeating: 1, count: 200_000))])
        defer { server.stop() }
        let client = HTTPClient()
        let answer = try await client.collect(HTTPRequest(.get, server.url("/a")), atMost: 1)
        #expect(answer.errorBody.count == HTTPResponse.errorBodyLimit)
        #expect(answer.bodyCount == 200_000)
        #expect(answer.body.isEmpty)
        #expect(!answer.isOnReusedConnection)
        #expect(try await client.send(HTTPRequest(.get, server.url("/a"))).isOnReusedConnection)
        #expect(server.accepted == 1)
    }

    @Test(arguments: [301, 302, 303, 307, 308])
    func `delivers a redirect instead of following it`(status: Int) async throws {
        let server = HTTPFaultServer(["/a": .answer(status, headers: ["Location: /b"])])
        defer { server.stop() }
        let body = BufferLease(copying: [1])
        let answer = try await HTTPClient().send(HTTPRequest(.put, server.url("/a")), body: body)
        #expect(answer.status == status)
        #expect(answer.headers["location"] == "/b")
        #expect(server.seen.count == 1)
    }

    @Test func `takes a chunked answer, and none of its trailers`() async throws {
        let server = HTTPFaultServer(["/a": .chunked([[1, 2], [3]], isWhole: true)])
        defer { server.stop() }
        let answer = try await HTTPClient().collect(HTTPRequest(.get, server.url("/a")), atMost: 3)
        #expect(answer.body == [1, 2, 3])
        #expect(answer.headers["X-Trailer"] == nil)
    }

    @Test func `sends a path with dot segments as it stands`() async throws {
        let server = HTTPFaultServer()
        defer { server.stop() }
        _ = try await HTTPClient().send(HTTPRequest(.get, server.url("/a/../b/./c//d")))
        #expect(server.seen[0].target == "/a/../b/./c//d")
    }

    @Test(arguments: [HTTPRequest.Method.get, .head, .delete])
    func `refuses a body where there is none to send`(method: HTTPRequest.Method) async {
        let client = HTTPClient()
        let error = await failure { () async throws(HTTPError) in
            let body = BufferLease(copying: [1])
            return try await client.send(HTTPRequest(method, "http://127.0.0.1/"), body: body)
        }
        #expect(error?.code == .badRequest)
    }

    @Test func `refuses a header that would write another`() async {
        let server = HTTPFaultServer()
        defer { server.stop() }
        let error = await failure { () async throws(HTTPError) in
            try await HTTPClient().send(HTTPRequest(.get, server.url("/a"), headers: [("A", "b\r\nC: d")]))
        }
        #expect(error?.code == .badRequest)
        #expect(server.accepted == 0)
    }
}
