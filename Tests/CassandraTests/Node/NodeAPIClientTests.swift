import SystemPackage
import TestSupport
import Testing
import TransferEngine

@testable import Cassandra

@Suite(.timeLimit(.minutes(5))) struct `A service beside a node` {
    private func mode(_ settings: NodeAPISettings) async -> (code: CassandraError.Code?, text: String)? {
        await nodeFailure { _ = try await ManagementAPI(settings).mode() }
    }

    private static let endpoints = """
        {"entity":[{"STATUS":"NORMAL,1","IS_LOCAL":"true","ENDPOINT_IP":"10.0.0.1","DC":"dc1"}]}
        """

    @Test func `is shown our certificate, and refuses us without`() async throws {
        try await withTemporaryDirectory { root in
            let authority = try #require(TLSServer())
            defer { authority.stop() }
            let client = try #require(ClientCertificate(in: root))
            try await withNodeService { service in
                service.answer("GET /api/v0/metadata/endpoints", Self.endpoints)
                for shows in [true, false] {
                    let front = try #require(
                        TLSFront(authority.certificate, to: service.server.port, expecting: client.certificate)
                    )
                    defer { front.stop() }
                    var settings = NodeAPISettings(url: front.url(""))
                    settings.caFile = authority.certificate
                    if shows {
                        settings.certificate = client.certificate
                        settings.key = client.key
                    }
                    let failure = await mode(settings)
                    #expect(failure?.code == (shows ? nil : .denied), "\(failure?.text ?? "")")
                    #expect(failure == nil || failure?.text.contains("--node-certificate") == true)
                }
                #expect(service.requests.count == 1)
            }
        }
    }

    @Test func `that comes from no authority we name is not asked`() async throws {
        try await withTemporaryDirectory { root in
            let authority = try #require(TLSServer())
            defer { authority.stop() }
            let other = try #require(ClientCertificate(in: root))
            try await withNodeService { service in
                let front = try #require(TLSFront(authority.certificate, to: service.server.port))
                defer { front.stop() }
                var settings = NodeAPISettings(url: front.url(""))
                settings.caFile = other.certificate
                let failure = await mode(settings)
                #expect(failure?.code == .unreachable)
                #expect(failure?.text.contains("--node-ca-file") == true)
                #expect(service.requests.isEmpty)
            }
        }
    }

    @Test func `gets the token that is in the file at that moment`() async throws {
        try await withTemporaryDirectory { root in
            let file = root.appending("token")
            try make(file, "first\n")
            try await withNodeService { service in
                service.answer("GET /api/v0/metadata/endpoints", Self.endpoints)
                var settings = NodeAPISettings(url: service.url)
                settings.tokenFile = file
                let node = try ManagementAPI(settings)
                _ = try await node.mode()
                try FileTree.removeAll(file)
                try make(file, "second")
                _ = try await node.mode()
                #expect(service.sentAuthorizations == ["Bearer first", "Bearer second"])
                try FileTree.removeAll(file)
                try make(file, "two words")
                #expect(await nodeFailure { _ = try await node.mode() }?.code == .invalid)
            }
        }
    }

    @Test(
        arguments: [
            (HTTPFaultScript.reset, CassandraError.Code.unreachable),
            (.resetMidBody(stated: 100, sent: 10), .unreachable),
            (.raw(Array("SSH-2.0-OpenSSH\r\n".utf8)), .malformed),
            (.silence, .timedOut),
            (.stall(stated: 100, sent: 10), .timedOut),
        ]
    )
    func `that breaks off or hangs is told as such`(script: HTTPFaultScript, code: CassandraError.Code) async throws {
        let server = HTTPFaultServer(["/": script])
        defer { server.stop() }
        var settings = NodeAPISettings(url: server.url(""))
        settings.lookTimeout = .milliseconds(300)
        let failure = await mode(settings)
        #expect(failure?.code == code, "\(failure?.text ?? "")")
    }

    @Test func `where nobody listens is unreachable`() async throws {
        let server = HTTPFaultServer()
        let url = server.url("")
        server.stop()
        #expect(await mode(NodeAPISettings(url: url))?.code == .unreachable)
    }

    @Test(arguments: ["", "localhost:8080", "ftp://x", "http://", "https://user:hunter2@host"])
    func `has an address that is a URL, without a password in it`(url: String) {
        let error = #expect(throws: CassandraError.self) { try ManagementAPI(NodeAPISettings(url: url)) }
        #expect(error?.code == .invalid)
        #expect(error?.description.contains("hunter2") == false)
    }

    @Test func `may have a path and a query that go with every request`() async throws {
        try await withNodeService { service in
            service.answer("GET /node/api/v0/metadata/endpoints", Self.endpoints)
            let node = try ManagementAPI(NodeAPISettings(url: "\(service.url)/node/?instanceId=2"))
            #expect(try await node.mode() == .normal)
            #expect(service.requests == ["GET /node/api/v0/metadata/endpoints?instanceId=2"])
        }
    }
}
