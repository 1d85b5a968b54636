import SystemPackage
import TestSupport
import Testing

@testable import TransferEngine

@Suite(.timeLimit(.minutes(5))) struct `An HTTP client over TLS` {
    @Test func `refuses a certificate that nobody vouches for`() async throws {
        let server = try #require(TLSServer())
        defer { server.stop() }
        let error = await failure { () async throws(HTTPError) in
            try await HTTPClient().send(HTTPRequest(.get, server.url("/")))
        }
        #expect(error?.code == .tls)
        #expect(error?.isTransient == false)
    }

    @Test func `accepts one that the given file vouches for`() async throws {
        let server = try #require(TLSServer())
        defer { server.stop() }
        let client = HTTPClient { $0.caFile = server.certificate }
        let answer = try await client.collect(HTTPRequest(.get, server.url("/")), atMost: 1 << 20)
        #expect(answer.status == 200)
        #expect(String(decoding: answer.body, as: UTF8.self).contains("TLSv1.3"))
    }

    @Test func `refuses a certificate made out to another host`() async throws {
        let server = try #require(TLSServer())
        defer { server.stop() }
        let client = HTTPClient { $0.caFile = server.certificate }
        let error = await failure { () async throws(HTTPError) in
            try await client.send(HTTPRequest(.get, "https://localhost:\(server.port)/"))
        }
        #expect(error?.code == .tls)
    }

    @Test func `says which file of authorities it could not read`() async {
        let client = HTTPClient { $0.caFile = "/nowhere.pem" }
        let server = HTTPFaultServer()
        defer { server.stop() }
        let error = await failure { () async throws(HTTPError) in
            try await client.send(HTTPRequest(.get, server.url("/", scheme: "https")))
        }
        #expect(error?.code == .tls)
        #expect(error?.words.contains("/nowhere.pem") == true)
    }

    @Test func `refuses TLS before 1.2`() async throws {
        let server = try #require(TLSServer("-tls1_1 -cipher ALL:@SECLEVEL=0"))
        defer { server.stop() }
        let client = HTTPClient { $0.caFile = server.certificate }
        let error = await failure { () async throws(HTTPError) in
            try await client.send(HTTPRequest(.get, server.url("/")))
        }
        #expect(error?.code == .tls)
        // It does speak to those who ask for less.
        let old = "openssl s_client -connect 127.0.0.1:\(server.port) -tls1_1 -cipher ALL:@SECLEVEL=0"
        #expect(CommandLineTool.run("\(old) < /dev/null > /dev/null 2>&1"))
    }

    @Test func `refuses a certificate of another authority, and says why`() async throws {
        let server = try #require(TLSServer())
        let other = try #require(TLSServer())
        defer {
            server.stop()
            other.stop()
        }
        let client = HTTPClient { $0.caFile = other.certificate }
        let error = try #require(
            await failure { () async throws(HTTPError) in try await client.send(HTTPRequest(.get, server.url("/a?b"))) }
        )
        #expect(error.code == .tls)
        #expect(!error.isTransient)
        let text = "\(error)"
        #expect(text.hasPrefix("cannot GET https://127.0.0.1:\(server.port)/a: TLS failed: "))
        #expect(text.contains("certificate"))
        #expect(!text.contains("\n"))
    }

    /// The server closes after each answer, so that each request needs a handshake.
    ///
    /// A ticket of TLS 1.3 is good for one.
    @Test func `resumes a session on whatever handle comes next`() async throws {
        let server = try #require(TLSServer("-tls1_2"))
        defer { server.stop() }
        let client = HTTPClient { $0.caFile = server.certificate }
        let request = HTTPRequest(.get, server.url("/"))
        func session() async throws -> Bool {
            let answer = try await client.collect(request, atMost: 1 << 20)
            return String(decoding: answer.body, as: UTF8.self).contains("Reused, TLSv1")
        }
        #expect(try await session() == false)
        async let first = session()
        async let second = session()
        async let third = session()
        let areResumed = try await [first, second, third]
        #expect(areResumed == [true, true, true])
    }
}
