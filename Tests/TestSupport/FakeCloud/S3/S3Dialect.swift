/// The S3 REST API, as far as a client without multipart uploads uses it.
///
/// By https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html and the list of
/// error codes there.
struct S3Dialect {
    let context: CloudContext

    init(_ context: CloudContext) { self.context = context }

    private var request: FakeCloud.Request { context.request }

    /// Who may ask for what, by access key.
    static func keys(
        _ accessKey: String,
        _ temporaryKeys: [String: CloudState.TemporaryKeys]
    ) -> SignatureV4.Keys? {
        if accessKey == FakeCloud.accessKey { return SignatureV4.Keys(secretKey: FakeCloud.secretKey) }
        if accessKey == FakeCloud.restrictedAccessKey {
            return SignatureV4.Keys(secretKey: FakeCloud.restrictedSecretKey)
        }
        return temporaryKeys[accessKey].map {
            SignatureV4.Keys(secretKey: $0.secretKey, token: $0.token, expiry: $0.expiry)
        }
    }

    // MARK: What is asked for

    /// The bucket and, unless it is the bucket that is meant, the key; nil if the path is malformed.
    static func resource(_ path: some StringProtocol, host: String?) -> (bucket: String, key: [UInt8]?)? {
        guard let bytes = PercentText.decode(path.dropFirst()) else { return nil }
        let name = (host ?? "").split(separator: ":").first ?? ""
        if let dot = name.firstIndex(of: "."), !name.allSatisfy({ $0.isNumber || $0 == "." }) {
            return (String(name[..<dot]), bytes.isEmpty ? nil : bytes)
        }
        guard let slash = bytes.firstIndex(of: UInt8(ascii: "/")) else {
            return (String(decoding: bytes, as: UTF8.self), nil)
        }
        let key = Array(bytes[(slash + 1)...])
        return (String(decoding: bytes[..<slash], as: UTF8.self), key.isEmpty ? nil : key)
    }

    static func classify(_ head: CloudConnection.Head) -> (FakeCloud.Request.Operation, String?) {
        let key = resource(head.path, host: head.header("host"))?.key.flatMap { String(validating: $0, as: UTF8.self) }
        switch (head.method, key) {
        case ("PUT", .some): return (.put, key)
        case ("GET", .some): return (.get, key)
        case ("HEAD", _): return (.head, key)
        case ("DELETE", .some): return (.delete, key)
        case ("GET", nil): return (.list, nil)
        case ("POST", nil) where head.target.hasSuffix("?delete") || head.target.hasSuffix("?delete="):
            return (.batchDelete, nil)
        default: return (.other, key)
        }
    }

    // MARK: Answering

