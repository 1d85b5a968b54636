import SystemPackage
import TestSupport
import Testing
import TransferEngine

/// The fake is only worth something if it refuses what the services refuse.
@Suite struct `A fake S3` {
    private static func options(_ region: String = "us-east-1") -> FakeCloud.Options {
        var options = FakeCloud.Options()
        options.now = { SignedRequest.time }
        options.region = region
        return options
    }

    /// The error's code that a request gets, or its status.
    private static func ask(_ cloud: FakeCloud, _ request: SignedRequest, date: String) async throws -> String {
        var headers = request.headers
        headers["Host"] = request.host
        if !request.url.contains("X-Amz-Date") { headers["X-Amz-Date"] = date }
        return try await cloud.ask(request.method, request.target, headers, body: request.body).code
    }

    @Test(.timeLimit(.minutes(5)), arguments: SignedRequest.byBotocore)
    func `accepts what botocore signs and refuses it when anything differs`(request: SignedRequest) async throws {
        let cloud = FakeCloud(.s3, Self.options(request.region))
        defer { cloud.stop() }
        // There is no such bucket; and the session token is of nobody.
        let expected = request.headers["X-Amz-Security-Token"] == nil ? "NoSuchBucket" : "InvalidToken"
        #expect(try await Self.ask(cloud, request, date: SignedRequest.date) == expected)
        let isByHeader = request.headers["Authorization"] != nil
        let mismatch = "SignatureDoesNotMatch"
        if isByHeader {
            #expect(try await Self.ask(cloud, request, date: "20261120T210001Z") == mismatch)
            #expect(try await Self.ask(cloud, request, date: "20261120T204459Z") == "RequestTimeTooSkewed")
        }
        var other = SignedRequest(method: request.method, url: request.url + (request.url.contains("?") ? "&b" : "b"))
        other.headers = request.headers
        other.body = request.body
        #expect(try await Self.ask(cloud, other, date: SignedRequest.date) == mismatch)
        other = SignedRequest(method: request.method, url: request.url.replacing("://", with: "://b"))
        other.headers = request.headers
        other.body = request.body
        #expect(try await Self.ask(cloud, other, date: SignedRequest.date) == mismatch)
        for (name, value) in request.headers {
            other = request
            other.headers[name] =
                name == "Authorization" ? value.dropLast() + (value.hasSuffix("0") ? "1" : "0") : value + "1"
            #expect(try await Self.ask(cloud, other, date: SignedRequest.date) == mismatch, "\(name)")
        }
        if !request.body.isEmpty, request.headers["X-Amz-Content-SHA256"] != "UNSIGNED-PAYLOAD" {
            other = request
            other.body = String(request.body.reversed())
            #expect(try await Self.ask(cloud, other, date: SignedRequest.date) == "XAmzContentSHA256Mismatch")
        }
        #expect(cloud.objects.isEmpty)
    }

    @Test func `takes other keys, regions and services for what they are`() async throws {
        var request = try #require(SignedRequest.byBotocore.first)
        let header = try #require(request.headers["Authorization"])
        let cloud = FakeCloud(.s3, Self.options())
        defer { cloud.stop() }
        request.headers["Authorization"] = header.replacing("AKIDEXAMPLE", with: "AKIDEXAMPLF")
        #expect(try await Self.ask(cloud, request, date: SignedRequest.date) == "InvalidAccessKeyId")
        for other in ["20261121/us-east-1/s3", "20261120/eu-north-1/s3", "20261120/us-east-1/sts"] {
            request.headers["Authorization"] = header.replacing("20261120/us-east-1/s3", with: other)
            #expect(try await Self.ask(cloud, request, date: SignedRequest.date) == "AuthorizationHeaderMalformed")
        }
        request.headers["Authorization"] = nil
        #expect(try await Self.ask(cloud, request, date: SignedRequest.date) == "AccessDenied")
        request.headers["Authorization"] = header
        request.headers["x-amz-meta-unsigned"] = "1"
        #expect(try await Self.ask(cloud, request, date: SignedRequest.date) == "AccessDenied")
    }

