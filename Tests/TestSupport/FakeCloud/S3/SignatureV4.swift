/// AWS Signature Version 4 as the receiver of a request checks it.
///
/// From what arrived: the host as sent, the path and the query decoded and encoded again as AWS does. By
/// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
struct SignatureV4 {
    /// What a request is signed with.
    struct Keys {
        let secretKey: String
        /// Of temporary keys.
        var token: String?
        /// Of temporary keys, in seconds since 1970.
        var expiry: Int64?
    }

    /// Seconds that a request's date may be off.
    static let allowedSkew: Int64 = 15 * 60

    let context: CloudContext
    let service: String
    let keys: (String) -> Keys?

    private var request: FakeCloud.Request { context.request }

    /// The parts of an Authorization header, or of the query of a signed URL.
    private struct Claim {
        let accessKey: String
        /// Date, region, service and `aws4_request`, as sent.
        let scope: String
        let signedHeaders: String
        let signature: String
        let date: String
        let token: String?
        let payloadHash: String
        /// Seconds that a signed URL is good for.
        var lifetime: Int64?
    }

    /// Checks who sent the request, and that nothing of what is signed differs.
    func check() throws(CloudRefusal) {
        let claim = try request.parameter("X-Amz-Signature") == nil ? claimOfHeader() : claimOfQuery()
        guard let date = UTCTime(basic: claim.date) else {
            throw CloudRefusal(403, "AccessDenied", "AWS authentication requires a valid Date or x-amz-date header")
        }
        guard let keys = keys(claim.accessKey) else {
            throw CloudRefusal(
                403,
                "InvalidAccessKeyId",
                "The AWS Access Key Id you provided does not exist in our records."
            )
        }
        try checkScope(claim)
        try checkTime(date, claim)
        try checkSignedHeaders(claim)
        try checkSignature(claim, keys)
        if let token = keys.token {
            guard let stated = claim.token else {
                throw CloudRefusal(
                    403,
                    "InvalidAccessKeyId",
                    "The AWS Access Key Id you provided does not exist in our records."
                )
            }
            guard stated == token else {
                throw CloudRefusal(400, "InvalidToken", "The provided token is malformed or otherwise invalid.")
            }
        } else if claim.token != nil {
            throw CloudRefusal(400, "InvalidToken", "The provided token is malformed or otherwise invalid.")
        }
        if let expiry = keys.expiry, context.now >= expiry {
            throw CloudRefusal(400, "ExpiredToken", "The provided token has expired.")
        }
    }

    // MARK: What is claimed

    private func claimOfHeader() throws(CloudRefusal) -> Claim {
        guard let header = request.header("Authorization") else {
            throw CloudRefusal(403, "AccessDenied", "Access Denied")
        }
        let malformed = CloudRefusal(400, "AuthorizationHeaderMalformed", "The authorization header is malformed.")
        let algorithm = "AWS4-HMAC-SHA256 "
        guard header.hasPrefix(algorithm) else {
            throw CloudRefusal(400, "InvalidRequest", "Please use AWS4-HMAC-SHA256.")
        }
        var parts: [Substring: String] = [:]
        for part in header.dropFirst(algorithm.count).split(separator: ",") {
            let halves = part.drop { $0 == " " }.split(separator: "=", maxSplits: 1)
            guard halves.count == 2, parts.updateValue(String(halves[1]), forKey: halves[0]) == nil else {
                throw malformed
            }
        }
        guard parts.count == 3, let credential = parts["Credential"], let signature = parts["Signature"],
            let signedHeaders = parts["SignedHeaders"], let slash = credential.firstIndex(of: "/")
        else { throw malformed }
        guard let date = request.header("x-amz-date") else {
            throw CloudRefusal(403, "AccessDenied", "AWS authentication requires a valid Date or x-amz-date header")
        }
        let stated = request.header("x-amz-content-sha256")
        guard let hash = stated ?? (service == "s3" ? nil : HexText.encode(WireDigest.sha256(context.body))) else {
            throw CloudRefusal(400, "InvalidRequest", "Missing required header for this request: x-amz-content-sha256")
        }
        return Claim(
            accessKey: String(credential[..<slash]),
            scope: String(credential[credential.index(after: slash)...]),
            signedHeaders: signedHeaders,
            signature: signature,
            date: date,
            token: request.header("x-amz-security-token"),
            payloadHash: hash
        )
    }

    private func claimOfQuery() throws(CloudRefusal) -> Claim {
        guard request.header("Authorization") == nil, request.parameter("X-Amz-Algorithm") == "AWS4-HMAC-SHA256",
            let credential = request.parameter("X-Amz-Credential"), let slash = credential.firstIndex(of: "/"),
            let date = request.parameter("X-Amz-Date"), let signature = request.parameter("X-Amz-Signature"),
            let signedHeaders = request.parameter("X-Amz-SignedHeaders"),
            let lifetime = request.parameter("X-Amz-Expires").flatMap({ Int64($0) }), (1...604_800).contains(lifetime)
        else {
            throw CloudRefusal(400, "AuthorizationQueryParametersError", "Error parsing the query parameters.")
        }
        return Claim(
            accessKey: String(credential[..<slash]),
            scope: String(credential[credential.index(after: slash)...]),
            signedHeaders: signedHeaders,
            signature: signature,
            date: date,
            token: request.parameter("X-Amz-Security-Token"),
            payloadHash: "UNSIGNED-PAYLOAD",
            lifetime: lifetime
        )
    }