    func answer(_ state: inout CloudState) throws(CloudRefusal) -> CloudAnswer {
        guard let resource = Self.resource(request.path, host: request.header("host")) else {
            throw CloudRefusal(400, "InvalidURI", "Couldn't parse the specified URI.")
        }
        if request.method == "PUT" || request.method == "POST", request.length == nil {
            throw CloudRefusal(411, "MissingContentLength", "You must provide the Content-Length HTTP header.")
        }
        let known = state.temporaryKeys  // not all of it: a second owner would make each put copy every object
        try SignatureV4(context: context, service: "s3") { Self.keys($0, known) }.check()
        try checkHeaders()
        try checkPayload()
        guard resource.bucket == FakeCloud.bucket else {
            throw CloudRefusal(
                404,
                "NoSuchBucket",
                "The specified bucket does not exist",
                details: [("BucketName", resource.bucket)]
            )
        }
        try checkPolicy(resource.key)
        guard let bytes = resource.key else { return try answerForBucket(&state) }
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw CloudRefusal(400, "InvalidURI", "Couldn't parse the specified URI.")
        }
        guard bytes.count <= 1024 else {
            throw CloudRefusal(400, "KeyTooLongError", "Your key is too long", details: [("Size", "\(bytes.count)")])
        }
        try allowParameters([])
        let key = CloudKey(bytes)
        switch request.method {
        case "PUT": return try put(key, &state)
        case "GET", "HEAD": return try read(key, state.bucket)
        case "DELETE": return try delete(key, &state)
        default: throw CloudRefusal(405, "MethodNotAllowed", "The specified method is not allowed.")
        }
    }

    /// As a policy that allows `s3:PutObject` where `s3:if-none-match` is there, and nothing else but below some prefixes.
    ///
    /// Whether an object is there does not matter for it: `s3:PutObject` overwrites as well as it creates.
    private func checkPolicy(_ key: [UInt8]?) throws(CloudRefusal) {
        guard (request.header("authorization") ?? "").contains("Credential=\(FakeCloud.restrictedAccessKey)/") else {
            return
        }
        let isCreateOnly = request.operation != .put || request.header("if-none-match") == "*"
        let text = key.map { String(decoding: $0, as: UTF8.self) }
        guard isCreateOnly, context.isPermitted(text, prefix: request.parameter("prefix")) else {
            throw CloudRefusal(
                403,
                "AccessDenied",
                "User: arn:aws:iam::123456789012:user/node is not authorized to perform this action"
            )
        }
    }

    private func answerForBucket(_ state: inout CloudState) throws(CloudRefusal) -> CloudAnswer {
        switch (request.method, request.operation) {
        case ("GET", _): return try list(&state)
        case ("HEAD", _):
            return CloudAnswer(
                status: 200,
                headers: Self.identification(request) + [("x-amz-bucket-region", context.options.region)]
            )
        case (_, .batchDelete): return try deleteBatch(&state)
        case ("POST", _), ("PUT", _), ("DELETE", _):
            throw CloudRefusal(501, "NotImplemented", "A header or query you provided is not implemented.")
        default: throw CloudRefusal(405, "MethodNotAllowed", "The specified method is not allowed.")
        }
    }

    /// Refuses parameters that are not meant for the operation: AWS ignores them, but they are a client's mistake.
    func allowParameters(_ names: Set<String>) throws(CloudRefusal) {
        for (name, _) in request.parameters where !names.contains(name) && !name.hasPrefix("X-Amz-") {
            if ["uploads", "uploadId", "partNumber", "acl", "tagging", "versionId", "versions"].contains(name) {
                throw CloudRefusal(501, "NotImplemented", "\(name) is not implemented.")
            }
            throw CloudRefusal(400, "InvalidArgument", "Unexpected parameter", details: [("ArgumentName", name)])
        }
    }

    // MARK: Checks of every request

    private static let allowedHeaders: Set<String> = [
        "x-amz-date", "x-amz-content-sha256", "x-amz-security-token", "x-amz-server-side-encryption",
        "x-amz-server-side-encryption-aws-kms-key-id", "x-amz-server-side-encryption-bucket-key-enabled",
        "x-amz-storage-class", "x-amz-checksum-mode", "x-amz-sdk-checksum-algorithm", "x-amz-expected-bucket-owner",
        "x-amz-object-lock-mode", "x-amz-object-lock-retain-until-date", "x-amz-request-payer",
    ]

    private func checkHeaders() throws(CloudRefusal) {
        for (name, value) in request.headers.map({ ($0.name.lowercased(), $0.value) }) where name.hasPrefix("x-amz-") {
            if name == "x-amz-acl" || name == "x-amz-tagging" || name.hasPrefix("x-amz-grant-") {
                throw CloudRefusal(403, "AccessDenied", "Access Denied")
            }
            let isKnown =
                Self.allowedHeaders.contains(name) || name.hasPrefix("x-amz-meta-") || name.hasPrefix("x-amz-checksum-")
            guard isKnown else {
                throw CloudRefusal(400, "InvalidArgument", "Unexpected header", details: [("ArgumentName", name)])
            }
            if name == "x-amz-storage-class", !Self.storageClasses.contains(value) {
                throw CloudRefusal(400, "InvalidStorageClass", "The storage class you specified is not valid")
            }
            if name == "x-amz-server-side-encryption", !["AES256", "aws:kms", "aws:kms:dsse"].contains(value) {
                throw CloudRefusal(400, "InvalidArgument", "The encryption method specified is not supported")
            }
        }
        if (request.header("content-encoding") ?? "").contains("aws-chunked") {
            throw CloudRefusal(501, "NotImplemented", "aws-chunked is not implemented.")
        }
    }

    private static let storageClasses = [
        "STANDARD", "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER", "DEEP_ARCHIVE",
        "GLACIER_IR", "EXPRESS_ONEZONE",
    ]

    private func checkPayload() throws(CloudRefusal) {
        guard let hash = request.header("x-amz-content-sha256") else { return }  // a signed URL
        if hash == "UNSIGNED-PAYLOAD" {
            guard context.options.acceptsUnsignedPayload else {
                throw CloudRefusal(400, "InvalidRequest", "UNSIGNED-PAYLOAD is only allowed over HTTPS.")
            }
        } else if hash.hasPrefix("STREAMING-") {
            throw CloudRefusal(501, "NotImplemented", "\(hash) is not implemented.")
        } else {
            let actual = HexText.encode(WireDigest.sha256(context.body))
            guard hash == actual else {
                throw CloudRefusal(
                    400,
                    "XAmzContentSHA256Mismatch",
                    "The provided 'x-amz-content-sha256' header does not match what was computed.",
                    details: [("ClientComputedContentSHA256", hash), ("S3ComputedContentSHA256", actual)]
                )
            }
        }
    }

    // MARK: Writing

    static func identification(_ request: FakeCloud.Request) -> [(name: String, value: String)] {
        let id = HexText.encode(WireDigest.md5(Array("\(request.index)".utf8))).uppercased().prefix(16)
        return [
            ("x-amz-request-id", String(id)), ("x-amz-id-2", Base64Text.encode(Array("host/\(id)=".utf8))),
            ("Server", "AmazonS3"),
        ]
    }

    func document(_ status: Int, _ text: String) -> CloudAnswer {
        CloudAnswer(
            status: status,
            headers: Self.identification(request) + [("Content-Type", "application/xml")],
            body: Array("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\(text)".utf8),
            isChunked: true
        )
    }

    static func render(_ refusal: CloudRefusal, _ request: FakeCloud.Request) -> CloudAnswer {
        let identification = identification(request)
        var text = XMLText.element("Code", refusal.code) + XMLText.element("Message", refusal.message)
        for (name, value) in refusal.details { text += XMLText.element(name, value) }
        text += XMLText.element("Resource", request.path) + XMLText.element("RequestId", identification[0].value)
        text += XMLText.element("HostId", identification[1].value)
        return CloudAnswer(
            status: refusal.status,
            headers: identification + refusal.headers + [("Content-Type", "application/xml")],
            body: Array("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error>\(text)</Error>".utf8),
            isChunked: true
        )
    }
}