    /// Has curl send a request that it signs itself.
    ///
    /// - Returns: the status and the body of the answer.
    private static func curl(
        _ cloud: FakeCloud,
        _ arguments: String,
        _ path: String,
        body: String = "",
        keys: FakeCloud.TemporaryKeys? = nil,
        base: String? = nil,
        service: String = "s3"
    ) throws -> (status: Int?, text: String) {
        try withTemporaryDirectory { directory in
            try makeFile(directory.appending("body"), Array(body.utf8))
            let user = "\(keys?.accessKey ?? FakeCloud.accessKey):\(keys?.secretKey ?? FakeCloud.secretKey)"
            // curl 7.88 signs this header, and its value for the body's hash, but does not add it.
            let hash = "x-amz-content-sha256: $(sha256sum < \(directory)/body | cut -d ' ' -f 1)"
            let token = keys.map { "-H 'x-amz-security-token: \($0.sessionToken)'" } ?? ""
            let data = body.isEmpty ? "" : "--data-binary @\(directory)/body"
            let output = directory.appending("answer")
            _ = CommandLineTool.run(
                """
                curl -so \(output) --aws-sigv4 aws:amz:us-east-1:\(service) -u '\(user)' -H "\(hash)" \(token) \(data) \
                \(arguments) '\(base ?? cloud.endpoint + "/vault")\(path)'
                """
            )
            return (cloud.requests.last?.status, (try? SmallFile.text(of: output)) ?? "")
        }
    }

    @Test(.enabled(if: CommandLineTool.isInstalled("curl"), "there is no curl to sign requests"))
    func `understands what curl signs`() throws {
        let cloud = FakeCloud(.s3)
        defer { cloud.stop() }
        func put(_ path: String, _ header: String = "x-amz-meta-a: b", body: String = "hello") throws -> Int? {
            try Self.curl(cloud, "-X PUT -H '\(header)'", path, body: body).status
        }
        #expect(try put("/a%20b/c") == 200)
        #expect(cloud["a b/c"] == Array("hello".utf8))
        #expect(cloud.headers(of: "a b/c")?["x-amz-meta-a"] == "b")
        #expect(try put("/md5", "Content-MD5: XUFAKrxLKna5cZ2REBfFkg==") == 200)
        #expect(try put("/no", "Content-MD5: XUFAKrxLKna5cZ2REBfFkw==") == 400)
        #expect(try put("/crc", "x-amz-checksum-crc32c: mnG7TA==") == 200)
        #expect(try put("/no", "x-amz-checksum-crc32c: mnG7TQ==") == 400)
        // The check value of the catalogue of CRC algorithms.
        #expect(try put("/crc", "x-amz-checksum-crc64nvme: rosUhgp5mIg=", body: "123456789") == 200)
        #expect(try put("/no", "x-amz-checksum-crc64nvme: iJh5CoYUi64=", body: "123456789") == 400)
        #expect(try put("/no", "x-amz-acl: private") == 403)
        #expect(try put("/no", "x-amz-storage-class: CHEAP") == 400)
        #expect(try put("/md5", "If-None-Match: *") == 412)
        #expect(try Self.curl(cloud, "", "/a%20b/c") == (200, "hello"))
        #expect(try Self.curl(cloud, "-H 'Range: bytes=1-2'", "/a%20b/c") == (206, "el"))
        #expect(try Self.curl(cloud, "-H 'Range: bytes=5-'", "/a%20b/c").status == 416)
        #expect(try Self.curl(cloud, "-I", "/a%20b/c").status == 200)
        #expect(try Self.curl(cloud, "-I", "/none").status == 404)
        #expect(try Self.curl(cloud, "-X DELETE", "/md5").status == 204)
        #expect(try Self.curl(cloud, "-X DELETE", "/md5").status == 204)
        #expect(cloud.objects.keys.sorted() == ["a b/c", "crc"])
    }

