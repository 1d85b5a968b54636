import TestSupport
import Testing

@testable import TransferEngine

@Suite(.timeLimit(.minutes(5))) struct `An HTTP client behind a proxy` {
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

    // MARK: Its user and password

    @Test func `tells the proxy who it is, and nobody else`() async throws {
        let server = HTTPFaultServer(["/a": .answer(201)])
        let proxy = HTTPFaultServer(["/a": .answer(200)])
        defer {
            proxy.stop()
            server.stop()
        }
        let client = HTTPClient {
            $0.proxy = "http://us%65r:se%2Fcret@127.0.0.1:\(proxy.port)"
            $0.noProxy = ["127.0.0.1"]
        }
        #expect(try await client.send(HTTPRequest(.get, "http://store.invalid/a")).status == 200)
        #expect(try await client.send(HTTPRequest(.get, server.url("/a"))).status == 201)
        let expected = "Basic " + Base64.text(of: Array("user:se/cret".utf8))
        #expect(proxy.seen.map { $0.header("Proxy-Authorization") } == [expected])
        #expect(server.seen.map { $0.header("Proxy-Authorization") } == [nil])
    }

    /// Also where the URL is not what libcurl takes for one.
    @Test(arguments: [
        "http://user:secret@127.0.0.1:1", "http://user:secret@proxy.invalid", "http://user:secret@:x",
        "http://user:secret@[::1", "http://user:sec/secret@127.0.0.1:1", "http://user:sec@secret@127.0.0.1:1",
        "http://user:sec#secret@127.0.0.1:1", "user:secret@127.0.0.1:1", "gopher://user:secret@127.0.0.1:1",
        "http://user:secret@127.0.0.1:99999", "http://user:se cret@127.0.0.1:1", "user:sec?secret@h",
        "http://user%zz:secret@127.0.0.1:1", "//user:secret@127.0.0.1:1", "http:/user:secret@127.0.0.1:1",
    ])
    func `shows the password in no error`(proxy: String) async {
        let client = HTTPClient { $0.proxy = proxy }
        for url in ["http://store.invalid/a", "https://store.invalid/a"] {
            let error = await failure { () async throws(HTTPError) in try await client.send(HTTPRequest(.get, url)) }
            let text = error.map { "\($0)" } ?? ""
            #expect(text.hasPrefix("cannot GET \(url): "))
            #expect(!text.contains("sec") && !text.contains("cret") && !text.contains("user:"))
        }
    }

    @Test func `takes a proxy that does not let it in for no connection, without its password`() async throws {
        let refusal = HTTPFaultScript.answer(407, headers: ["Proxy-Authenticate: Basic realm=\"a\""])
        let proxy = HTTPFaultServer(["store.invalid:443": refusal, "/a": refusal])
        defer { proxy.stop() }
        let client = HTTPClient { $0.proxy = "http://user:secret@127.0.0.1:\(proxy.port)" }
        let error = await failure { () async throws(HTTPError) in
            try await client.send(HTTPRequest(.get, "https://store.invalid/a"))
        }
        #expect(error?.code == .couldNotConnect)
        let text = error.map { "\($0)" } ?? ""
        #expect(text.contains("407"))
        #expect(!text.contains("secret"))
        // A plain request is answered by the proxy itself, and the answer is the caller's.
        #expect(try await client.send(HTTPRequest(.get, "http://store.invalid/a")).status == 407)
    }

    // MARK: A proxy behind TLS

    @Test func `reaches plain servers through a proxy behind TLS`() async throws {
        let authority = try #require(TLSServer())
        let proxy = HTTPFaultServer(["/a": .echo])
        let front = try #require(TLSFront(authority.certificate, to: proxy.port))
        defer {
            front.stop()
            proxy.stop()
            authority.stop()
        }
        let client = HTTPClient {
            $0.caFile = authority.certificate
            $0.proxy = "https://user:secret@127.0.0.1:\(front.port)"
        }
        let bytes = Content.random(1 << 20)
        let body = BufferLease(holding: bytes)
        var lease = BufferLease(unpooledCapacity: bytes.count)
        let request = HTTPRequest(.post, "http://store.invalid/a")
        #expect(try await client.send(request, body: body, into: &lease).isSuccess)
        #expect(areSame(lease.array, bytes))
        #expect(proxy.seen.map(\.target) == ["http://store.invalid/a"])
        #expect(proxy.seen[0].header("Proxy-Authorization") == "Basic dXNlcjpzZWNyZXQ=")
    }

    @Test func `reaches TLS servers through a tunnel within TLS`() async throws {
        let server = try #require(TLSServer())
        let proxy = HTTPFaultServer()
        let front = try #require(TLSFront(server.certificate, to: proxy.port))
        defer {
            front.stop()
            proxy.stop()
            server.stop()
        }
        let client = HTTPClient {
            $0.caFile = server.certificate
            $0.proxy = front.url("")
        }
        let answer = try await client.collect(HTTPRequest(.get, server.url("/")), atMost: 1 << 20)
        #expect(answer.status == 200)
        #expect(proxy.seen.map(\.method) == ["CONNECT"])
    }

    @Test func `tells nothing to a proxy that nobody vouches for`() async throws {
        let authority = try #require(TLSServer())
        let proxy = HTTPFaultServer(["/a": .echo])
        let front = try #require(TLSFront(authority.certificate, to: proxy.port))
        defer {
            front.stop()
            proxy.stop()
            authority.stop()
        }
        let client = HTTPClient { $0.proxy = front.url("") }
        let error = await failure { () async throws(HTTPError) in
            try await client.send(HTTPRequest(.get, "http://store.invalid/a"))
        }
        #expect(error?.code == .tls)
        #expect(error?.isTransient == false)
        #expect(proxy.seen.isEmpty)
    }
}
