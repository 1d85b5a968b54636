package import TransferEngine

/// AWS Signature Version 4 in the Authorization header, with S3's rules: the path is signed as it is sent.
///
/// Every header of the request is signed, and so are the host and, for S3, `x-amz-content-sha256`, which the request has
/// to carry. https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
package struct SigV4: Sendable {
    /// The digest of no bytes.
    package static let emptyPayload = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    /// Instead of a digest: the body is protected by TLS and a checksum header.
    package static let unsignedPayload = "UNSIGNED-PAYLOAD"
    package static let payloadHeader = "x-amz-content-sha256"
    static let algorithm = "AWS4-HMAC-SHA256"

    package let region: String
    /// `s3`, `sts`.
    package let service: String

    package init(region: String, service: String) {
        self.region = region
        self.service = service
    }

    /// Adds the headers that sign the request.
    ///
    /// - Parameters:
    ///   - payload: the digest of the body in hex, or `unsignedPayload`.
    ///   - now: seconds since 1970 by the store's clock; it refuses what is over 15 minutes off.
    package func sign(_ request: inout HTTPRequest, payload: String, keys: AWSKeys, now: Int64) {
        let time = Self.time(now)
        request.headers.append(("x-amz-date", time))
        if let token = keys.sessionToken { request.headers.append(("x-amz-security-token", token)) }
        let canonical = CanonicalRequest(request, payload: payload)
        let signature = signature(of: canonical.text, time: time, secret: keys.secret)
        let credential = "\(keys.id)/\(scope(time))"
        let names = canonical.signedHeaders
        request.headers.append(
            (
                "Authorization",
                "\(Self.algorithm) Credential=\(credential), SignedHeaders=\(names), Signature=\(signature)"
            )
        )
    }

    /// `20261120T210000Z`.
    static func time(_ now: Int64) -> String {
        // "Sun, 06 Nov 1994 08:49:37 GMT"
        let words = HTTPDate.text(secondsSince1970: now).split(separator: " ")
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let month = (months.firstIndex { $0 == words[2] } ?? 0) + 1
        let clock = words[4].split(separator: ":").joined()
        return "\(words[3])\(month < 10 ? "0" : "")\(month)\(words[1])T\(clock)Z"
    }

    func scope(_ time: String) -> String { "\(time.prefix(8))/\(region)/\(service)/aws4_request" }

    /// 64 lower-case hex digits.
    func signature(of canonicalRequest: String, time: String, secret: String) -> String {
        let digest = SHA256.digest(of: Array(canonicalRequest.utf8).span)
        let text = "\(Self.algorithm)\n\(time)\n\(scope(time))\n\(digest)"
        var key = Array("AWS4\(secret)".utf8)
        for part in [String(time.prefix(8)), region, service, "aws4_request"] {
            key = HMACSHA256.code(of: part, key: key).bytes
        }
        return HMACSHA256.code(of: text, key: key).description
    }
}

/// What a signature is made over: the request in a form that no honest relay changes.
struct CanonicalRequest {
    let text: String
    /// Their names in order, parted by `;`.
    let signedHeaders: String

    /// - Parameter payload: the digest of the body in hex, or what stands for it.
    init(_ request: HTTPRequest, payload: String) {
        let (host, path, query) = Self.parts(of: request.url)
        var headers = [(name: "host", value: host)]
        headers += request.headers.map { (name: $0.name.lowercased(), value: Self.trimmed($0.value)) }
        headers.sort { $0.name < $1.name }
        signedHeaders = headers.map(\.name).joined(separator: ";")
        let lines = headers.map { "\($0.name):\($0.value)\n" }.joined()
        text = "\(request.method.rawValue)\n\(path)\n\(Self.sorted(query))\n\(lines)\n\(signedHeaders)\n\(payload)"
    }

    /// - Returns: the host as it stands in the Host header: with its port only where that is not the scheme's own.
    private static func parts(of url: String) -> (host: String, path: String, query: Substring) {
        let isTLS = url.utf8.starts(with: "https://".utf8)
        let rest = url.dropFirst(isTLS ? "https://".count : "http://".count)
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        let target = rest[authority.endIndex...]
        let path = target.prefix { $0 != "?" }
        let defaultPort = isTLS ? ":443" : ":80"
        let host = authority.hasSuffix(defaultPort) ? authority.dropLast(defaultPort.count) : authority
        return (host.lowercased(), path.isEmpty ? "/" : String(path), target[path.endIndex...].dropFirst())
    }

    /// By name and then by value; a name without a value gets an empty one.
    private static func sorted(_ query: Substring) -> String {
        query.split(separator: "&")
            .map { $0.contains("=") ? String($0) : "\($0)=" }
            .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            .joined(separator: "&")
    }

    /// Without spaces at the ends, and with one where several stood.
    private static func trimmed(_ value: String) -> String {
        value.split(separator: " ").joined(separator: " ")
    }
}