    @Test(
        .enabled(
            if: CommandLineTool.isInstalled("curl") && CommandLineTool.isInstalled("openssl"),
            "there is no curl and openssl to sign requests"
        )
    )
    func `lists in pages and deletes in batches`() throws {
        var options = FakeCloud.Options()
        options.pageLimit = 2
        let cloud = FakeCloud(.s3, options)
        defer { cloud.stop() }
        for key in ["a", "b/x y", "b/\u{1}", "b/\u{e9}", "c"] { cloud[key] = [1] }
        func list(_ query: String) throws -> String { try Self.curl(cloud, "", "?\(query)").text }
        let first = try list("encoding-type=url&list-type=2&prefix=b%2F")
        #expect(first.contains("<Key>b/%01</Key>") && first.contains("<Key>b/x+y</Key>") && !first.contains("%C3%A9"))
        let token = try #require(first.between("<NextContinuationToken>", "<"))
            .replacing("+", with: "%2B").replacing("/", with: "%2F").replacing("=", with: "%3D")
        let second = try list("continuation-token=\(token)&encoding-type=url&list-type=2&prefix=b%2F")
        #expect(second.contains("<Key>b/%C3%A9</Key>") && second.contains("<IsTruncated>false</IsTruncated>"))
        #expect(try list("list-type=2&max-keys=1&prefix=b%2F").contains("<Key>b/&#x1;</Key>"))
        #expect(try list("list-type=2&start-after=b%2F%C3%A9").contains("<KeyCount>1</KeyCount>"))
        #expect(try list("continuation-token=x&list-type=2").contains("InvalidArgument"))

        let body = "<Delete><Object><Key>b/x y</Key></Object><Object><Key>none</Key></Object></Delete>"
        let post = "-X POST -H 'Content-Type: application/xml'"
        #expect(try Self.curl(cloud, post, "?delete=", body: body).status == 400)
        let sha256 = "-H 'x-amz-checksum-sha256: '$(printf '\(body)' | openssl dgst -sha256 -binary | base64)"
        let done = try Self.curl(cloud, "\(post) \(sha256)", "?delete=", body: body)
        #expect(done.text.contains("<Deleted><Key>b/x y</Key></Deleted><Deleted><Key>none</Key></Deleted>"))
        #expect(cloud["b/x y"] == nil)
    }

    @Test(
        .enabled(if: CommandLineTool.isInstalled("curl"), "there is no curl to sign requests"),
        arguments: [
            (.honoured, [412, 412]), (.ignored, [200, 200]), (.notImplemented, [501, 501]),
            (.conflictSometimes, [409, 412]),
        ] as [(FakeCloud.Options.Conditional, [Int])]
    )
    func `treats conditions as it is told`(kind: FakeCloud.Options.Conditional, expected: [Int]) throws {
        var options = FakeCloud.Options()
        options.conditional = kind
        let cloud = FakeCloud(.s3, options)
        defer { cloud.stop() }
        cloud["a"] = [1]
        let statuses = try (0..<2).map { _ in
            try Self.curl(cloud, "-X PUT -H 'If-None-Match: *'", "/a", body: "x").status
        }
        #expect(statuses == expected)
    }

