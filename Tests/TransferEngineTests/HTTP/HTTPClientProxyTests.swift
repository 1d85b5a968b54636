import TestSupport
import Testing

@testable import TransferEngine

@Suite(.timeLimit(.minutes(1))) struct `An HTTP client behind a proxy` {
    @Test func `asks the proxy for the whole URL`() async throws {
        let proxy = HTTPFaultServer(["/a": .answer(200, body: [1])])
        defer { proxy.stop() }
        let client = HTTPClient { $0.proxy = proxy.url("") }
        let answer = try await client.collect(HTTPRequest(.get, "http://store.invalid/a?b"), atMost: 1)
        #expect(answer.body == [1])
        #expect(proxy.seen.map(\.target) == ["http://store.invalid/a?b"])
    }

    @Test func `goes past it to the hosts that need none`() async throws {
        let proxy = HTTPFaultServer(["/a": .answer(200)])
        let server = HTTPFaultServer(["/a": .answer(201)])
        defer {
            proxy.stop()
            server.stop()
        }
        let client = HTTPClient {
            $0.proxy = proxy.url("")
            $0.noProxy = ["example.com", "127.0.0.1"]
        }
        #expect(try await client.send(HTTPRequest(.get, server.url("/a"))).status == 201)
        #expect(try await client.send(HTTPRequest(.get, "http://example.org/a")).status == 200)
        #expect(proxy.seen.count == 1)
    }

    @Test func `reaches TLS servers through a tunnel`() async throws {
        let server = try #require(TLSServer())
        let proxy = HTTPFaultServer()
        defer {
            proxy.stop()
            server.stop()
        }
        let client = HTTPClient {
            $0.caFile = server.certificate
            $0.proxy = proxy.url("")
        }
        let answer = try await client.collect(HTTPRequest(.get, server.url("/")), atMost: 1 << 20)
        #expect(answer.status == 200)
        #expect(proxy.seen.map(\.method) == ["CONNECT"])
        #expect(proxy.seen.map(\.target) == ["127.0.0.1:\(server.port)"])
    }

    @Test func `says so when the proxy cannot be reached, without its password`() async {
        let proxy = HTTPFaultServer()
        proxy.stop()
        let client = HTTPClient { $0.proxy = "http://user:secret@127.0.0.1:\(proxy.port)" }
        let error = await failure { () async throws(HTTPError) in
            try await client.send(HTTPRequest(.get, "https://store.invalid/a"))
        }
        #expect(error?.code == .couldNotConnect)
        #expect(error.map { "\($0)".contains("secret") } == false)
    }

    @Test func `takes a tunnel that was refused for no connection`() async {
        let proxy = HTTPFaultServer()
        defer { proxy.stop() }
        let client = HTTPClient { $0.proxy = proxy.url("") }
        let error = await failure { () async throws(HTTPError) in
            // Nobody listens at port 1, which the proxy answers with a 502.
            try await client.send(HTTPRequest(.get, "https://127.0.0.1:1/a"))
        }
        #expect(error?.code == .couldNotConnect)
    }
}