    // MARK: Checks

    private func checkScope(_ claim: Claim) throws(CloudRefusal) {
        let parts = claim.scope.split(separator: "/", omittingEmptySubsequences: false)
        let malformed = "The authorization header is malformed; "
        guard parts.count == 4, parts[3] == "aws4_request" else {
            throw CloudRefusal(400, "AuthorizationHeaderMalformed", malformed + "the Credential is mal-formed.")
        }
        guard parts[0] == claim.date.prefix(8) else {
            throw CloudRefusal(400, "AuthorizationHeaderMalformed", malformed + "Invalid credential date.")
        }
        guard parts[1] == context.options.region else {
            let region = context.options.region
            throw CloudRefusal(
                400,
                "AuthorizationHeaderMalformed",
                malformed + "the region '\(parts[1])' is wrong; expecting '\(region)'",
                headers: [("x-amz-bucket-region", region)],
                details: [("Region", region)]
            )
        }
        guard parts[2] == service else {
            throw CloudRefusal(
                400,
                "AuthorizationHeaderMalformed",
                malformed + "incorrect service \"\(parts[2])\". This endpoint belongs to \"\(service)\"."
            )
        }
    }

    private func checkTime(_ date: UTCTime, _ claim: Claim) throws(CloudRefusal) {
        if let lifetime = claim.lifetime {
            guard context.now < date.seconds + lifetime, date.seconds <= context.now + Self.allowedSkew else {
                throw CloudRefusal(403, "AccessDenied", "Request has expired")
            }
            return
        }
        guard abs(context.now - date.seconds) <= Self.allowedSkew else {
            throw CloudRefusal(
                403,
                "RequestTimeTooSkewed",
                "The difference between the request time and the current time is too large.",
                details: [
                    ("RequestTime", claim.date), ("ServerTime", UTCTime(context.now).extended(fraction: "")),
                    ("MaxAllowedSkewMilliseconds", "\(Self.allowedSkew * 1000)"),
                ]
            )
        }
    }

    private func checkSignedHeaders(_ claim: Claim) throws(CloudRefusal) {
        let signed = claim.signedHeaders.split(separator: ";").map(String.init)
        let unsigned = request.headers.map { $0.name.lowercased() }.filter { name in
            (name == "host" || name.hasPrefix("x-amz-") || name == "content-md5") && !signed.contains(name)
        }
        // AWS wants Content-MD5 signed only if at all; whoever sends it must mean it, so it is demanded here.
        guard unsigned.isEmpty, signed.contains("host") else {
            throw CloudRefusal(
                403,
                "AccessDenied",
                "There were headers present in the request which were not signed",
                details: [("HeadersNotSigned", unsigned.joined(separator: ", "))]
            )
        }
    }

    private func checkSignature(_ claim: Claim, _ keys: Keys) throws(CloudRefusal) {
        let canonical = canonicalRequest(claim)
        let hash = canonical.map { HexText.encode(WireDigest.sha256(Array($0.utf8))) } ?? ""
        let stringToSign = "AWS4-HMAC-SHA256\n\(claim.date)\n\(claim.scope)\n\(hash)"
        var key = Array("AWS4\(keys.secretKey)".utf8)
        for part in claim.scope.split(separator: "/") { key = WireDigest.hmacSHA256(key, Array(part.utf8)) }
        let signature = HexText.encode(WireDigest.hmacSHA256(key, Array(stringToSign.utf8)))
        guard canonical != nil, signature == claim.signature else {
            throw CloudRefusal(
                403,
                "SignatureDoesNotMatch",
                "The request signature we calculated does not match the signature you provided.",
                details: [("StringToSign", stringToSign), ("CanonicalRequest", canonical ?? "")]
            )
        }
    }

    /// Nil if a signed header is not there, or path or query are malformed.
    private func canonicalRequest(_ claim: Claim) -> String? {
        guard let path = PercentText.decode(request.path), let pairs = PercentText.pairs(request.query) else {
            return nil
        }
        let query = pairs.filter { $0.name != "X-Amz-Signature" }
            .map { (PercentText.encode($0.name.utf8), PercentText.encode($0.value.utf8)) }
            .sorted { $0 < $1 }
            .map { "\($0.0)=\($0.1)" }
            .joined(separator: "&")
        let names = claim.signedHeaders.split(separator: ";").map(String.init)
        guard names == names.sorted() else { return nil }
        var lines = ""
        for name in names {
            let values = request.headers.filter { $0.name.lowercased() == name }.map { Self.squeeze($0.value) }
            guard !values.isEmpty else { return nil }
            lines += "\(name):\(values.joined(separator: ","))\n"
        }
        return [
            request.method, PercentText.encode(path, keeping: "/"), query, lines, claim.signedHeaders,
            claim.payloadHash,
        ].joined(separator: "\n")
    }

    /// Runs of spaces are one.
    private static func squeeze(_ value: String) -> String {
        value.split(separator: " ").joined(separator: " ")
    }
}