    @Test(.enabled(if: CommandLineTool.isInstalled("curl"), "there is no curl to sign requests"))
    func `gives out keys that last, by every way there is`() async throws {
        let cloud = FakeCloud(.s3)
        defer { cloud.stop() }
        cloud["a"] = [1]
        func isGood(_ answer: HTTPResponse) throws -> Bool {
            let isXML = answer.text.hasPrefix("<")
            func value(_ json: String, _ xml: String) -> String {
                (isXML ? answer.text.between("<\(xml)>", "<") : answer.text.between("\"\(json)\": \"", "\"")) ?? ""
            }
            let keys = FakeCloud.TemporaryKeys(
                accessKey: value("AccessKeyId", "AccessKeyId"),
                secretKey: value("SecretAccessKey", "SecretAccessKey"),
                sessionToken: value("Token", "SessionToken"),
                expiry: 0
            )
            let wrong = FakeCloud.TemporaryKeys(
                accessKey: keys.accessKey,
                secretKey: keys.secretKey,
                sessionToken: "x",
                expiry: 0
            )
            let isRefused = try Self.curl(cloud, "", "/a", keys: wrong).text.contains("InvalidToken")
            return try Self.curl(cloud, "", "/a", keys: keys).status == 200 && isRefused
        }
        let ttl = ["X-aws-ec2-metadata-token-ttl-seconds": "21600"]
        let token = try await cloud.ask("PUT", "/latest/api/token", ttl).text
        let place = "/latest/meta-data/iam/security-credentials/"
        let access = ["X-aws-ec2-metadata-token": token]
        let role = try await cloud.ask("GET", place, access).text
        #expect(try await isGood(cloud.ask("GET", place + role, access)))
        #expect(try await cloud.ask("GET", place + role).status == 401)
        let container = ["Authorization": FakeCloud.containerToken]
        #expect(try await isGood(cloud.ask("GET", "/container-credentials", container)))
        #expect(try await cloud.ask("GET", "/container-credentials").status == 401)
        let form =
            "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleSessionName=node-1"
            + "&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fbackup-role&WebIdentityToken="
        let type = ["Content-Type": "application/x-www-form-urlencoded"]
        #expect(try await isGood(cloud.ask("POST", "/", type, body: form + cloud.identityToken)))
        #expect(try await cloud.ask("POST", "/", type, body: form + "x").code == "InvalidIdentityToken")
        #expect(try await cloud.ask("POST", "/?" + form + cloud.identityToken, type).status == 400)
        let own = form.replacing("WithWebIdentity", with: "").replacing("&WebIdentityToken=", with: "")
        let assumed = try Self.curl(cloud, "-X POST", "/sts", body: own, base: cloud.endpoint, service: "sts")
        #expect(assumed.status == 200 && assumed.text.contains("<AssumeRoleResult>"))
        let unsuited = try Self.curl(cloud, "-X POST", "/sts", body: own, base: cloud.endpoint)
        #expect(unsuited.text.contains("AuthorizationHeaderMalformed"))
        #expect(try await cloud.ask("POST", "/sts", type, body: own).code == "AccessDenied")
        let keys = cloud.makeTemporaryKeys()
        cloud.expireCredentials()
        #expect(try Self.curl(cloud, "", "/a", keys: keys).text.contains("ExpiredToken"))
    }

    @Test(.enabled(if: CommandLineTool.isInstalled("curl"), "there is no curl to sign requests"))
    func `takes the bucket from the host, and lies in its documents if told to`() throws {
        let cloud = FakeCloud(.s3) { request in
            switch (request.operation, request.index) {
            case (.list, 1): .spaces(3, every: .milliseconds(1))
            case (.list, 2): .errorIn200
            case (.list, 3): .bomb
            case (.batchDelete, 4): .cannotDelete
            default: nil
            }
        }
        defer { cloud.stop() }
        let base = "http://vault.localhost:\(cloud.port)"
        let options = "--resolve 'vault.localhost:\(cloud.port):127.0.0.1'"
        #expect(try Self.curl(cloud, "-X PUT \(options)", "/vault/a", body: "1", base: base).status == 200)
        #expect(cloud["vault/a"] == Array("1".utf8))
        let late = try Self.curl(cloud, "", "?list-type=2").text
        #expect(late.contains("?>\n   <ListBucketResult") && late.contains("<Key>vault/a</Key>"))
        let error = try Self.curl(cloud, "", "?list-type=2")
        #expect(error.status == 200 && error.text.contains("<Error><Code>InternalError"))
        #expect(try Self.curl(cloud, "", "?list-type=2").text.contains("<!ENTITY a10"))
        let body = "<Delete><Quiet>true</Quiet><Object><Key>vault/a</Key></Object></Delete>"
        let post = "-X POST -H 'Content-MD5: '$(printf '\(body)' | openssl dgst -md5 -binary | base64)"
        #expect(try Self.curl(cloud, post, "?delete=", body: body).text.contains("<Code>AccessDenied</Code>"))
        #expect(cloud["vault/a"] != nil)
        #expect(try !Self.curl(cloud, post, "?delete=", body: body).text.contains("<Deleted>"))
        #expect(cloud["vault/a"] == nil)
    }
}
