import TestSupport
import Testing
import TransferEngine

@Suite(.timeLimit(.minutes(5))) struct `A fake Azure` {
    private static let version = ["x-ms-version": "2021-12-02"]
    /// Of the account, by azure-storage-blob 12.31.1; good for any container.
    private static let signature =
        "st=2026-11-20T00%3A00%3A00Z&se=2026-11-21T00%3A00%3A00Z&sp=rwdl&sv=2026-10-06&ss=b&srt=co"
        + "&sig=HuHfO1SdabH8JmJScvWLXTaYpp/SkjZK%2BQ/OlGWo2eY%3D"

    private static func makeCloud(at time: Int64 = SignedRequest.time, pageLimit: Int = 1000) -> FakeCloud {
        var options = FakeCloud.Options()
        options.now = { time }
        options.pageLimit = pageLimit
        return FakeCloud(.azure, options)
    }

    private static func ask(_ cloud: FakeCloud, _ request: SignedRequest) async throws -> String {
        var headers = request.headers
        headers["Host"] = request.host
        return try await cloud.ask(request.method, request.target, headers, body: request.body).code
    }

    @Test(arguments: SignedRequest.byAzure)
    func `accepts what Azure's library signs and refuses it when anything differs`(request: SignedRequest) async throws
    {
        let cloud = Self.makeCloud()
        defer { cloud.stop() }
        #expect(try await Self.ask(cloud, request) == "ContainerNotFound")
        for (name, value) in request.headers where name != "x-ms-version" {
            var other = request
            other.headers[name] =
                name == "Authorization" ? value.dropLast(2) + "1=" : value.replacing("20", with: "21") + "1"
            #expect(try await Self.ask(cloud, other) == "AuthenticationFailed", "\(name)")
        }
        for url in [
            request.url + (request.url.contains("?") ? "&b" : "b"), request.url.replacing("devstore", with: "deystore"),
        ] {
            let other = SignedRequest(method: request.method, url: url, body: request.body, headers: request.headers)
            #expect(try await Self.ask(cloud, other) == "AuthenticationFailed", "\(url)")
        }
        let late = Self.makeCloud(at: SignedRequest.time + 901)
        defer { late.stop() }
        #expect(try await Self.ask(late, request) == "AuthenticationFailed")
    }

    @Test(arguments: [
        (
            "/devstoreaccount1/c/dir/a%20b",
            "st=2026-11-20T00%3A00%3A00Z&se=2026-11-21T00%3A00%3A00Z&sp=r&sv=2026-10-06&sr=b"
                + "&sig=2DPAJZ4LUDsdxf2F/NqdtSZehlKBrSlvMcLOfYZRkX0%3D"
        ),
        (
            "/devstoreaccount1/c/any",
            "st=2026-11-20T00%3A00%3A00Z&se=2026-11-21T00%3A00%3A00Z&sp=rwdl&sv=2026-10-06&sr=c"
                + "&sig=gijeNmEu74TXxRXg8PTpSJ4WshIJIhCDVTd%2B5XEJ7eo%3D"
        ),
        ("/devstoreaccount1/c/any", Self.signature),
    ])
    func `accepts the library's access signatures while they last and as they are`(
        path: String,
        signature: String
    ) async throws {
        let cloud = Self.makeCloud()
        defer { cloud.stop() }
        let target = "\(path)?\(signature)"
        #expect(try await cloud.ask("GET", target).code == "ContainerNotFound")
        let failed = "AuthenticationFailed"
        #expect(try await cloud.ask("GET", target.replacing("sp=r", with: "sp=rc")).code == failed)
        #expect(try await cloud.ask("GET", target.replacing("se=2026-11-21", with: "se=2026-11-22")).code == failed)
        #expect(try await cloud.ask("GET", target.replacing("%3D", with: "")).code == failed)
        if signature.contains("sr=b") {
            #expect(try await cloud.ask("GET", target.replacing("a%20b", with: "a%20c")).code == failed)
            #expect(try await cloud.ask("DELETE", target).code == "AuthorizationPermissionMismatch")
        }
        let late = Self.makeCloud(at: SignedRequest.time + 86_400)
        defer { late.stop() }
        #expect(try await late.ask("GET", target).code == failed)
    }

    @Test func `stores, checks and lists blobs as Azure does`() async throws {
        let cloud = Self.makeCloud(pageLimit: 2)
        defer { cloud.stop() }
        let container = "/devstoreaccount1/vault"
        let blob = ["x-ms-blob-type": "BlockBlob"].merging(Self.version) { first, _ in first }
        func put(_ name: String, _ more: [String: String] = [:]) async throws -> String {
            let headers = blob.merging(more) { $1 }
            return try await cloud.ask("PUT", "\(container)/\(name)?\(Self.signature)", headers, body: "hello").code
        }
        #expect(
            try await cloud.ask("PUT", "\(container)/a?\(Self.signature)", body: "hello").code
                == "MissingRequiredHeader"
        )
        #expect(try await put("a%01", ["Content-MD5": "XUFAKrxLKna5cZ2REBfFkg=="]) == "201")
        #expect(try await put("b", ["Content-MD5": "XUFAKrxLKna5cZ2REBfFkw=="]) == "Md5Mismatch")
        #expect(try await put("b", ["x-ms-content-crc64": "AAAAAAAAAAA="]) == "Crc64Mismatch")
        #expect(try await put("b/c%20d%2B", ["If-None-Match": "*"]) == "201")
        #expect(try await put("b/c%20d%2B", ["If-None-Match": "*"]) == "BlobAlreadyExists")
        #expect(try await put("c") == "201")
        #expect(cloud.objects.keys.sorted() == ["a\u{1}", "b/c d+", "c"])

        let whole = try await cloud.ask("GET", "\(container)/b/c%20d%2B?\(Self.signature)", Self.version)
        #expect(whole.text == "hello" && whole.headers["x-ms-blob-type"] == "BlockBlob")
        let part = try await cloud.ask(
            "GET",
            "\(container)/c?\(Self.signature)",
            ["x-ms-range": "bytes=1-2", "x-ms-version": "2021-12-02"]
        )
        #expect(part.status == 206 && part.text == "el" && part.headers["Content-Range"] == "bytes 1-2/5")
        #expect(
            try await cloud.ask("HEAD", "\(container)/none?\(Self.signature)").headers["x-ms-error-code"]
                == "BlobNotFound"
        )

        let list = "\(container)?restype=container&comp=list&\(Self.signature)"
        let first = try await cloud.ask("GET", list, Self.version)
        #expect(first.body.starts(with: [0xEF, 0xBB, 0xBF]))
        #expect(first.text.contains("<Name Encoded=\"true\">a%01</Name>") && first.text.contains("<Name>b/c d+</Name>"))
        let marker = try #require(first.text.between("<NextMarker>", "<"))
        let second = try await cloud.ask("GET", "\(list)&marker=\(marker.replacing("+", with: "%2B"))", Self.version)
        #expect(second.text.contains("<Name>c</Name>") && second.text.contains("<NextMarker />"))
        #expect(try await cloud.ask("GET", "\(list)&marker=x", Self.version).status == 400)

        #expect(try await cloud.ask("DELETE", "\(container)/c?\(Self.signature)").status == 202)
        #expect(try await cloud.ask("DELETE", "\(container)/c?\(Self.signature)").code == "BlobNotFound")
    }

    @Test func `takes tokens of its own identity services alone`() async throws {
        let cloud = Self.makeCloud()
        defer { cloud.stop() }
        func isGood(_ answer: HTTPResponse) async throws -> Bool {
            guard let token = answer.text.between("\"access_token\": \"", "\"") else { return false }
            let headers = Self.version.merging(["Authorization": "Bearer \(token)"]) { $1 }
            return try await cloud.ask("GET", "/devstoreaccount1/vault/none", headers).code == "BlobNotFound"
        }
        func form(_ fields: String) async throws -> HTTPResponse {
            try await cloud.ask(
                "POST",
                "/\(FakeCloud.tenant)/oauth2/v2.0/token",
                ["Content-Type": "application/x-www-form-urlencoded"],
                body: "grant_type=client_credentials&client_id=\(FakeCloud.clientID)"
                    + "&scope=https%3A%2F%2Fstorage.azure.com%2F.default&\(fields)"
            )
        }
        #expect(try await isGood(form("client_secret=client~secret%2Bwith%2Fodd%3Dcharacters%26more")))
        #expect(try await form("client_secret=client~secret").status == 401)
        let federated =
            "client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion="
        #expect(try await isGood(form(federated + cloud.identityToken)))
        cloud.identityToken = "rotated"
        #expect(try await form(federated + "stale").status == 401)
        let managed =
            "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fstorage.azure.com%2F"
        #expect(try await isGood(cloud.ask("GET", managed, ["Metadata": "true"])))
        #expect(try await cloud.ask("GET", managed).status == 400)
        let headers = Self.version.merging(["Authorization": "Bearer made-up"]) { $1 }
        #expect(try await cloud.ask("GET", "/devstoreaccount1/vault/none", headers).code == "InvalidAuthenticationInfo")
        #expect(cloud.requests.filter { $0.operation == .token }.count == 6)
    }
}
