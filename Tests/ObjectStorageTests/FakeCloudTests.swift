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
        let client = HTTPClient()
        let headers =
            request.headers.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) }
            + [("Host", request.host), ("X-Amz-Date", date)].filter {
                !request.url.contains("X-Amz-Date") || $0.0 == "Host"
            }
        let sent = HTTPRequest(
            HTTPRequest.Method(rawValue: request.method) ?? .get,
            cloud.endpoint + request.target,
            headers: headers
        )
        let answer =
            request.body.isEmpty
            ? try await client.collect(sent, atMost: 4096)
            : try await client.collect(sent, body: BufferLease(copying: request.body.utf8), atMost: 4096)
        let text = String(decoding: answer.errorBody, as: UTF8.self)
        let parts = text.split(separator: "<Code>")
        return parts.count < 2 ? "\(answer.status)" : String(parts[1].prefix { $0 != "<" })
    }

    @Test(.timeLimit(.minutes(1)), arguments: SignedRequest.byBotocore)
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

    @Test(.enabled(if: CommandLineTool.isInstalled("curl"), "there is no curl to sign requests"))
    func `understands what curl signs`() throws {
        var options = FakeCloud.Options()
        options.pageLimit = 2
        let cloud = FakeCloud(.s3, options)
        defer { cloud.stop() }
        func curl(_ arguments: String, _ path: String) -> Int? {
            let user = "\(FakeCloud.accessKey):\(FakeCloud.secretKey)"
            let body = arguments.contains("hello") ? "hello" : ""
            // curl 7.88 signs this header, and its value for the body's hash, but does not add it.
            let hash = "x-amz-content-sha256: $(printf '\(body)' | sha256sum | cut -d ' ' -f 1)"
            let url = "\(cloud.endpoint)/vault\(path)"
            _ = CommandLineTool.run(
                "curl -so /dev/null --aws-sigv4 aws:amz:us-east-1:s3 -u '\(user)' -H \"\(hash)\" \(arguments) '\(url)'"
            )
            return cloud.requests.last?.status
        }
        #expect(curl("-X PUT --data-binary hello", "/a%20b/c") == 200)
        #expect(cloud["a b/c"] == Array("hello".utf8))
        #expect(curl("-X PUT --data-binary hello -H 'Content-MD5: XUFAKrxLKna5cZ2REBfFkg=='", "/md5") == 200)
        #expect(curl("-X PUT --data-binary hello -H 'Content-MD5: XUFAKrxLKna5cZ2REBfFkw=='", "/no") == 400)
        #expect(curl("-X PUT --data-binary hello -H 'x-amz-checksum-crc32c: mnG7TA=='", "/crc") == 200)
        #expect(curl("-X PUT --data-binary hello -H 'x-amz-checksum-crc32c: mnG7TQ=='", "/no") == 400)
        #expect(curl("-X PUT --data-binary hello -H 'x-amz-acl: private'", "/no") == 403)
        #expect(curl("-X PUT --data-binary hello -H 'If-None-Match: *'", "/md5") == 412)
        #expect(curl("", "/a%20b/c") == 200)
        #expect(curl("-H 'Range: bytes=1-2'", "/a%20b/c") == 206)
        #expect(curl("-H 'Range: bytes=5-'", "/a%20b/c") == 416)
        #expect(curl("-I", "/a%20b/c") == 200)
        #expect(curl("-I", "/none") == 404)
        #expect(curl("", "?list-type=2&max-keys=5") == 200)
        #expect(curl("-X DELETE", "/md5") == 204)
        #expect(curl("-X DELETE", "/md5") == 204)
        #expect(cloud.objects.keys.sorted() == ["a b/c", "crc"])
    }
}
