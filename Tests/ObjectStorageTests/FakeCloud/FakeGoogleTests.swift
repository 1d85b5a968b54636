import SystemPackage
import TestSupport
import Testing
import TransferEngine

@Suite(.timeLimit(.minutes(5))) struct `A fake Google Cloud` {
    private static let upload = "/upload/storage/v1/b/vault/o"

    @Test func `stores, checks and lists objects as Google does`() async throws {
        var options = FakeCloud.Options()
        options.pageLimit = 2
        let cloud = FakeCloud(.googleCloud, options)
        defer { cloud.stop() }
        let access = ["Authorization": "Bearer \(cloud.makeBearerToken())"]
        func put(_ query: String, _ more: [String: String] = [:], body: String = "hello") async throws -> Int {
            try await cloud.ask("POST", "\(Self.upload)?\(query)", access.merging(more) { $1 }, body: body).status
        }
        #expect(try await put("uploadType=media&name=a%2Fb%20c%2B") == 200)
        #expect(try await put("uploadType=media&name=a%2Fb%20c%2B&ifGenerationMatch=0") == 412)
        #expect(
            try await put("uploadType=media&name=b", ["X-Goog-Hash": "crc32c=mnG7TA==,md5=XUFAKrxLKna5cZ2REBfFkg=="])
                == 200
        )
        #expect(try await put("uploadType=media&name=no", ["X-Goog-Hash": "crc32c=mnG7TQ=="]) == 400)
        for (sum, status) in [("mnG7TA==", 200), ("mnG7TQ==", 400)] {
            let body = """
                --x-x\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n{"name":"c","crc32c":"\(sum)"}\r\n\
                --x-x\r\nContent-Type: application/octet-stream\r\n\r\nhello\r\n--x-x--
                """
            let type = ["Content-Type": "multipart/related; boundary=x-x"]
            #expect(try await put("uploadType=multipart", type, body: body) == status)
        }
        #expect(cloud.objects == ["a/b c+": Array("hello".utf8), "b": Array("hello".utf8), "c": Array("hello".utf8)])

        let path = "/storage/v1/b/vault/o"
        let metadata = try await cloud.ask("GET", "\(path)/a%2Fb%20c%2B?fields=name,size", access)
        #expect(metadata.text.filter { $0 != "\n" && $0 != " " } == #"{"name":"a/bc+","size":"5"}"#)
        #expect(try await cloud.ask("GET", "\(path)/a/b%20c%2B", access).status == 404)
        #expect(try await cloud.ask("GET", "\(path)/b?alt=media", access).text == "hello")
        let part = try await cloud.ask("GET", "\(path)/b?alt=media", access.merging(["Range": "bytes=3-9"]) { $1 })
        #expect(part.status == 206 && part.text == "lo" && part.headers["Content-Range"] == "bytes 3-4/5")

        let first = try await cloud.ask("GET", "\(path)?fields=items(name),nextPageToken", access)
        let token = try #require(first.text.between("\"nextPageToken\": \"", "\""))
        #expect(first.text.contains("\"b\"") && !first.text.contains("\"c\"") && !first.text.contains("size"))
        let second = try await cloud.ask("GET", "\(path)?pageToken=\(token.replacing("+", with: "%2B"))", access)
        #expect(second.text.contains("\"name\": \"c\"") && !second.text.contains("nextPageToken"))
        #expect(try await cloud.ask("GET", "\(path)?pageToken=x", access).status == 400)
        #expect(try await cloud.ask("GET", "\(path)?startOffset=b&prefix=b", access).text.contains("\"b\""))

        #expect(try await cloud.ask("DELETE", "\(path)/c", access).status == 204)
        #expect(try await cloud.ask("DELETE", "\(path)/c", access).status == 404)
        cloud.expireCredentials()
        #expect(try await cloud.ask("DELETE", "\(path)/b", access).status == 401)
    }

    @Test(.enabled(if: CommandLineTool.isInstalled("openssl"), "there is no openssl to sign assertions"))
    func `gives tokens for assertions that the service account signed`() async throws {
        var options = FakeCloud.Options()
        options.now = { SignedRequest.time }
        let cloud = FakeCloud(.googleCloud, options)
        defer { cloud.stop() }
        let key = try #require(cloud.serviceAccountKey.between("\"private_key\": \"", "\""))

        func exchange(_ claims: String, spoiled: Bool = false) async throws -> HTTPResponse {
            let assertion = try withTemporaryDirectory { directory in
                try makeFile(directory.appending("key"), Array(key.replacing("\\u000a", with: "\n").utf8))
                try makeFile(directory.appending("claims"), Array(claims.utf8))
                let encode = "base64 -w 0 | tr -- '+/' '-_' | tr -d '='"
                let script = """
                    cd \(directory) && printf '{"alg":"RS256","typ":"JWT"}' | \(encode) > head && cat claims | \(encode) > body \
                    && printf '%s.%s' "$(cat head)" "$(cat body)" > signed && openssl dgst -sha256 -sign key signed \
                    | \(encode) > signature && printf '%s.%s' "$(cat signed)" "$(cat signature)" > assertion
                    """
                #expect(CommandLineTool.run(script))
                return try SmallFile.text(of: directory.appending("assertion"))
            }
            return try await cloud.ask(
                "POST",
                "/token",
                ["Content-Type": "application/x-www-form-urlencoded"],
                body: "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion="
                    + (spoiled ? assertion.replacing(".", with: ".A", maxReplacements: 1) : assertion)
            )
        }
        func claims(audience: String, issued: Int64) -> String {
            """
            {"iss":"\(FakeCloud.serviceAccount)","aud":"\(audience)","scope":"\(FakeCloud.googleScope)",\
            "iat":\(issued),"exp":\(issued + 3600)}
            """
        }
        let audience = "\(cloud.endpoint)/token"
        let answer = try await exchange(claims(audience: audience, issued: SignedRequest.time))
        let token = try #require(answer.text.between("\"access_token\": \"", "\""))
        let list = try await cloud.ask("GET", "/storage/v1/b/vault/o", ["Authorization": "Bearer \(token)"])
        #expect(list.status == 200)
        #expect(try await exchange(claims(audience: "https://other/token", issued: SignedRequest.time)).status == 400)
        #expect(try await exchange(claims(audience: audience, issued: SignedRequest.time - 3600)).status == 400)
        #expect(try await exchange(claims(audience: audience, issued: SignedRequest.time + 301)).status == 400)
        #expect(try await exchange(claims(audience: audience, issued: SignedRequest.time), spoiled: true).status == 400)
    }

    @Test func `exchanges a workload's token and lets it act for the service account`() async throws {
        let cloud = FakeCloud(.googleCloud)
        defer { cloud.stop() }
        let form =
            "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange"
            + "&requested_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aaccess_token"
            + "&subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Ajwt&audience=\(FakeCloud.workloadPool)"
            + "&scope=https%3A%2F%2Fwww.googleapis.com%2Fauth%2Fcloud-platform&subject_token="
        let type = ["Content-Type": "application/x-www-form-urlencoded"]
        #expect(try await cloud.ask("POST", "/v1/token", type, body: form + "x").status == 400)
        let answer = try await cloud.ask("POST", "/v1/token", type, body: form + cloud.identityToken)
        let federated = try #require(answer.text.between("\"access_token\": \"", "\""))
        let path = "/v1/projects/-/serviceAccounts/\(FakeCloud.serviceAccount):generateAccessToken"
        let body = "{\"scope\":[\"\(FakeCloud.googleScope)\"],\"lifetime\":\"3600s\"}"
        #expect(try await cloud.ask("POST", path, ["Authorization": "Bearer x"], body: body).status == 401)
        let acting = try await cloud.ask("POST", path, ["Authorization": "Bearer \(federated)"], body: body)
        let token = try #require(acting.text.between("\"accessToken\": \"", "\""))
        let access = ["Authorization": "Bearer \(token)"]
        #expect(try await cloud.ask("GET", "/storage/v1/b/vault/o", access).status == 200)

        let metadata = "/computeMetadata/v1/instance/service-accounts/default/token"
        #expect(try await cloud.ask("GET", metadata).status == 403)
        #expect(try await cloud.ask("GET", metadata, ["Metadata-Flavor": "Google"]).text.contains("access_token"))
    }
}
