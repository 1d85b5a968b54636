import SystemPackage
import TestSupport
import Testing

@testable import TransferEngine

@Suite struct `A server that asks for a certificate` {
    /// A server that lets in whoever shows `client`'s certificate.
    private func withServer<Result>(
        _ body: (TLSServer, ClientCertificate, FilePath) async throws -> Result
    ) async throws -> Result {
        try await withTemporaryDirectory { root in
            let client = try #require(ClientCertificate(in: root))
            let options = "-Verify 1 -verify_return_error -CAfile \(client.certificate)"
            let server = try #require(TLSServer(options))
            defer { server.stop() }
            return try await body(server, client, root)
        }
    }

    private func settings(_ server: TLSServer) -> HTTPSettings {
        var settings = HTTPSettings()
        settings.caFile = server.certificate
        settings.trustsOnlyCAFile = true
        return settings
    }

    private func ask(_ server: TLSServer, _ settings: HTTPSettings) async throws -> HTTPResponse {
        try await HTTPClient(settings).collect(HTTPRequest(.get, server.url("/")), atMost: 1 << 16)
    }

    @Test(.timeLimit(.minutes(5))) func `answers a client that shows the right one`() async throws {
        try await withServer { server, client, _ in
            var settings = settings(server)
            settings.clientCertificate = client.certificate
            settings.clientKey = client.key
            let answer = try await ask(server, settings)
            #expect(answer.status == 200)
        }
    }

    @Test(.timeLimit(.minutes(5))) func `answers a client whose key is in the same file`() async throws {
        try await withServer { server, client, root in
            let both = root.appending("both.pem")
            try #require(CommandLineTool.run("cat '\(client.certificate)' '\(client.key)' >'\(both)'"))
            var settings = settings(server)
            settings.clientCertificate = both
            #expect(try await ask(server, settings).status == 200)
        }
    }

    @Test(.timeLimit(.minutes(5))) func `refuses a client without one`() async throws {
        try await withServer { server, _, _ in
            let error = await #expect(throws: HTTPError.self) { try await ask(server, settings(server)) }
            #expect(error?.words.contains("certificate required") == true, "\(error?.words ?? "")")
        }
    }

    @Test(.timeLimit(.minutes(5))) func `refuses a client that shows another's`() async throws {
        try await withServer { server, _, root in
            let other = try #require(ClientCertificate(in: root, name: "other"))
            var settings = settings(server)
            settings.clientCertificate = other.certificate
            settings.clientKey = other.key
            await #expect(throws: HTTPError.self) { try await ask(server, settings) }
        }
    }

    /// Nobody is asked for a passphrase: this ends by itself.
    @Test(.timeLimit(.minutes(5))) func `is not asked with a key that needs a passphrase`() async throws {
        try await withServer { server, client, root in
            let locked = root.appending("locked.pem")
            let line = "openssl pkcs8 -topk8 -in '\(client.key)' -out '\(locked)' -passout pass:hunter2 2>/dev/null"
            try #require(CommandLineTool.run(line))
            var settings = settings(server)
            settings.clientCertificate = client.certificate
            settings.clientKey = locked
            let error = await #expect(throws: HTTPError.self) { try await ask(server, settings) }
            #expect(error?.code == .tls)
        }
    }

    @Test(.timeLimit(.minutes(5))) func `must itself come from the one authority that is trusted`() async throws {
        try await withServer { server, client, _ in
            var settings = HTTPSettings()
            settings.caFile = client.certificate
            settings.trustsOnlyCAFile = true
            settings.clientCertificate = client.certificate
            settings.clientKey = client.key
            let error = await #expect(throws: HTTPError.self) { try await ask(server, settings) }
            #expect(error?.code == .tls)
        }
    }
}
