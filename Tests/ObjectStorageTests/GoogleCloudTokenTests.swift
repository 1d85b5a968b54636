import FoundationEssentials
import SystemPackage
import TestSupport
import Testing
import TransferEngine

@testable import ObjectStorage

@Suite(.timeLimit(.minutes(5))) struct `Google tokens` {
    // MARK: Assertions

    struct Fixture: Decodable {
        struct Vector: Decodable {
            let name: String
            let key_file: String
            let scope: String
            let now: Int64
            let header: String
            let claims: String
            let assertion: String
        }
        let vectors: [Vector]
    }

    private struct KeyFile: Decodable {
        let client_email: String
        let private_key: String
        let private_key_id: String
        let token_uri: String

        func account() throws -> GoogleServiceAccount {
            GoogleServiceAccount(
                email: client_email,
                keyID: private_key_id,
                key: try RS256(pem: private_key),
                tokenURL: try #require(ServiceURL(token_uri))
            )
        }
    }

    @Test func `are asked for with the assertion that google-auth makes, byte for byte`() throws {
        let fixture = try SignatureFixture.load(Fixture.self, "google.json")
        #expect(fixture.vectors.count == 3)
        for vector in fixture.vectors {
            let account = try #require(KeyFile(json: Array(vector.key_file.utf8))).account()
            let assertion = try account.assertion(vector.scope, at: vector.now)
            let parts = assertion.split(separator: ".")
            #expect(parts.count == 3)
            #expect(parts[0] == Base64.urlText(of: vector.header.utf8), "\(vector.name)")
            #expect(parts[1] == Base64.urlText(of: vector.claims.utf8), "\(vector.name)")
            #expect(assertion == vector.assertion, "\(vector.name)")
        }
    }

    @Test(arguments: [
        ("https://oauth2.googleapis.com/token", "https://oauth2.googleapis.com/token"),
        ("https://oauth2.mtls.googleapis.com/token", "https://oauth2.googleapis.com/token"),
        ("https://tokens.example/token", "https://tokens.example/token"),
        ("https://notgoogleapis.com/token", "https://notgoogleapis.com/token"),
    ])
    func `are asked of whom the assertion names`(url: String, audience: String) throws {
        let fixture = try SignatureFixture.load(Fixture.self, "google.json")
        let key = try #require(fixture.vectors.first.flatMap { KeyFile(json: Array($0.key_file.utf8)) })
        let account = GoogleServiceAccount(
            email: "a@b",
            keyID: nil,
            key: try RS256(pem: key.private_key),
            tokenURL: try #require(ServiceURL(url))
        )
        let assertion = try account.assertion("s", at: 0)
        let claims = #"{"iat": 0, "exp": 3600, "iss": "a@b", "aud": "\#(audience)", "scope": "s"}"#
        let parts = assertion.split(separator: ".")
        #expect(parts[0] == Base64.urlText(of: #"{"typ": "JWT", "alg": "RS256"}"#.utf8))
        #expect(parts[1] == Base64.urlText(of: claims.utf8))
    }

    // MARK: What goes wrong

    private static let canary = "canary-0123456789-do-not-tell"

    /// Credentials of every kind full of secrets, whose services are all at `url`.
    private static func files(
        _ url: String,
        _ directory: FilePath,
        key: String
    ) throws -> [(name: String, json: String)] {
        let token = directory.appending("token")
        try Data(canary.utf8).write(to: URL(filePath: token.string))
        let pool = """
            "type": "external_account", "audience": "//iam.googleapis.com/pool", "token_url": "\(url)/token",
            "subject_token_type": "urn:ietf:params:oauth:token-type:jwt"
            """
        let header = #""headers": {"Authorization": "Bearer \#(canary)"}"#
        return [
            (
                "login",
                """
                {"type": "authorized_user", "client_id": "id", "client_secret": "\(canary)", "refresh_token": "\(canary)x",
                 "token_uri": "\(url)/token"}
                """
            ),
            ("account", key),
            ("workload", "{\(pool), \"credential_source\": {\"file\": \"\(token)\"}}"),
            ("address", "{\(pool), \"credential_source\": {\"url\": \"\(url)/subject?\(canary)\", \(header)}}"),
            (
                "client",
                "{\(pool), \"client_id\": \"id\", \"client_secret\": \"\(canary)\", \"credential_source\": {\"file\": \"\(token)\"}}"
            ),
            ("broken key", #"{"type": "service_account", "client_email": "a@b", "private_key": "\#(canary)"}"#),
            ("no JSON", canary),
            ("half of it", #"{"type": "service_account", "private_key": "\#(canary)"#),
            ("wrong type", #"{"type": "service_account", "private_key": ["\#(canary)"]}"#),
        ]
    }

    /// Answers that repeat what was sent, whole and cut, in every form that services have for errors.
    private static func answers(_ secret: String) -> [HTTPFaultScript] {
        let cut = String(secret.prefix(20))
        return [
            .answer(400, body: Array(#"{"error": "invalid_grant", "error_description": "bad \#(secret)"}"#.utf8)),
            .answer(400, body: Array(#"{"error": "invalid \#(cut)"}"#.utf8)),
            .answer(
                401,
                body: Array(#"{"error": {"code": 401, "message": "no \#(secret)", "status": "UNAUTHENTICATED"}}"#.utf8)
            ),
            .answer(500, body: Array("<html><body>\(secret)\n\(cut)</body></html>".utf8)),
            .answer(503, body: Array("sent: \(cut)".utf8)),
            .answer(200, body: Array(#"{"access_token": "\#(secret)"}"#.utf8)),
            .answer(200, body: Array(secret.utf8)),
            .reset,
        ]
    }

    @Test func `that are not given are told in one line without a secret`() async throws {
        let fixture = try SignatureFixture.load(Fixture.self, "google.json")
        let vector = try #require(fixture.vectors.first)
        try await withTemporaryDirectory { directory in
            var seen = 0
            for index in Self.answers("").indices {
                let assertion = "eyJ0eXAiOiAiSldUIiwgImFsZyI6ICJSUzI1NiIsICJraWQi"
                for secret in [Self.canary, assertion] {
                    let server = HTTPFaultServer(["/": Self.answers(secret)[index]])
                    defer { server.stop() }
                    let url = server.url("")
                    let key = vector.key_file.replacing("https://oauth2.googleapis.com", with: url)
                    // An account sends an assertion and nothing else, the others no assertion.
                    for (name, json) in try Self.files(url, directory, key: key)
                    where (name == "account") == (secret == assertion) {
                        let file = directory.appending("credentials.json")
                        try Data(json.utf8).write(to: URL(filePath: file.string))
                        var settings = StoreSettings()
                        settings.environment = ["GOOGLE_APPLICATION_CREDENTIALS": file.string]
                        let context = CredentialContext(settings, http: HTTPClient(), io: IOExecutor(threads: 1))
                        let endpoint = try #require(ServiceURL("https://storage.googleapis.com"))
                        let source = try #require(
                            try GoogleApplicationCredentials.find(settings, context, for: endpoint)
                        )
                        do throws(CredentialError) {
                            _ = try await source.fetch()
                            Issue.record("\(name): no error")
                        } catch {
                            let text = "\(error) \(String(reflecting: error))"
                            #expect(!text.contains("canary"), "\(name)")
                            #expect(!text.contains("eyJ0eXAi"), "\(name)")
                            #expect(!text.contains("PRIVATE KEY"), "\(name)")
                            #expect(!error.description.contains("\n"), "\(name): \(error)")
                            #expect(error.description.contains("cannot "), "\(name): \(error)")
                            seen += 1
                        }
                    }
                }
            }
            #expect(seen == 8 * 9)
        }
    }

    @Test(arguments: [
        (400, CredentialError.Code.refused), (401, .refused), (403, .refused), (404, .refused), (408, .unavailable),
        (429, .unavailable), (500, .unavailable), (503, .unavailable),
    ])
    func `are asked for again only where that can help`(status: Int, code: CredentialError.Code) async throws {
        let server = HTTPFaultServer(["/token": .answer(status, body: Array(#"{"error": "words"}"#.utf8))])
        defer { server.stop() }
        let error = try await Self.failure(
            """
            {"type": "authorized_user", "client_id": "i", "client_secret": "client's", "refresh_token": "refreshing",
             "token_uri": "\(server.url("/token"))"}
            """
        )
        #expect(error.code == code)
        #expect(error.description.contains("words"))
        #expect(error.description.contains("login' again") == (code == .refused))
    }

    @Test(arguments: [
        (#"{"type": "authorized_user", "client_id": "i"}"#, "lacks client_secret"),
        (#"{"type": "service_account", "client_email": "a@b"}"#, "lacks private_key"),
        (#"{"type": "gdch_service_account"}"#, "does not know its type 'gdch_service_account'"),
        (#"{"client_email": "a@b"}"#, "has no type"),
        (#"{"type": "service_account", "universe_domain": "s3nsapis.fr"}"#, "universe s3nsapis.fr"),
        (
            #"{"type": "authorized_user", "client_id": "i", "client_secret": "s", "refresh_token": "r", "token_uri": "http://tokens.example"}"#,
            "token_uri is not an https address"
        ),
        (external(#"{"environment_id": "aws1"}"#), "no subject token from 'aws1'"),
        (external(#"{"executable": {"command": "rm -rf /"}}"#), "runs no program"),
        (external(#"{"certificate": {}}"#), "no certificate"),
        (external(#"{"file": "/a", "format": {"type": "xml"}}"#), "'xml' is neither"),
        (external(#"{"file": "/a", "format": {"type": "json"}}"#), "lacks subject_token_field_name"),
        (external(#"{"file": "/a", "url": "https://b"}"#), "needs a file or a url"),
        (external("{}"), "needs a file or a url"), (external("null"), "lacks credential_source"),
        (external(#"{"file": "/nonexistent/token"}"#), "/nonexistent/token"),
    ])
    func `need credentials that are whole and known here`(json: String, told: String) async throws {
        let error = try await Self.failure(json)
        #expect(error.code == .invalid)
        #expect(error.description.contains(told), "\(error)")
    }

    private static func external(_ source: String) -> String {
        """
        {"type": "external_account", "audience": "a", "subject_token_type": "t", "token_url": "https://sts.example/token",
         "credential_source": \(source)}
        """
    }

    @Test func `of the machine need Google's metadata server`() async throws {
        for (script, code) in [
            (
                HTTPFaultScript.answer(200, body: Array(#"{"access_token": "a", "expires_in": 60}"#.utf8)),
                CredentialError.Code.unavailable
            ),
            (.answer(404, headers: ["Metadata-Flavor: Google"]), .refused),
            (.answer(503, headers: ["Metadata-Flavor: Google"]), .unavailable),
            (.reset, .unavailable),
        ] {
            let server = HTTPFaultServer(["/": script])
            defer { server.stop() }
            let error = try await Self.failure(nil, ["GCE_METADATA_HOST": "127.0.0.1:\(server.port)"])
            #expect(error.code == code, "\(error)")
            #expect(error.description.contains("127.0.0.1"))
        }
    }

    private static func failure(
        _ json: String?,
        _ environment: [String: String] = [:]
    ) async throws -> CredentialError {
        try await withTemporaryDirectory { directory in
            var settings = StoreSettings()
            settings.environment = environment
            if let json {
                let file = directory.appending("credentials.json")
                try Data(json.utf8).write(to: URL(filePath: file.string))
                settings.environment["GOOGLE_APPLICATION_CREDENTIALS"] = file.string
            }
            let context = CredentialContext(settings, http: HTTPClient(), io: IOExecutor(threads: 1))
            let endpoint = try #require(ServiceURL("https://storage.googleapis.com"))
            let source = try #require(try GoogleApplicationCredentials.find(settings, context, for: endpoint))
            do throws(CredentialError) {
                _ = try await source.fetch()
            } catch {
                return error
            }
            throw NoError()
        }
    }

    private struct NoError: Error {}

    @Test func `never print`() throws {
        let token = try #require(GoogleToken("ya29.secret"))
        #expect(!"\(token) \(String(reflecting: token))".contains("secret"))
        #expect(GoogleToken("line\r\nend") == nil)
        #expect(GoogleToken("") == nil)
    }
}
