import TestSupport
import Testing
import TransferEngine

@testable import ObjectStorage

@Suite struct `Signatures of S3 requests` {
    struct Fixture: Decodable, Sendable {
        struct Vector: Decodable, Sendable {
            let method: String
            let url: String
            let body_sha256: String
            let canonical_request: String
            let string_to_sign: String
            let headers: [String: String]
            let signed_url: String?
        }

        let access_key: String
        let secret_key: String
        let vectors: [Vector]
    }

    /// 2026-11-20 21:00:00 UTC, as in the fixture.
    private static let now: Int64 = 1_795_208_400

    @Test func `are those of Amazon's SDK, for every vector`() throws {
        let fixture = try SignatureFixture.load(Fixture.self, "s3.json")
        #expect(fixture.vectors.count == 11)
        for vector in fixture.vectors where vector.signed_url == nil {
            let authorization = try #require(vector.headers["Authorization"])
            let region = try #require(authorization.split(separator: "/").dropFirst(2).first.map(String.init))
            let signer = SigV4(region: region, service: "s3")
            let keys = AWSKeys(
                id: fixture.access_key,
                secret: fixture.secret_key,
                sessionToken: vector.headers["X-Amz-Security-Token"]
            )
            let added = ["X-Amz-Date", "X-Amz-Security-Token", "Authorization"]
            let method = try #require(HTTPRequest.Method(rawValue: vector.method))
            var request = HTTPRequest(method, vector.url)
            for (name, value) in vector.headers.sorted(by: { $0.key < $1.key }) where !added.contains(name) {
                request.headers.append((name, value))
            }
            let payload = try #require(vector.headers["X-Amz-Content-SHA256"])
            var unsigned = request
            unsigned.headers.append(("x-amz-date", "20261120T210000Z"))
            if let token = keys.sessionToken { unsigned.headers.append(("x-amz-security-token", token)) }
            #expect(CanonicalRequest(unsigned, payload: payload).text == vector.canonical_request)
            signer.sign(&request, payload: payload, keys: keys, now: Self.now)
            #expect(request.headers.first { $0.name == "x-amz-date" }?.value == "20261120T210000Z")
            #expect(request.headers.first { $0.name == "Authorization" }?.value == authorization, "\(vector.url)")
        }
    }

    @Test func `in a URL are those of Amazon's SDK as well`() throws {
        let fixture = try SignatureFixture.load(Fixture.self, "s3.json")
        let vector = try #require(fixture.vectors.first { $0.signed_url != nil })
        let url = try #require(vector.signed_url)
        let parts = url.split(separator: "&X-Amz-Signature=")
        let request = HTTPRequest(.get, String(parts[0]))
        let canonical = CanonicalRequest(request, payload: SigV4.unsignedPayload)
        #expect(canonical.text == vector.canonical_request)
        let signer = SigV4(region: "us-east-1", service: "s3")
        let time = SigV4.time(Self.now)
        #expect(signer.signature(of: canonical.text, time: time, secret: fixture.secret_key) == parts[1])
    }

    @Test(arguments: [
        ("http://h:80/a", "host:h"), ("https://h:443/a", "host:h"), ("http://h:443/a", "host:h:443"),
        ("https://H.example:9000/a", "host:h.example:9000"), ("http://[::1]:80/a", "host:[::1]"),
        ("http://[::1]:8080/a", "host:[::1]:8080"),
    ])
    func `name the host as libcurl sends it, without its scheme's own port`(url: String, line: String) {
        let text = CanonicalRequest(HTTPRequest(.get, url), payload: "").text
        #expect(text.split(separator: "\n").contains(Substring(line)), "\(text)")
    }
}
