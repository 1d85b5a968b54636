/// The Azure Blob REST API, as far as a client without block lists uses it.
///
/// By https://learn.microsoft.com/rest/api/storageservices/blob-service-rest-api and the lists of error codes there.
struct AzureDialect {
    let context: CloudContext

    init(_ context: CloudContext) { self.context = context }

    private var request: FakeCloud.Request { context.request }

    /// Versions of the service.
    static let versions: Set<String> = [
        "2018-11-09", "2019-02-02", "2019-07-07", "2019-12-12", "2020-02-10", "2020-04-08", "2020-06-12", "2020-08-04",
        "2020-10-02", "2020-12-06", "2021-02-12", "2021-04-10", "2021-06-08", "2021-08-06", "2021-10-04", "2021-12-02",
        "2022-11-02", "2023-01-03", "2023-05-03", "2023-08-03", "2023-11-03", "2024-02-04", "2024-05-04", "2024-08-04",
        "2024-11-04", "2025-01-05", "2025-05-05", "2025-07-05", "2025-11-05", "2026-02-06", "2026-04-06", "2026-06-06",
        "2026-10-06",
    ]

    // MARK: What is asked for

    /// What a path names, with the account first unless the host begins with it; nil if it is malformed.
    static func resource(
        _ path: some StringProtocol,
        host: String?
    ) -> (account: String, container: String, blob: [UInt8]?)? {
        var parts = Substring(path).dropFirst().split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
            .map(
                String.init
            )
        let name = (host ?? "").split(separator: ":").first ?? ""
        let account: String
        if let dot = name.firstIndex(of: "."), !name.allSatisfy({ $0.isNumber || $0 == "." }) {
            account = String(name[..<dot])
            // The second slash, if any, belongs to the blob's name.
            if parts.count > 2 { parts = [parts[0], parts[1] + "/" + parts[2]] }
        } else {
            account = parts.removeFirst()
        }
        guard let container = parts.first.flatMap({ PercentText.text($0) }) else { return nil }
        guard parts.count > 1, !parts[1].isEmpty else { return (account, container, nil) }
        return PercentText.decode(parts[1]).map { (account, container, $0) }
    }

    static func classify(_ head: CloudConnection.Head) -> (FakeCloud.Request.Operation, String?) {
        let blob = resource(head.path, host: head.header("host"))?.blob
        guard let key = blob.flatMap({ String(validating: $0, as: UTF8.self) }) else {
            let isList = head.method == "GET" && head.target.contains("comp=list")
            return (isList ? .list : .other, nil)
        }
        switch head.method {
        case "PUT": return (.put, key)
        case "GET": return (.get, key)
        case "HEAD": return (.head, key)
        case "DELETE": return (.delete, key)
        default: return (.other, key)
        }
    }

    // MARK: Answering

    func answer(_ state: inout CloudState) throws(CloudRefusal) -> CloudAnswer {
        guard let resource = Self.resource(request.path, host: request.header("host")),
            PercentText.pairs(request.query) != nil
        else {
            throw CloudRefusal(400, "InvalidUri", "The requested URI does not represent any resource on the server.")
        }
        if request.method == "PUT" || request.method == "POST", request.length == nil {
            throw CloudRefusal(411, "MissingContentLengthHeader", "The Content-Length header was not specified.")
        }
        try checkVersion()
        let key = SharedKey(
            context: context,
            account: resource.account,
            container: resource.container,
            blob: resource.blob
        )
        try authenticate(key, state)
        try checkPolicy(resource.blob, state)
        try checkHeaders()
        guard resource.container == FakeCloud.bucket else {
            throw CloudRefusal(404, "ContainerNotFound", "The specified container does not exist.")
        }
        guard let bytes = resource.blob else { return try answerForContainer(&state) }
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw CloudRefusal(400, "InvalidUri", "The requested URI does not represent any resource on the server.")
        }
        let blob = CloudKey(bytes)
        guard blob.text.unicodeScalars.count <= 1024 else {
            throw CloudRefusal(400, "InvalidResourceName", "The specified resource name contains invalid characters.")
        }
        try allowParameters(["timeout"])
        switch request.method {
        case "PUT": return try put(blob, &state)
        case "GET", "HEAD": return try read(blob, state.bucket)
        case "DELETE": return try delete(blob, &state)
        default: throw CloudRefusal(405, "UnsupportedHttpVerb", "The resource doesn't support specified Http Verb.")
        }
    }

    private func answerForContainer(_ state: inout CloudState) throws(CloudRefusal) -> CloudAnswer {
        guard request.parameter("restype") == "container" else {
            throw CloudRefusal(400, "InvalidQueryParameterValue", "Value for one of the query parameters is invalid.")
        }
        switch (request.method, request.parameter("comp")) {
        case ("GET", "list"): return try list(&state)
        case ("GET", nil), ("HEAD", nil):
            try allowParameters(["restype", "timeout"])
            return CloudAnswer(status: 200, headers: identification + [("ETag", "\"0x8D0\"")])
        case ("PUT", nil): throw CloudRefusal(409, "ContainerAlreadyExists", "The specified container already exists.")
        default: throw CloudRefusal(405, "UnsupportedHttpVerb", "The resource doesn't support specified Http Verb.")
        }
    }

    /// Refuses parameters that are not meant for the operation, or for a shared access signature.
    func allowParameters(_ names: Set<String>) throws(CloudRefusal) {
        let ofSAS: Set<String> = [
            "sv", "ss", "srt", "sp", "se", "st", "spr", "sip", "sig", "sr", "si", "ses", "rscc", "rscd", "rsce", "rscl",
            "rsct", "api-version",
        ]
        for (name, _) in request.parameters where !names.contains(name) && !ofSAS.contains(name) {
            throw CloudRefusal(
                400,
                "UnsupportedQueryParameter",
                "One of the query parameters specified in the request URI is not supported.",
                details: [("QueryParameterName", name)]
            )
        }
    }

    // MARK: Checks of every request

    private func checkVersion() throws(CloudRefusal) {
        guard let version = request.header("x-ms-version") else {
            if request.parameter("sv") != nil { return }  // then that one is meant
            throw CloudRefusal(
                400,
                "MissingRequiredHeader",
                "A mandatory header is missing.",
                details: [("HeaderName", "x-ms-version")]
            )
        }
        guard Self.versions.contains(version) else {
            throw CloudRefusal(
                400,
                "InvalidHeaderValue",
                "The value for one of the HTTP headers is not in the correct format.",
                details: [("HeaderName", "x-ms-version"), ("HeaderValue", version)]
            )
        }
    }

    private func authenticate(_ key: SharedKey, _ state: CloudState) throws(CloudRefusal) {
        guard let header = request.header("Authorization") else {
            guard request.parameter("sig") != nil else {
                throw CloudRefusal(
                    401,
                    "NoAuthenticationInformation",
                    "Server failed to authenticate the request.",
                    headers: [("WWW-Authenticate", "Bearer authorization_uri=\(context.endpoint)/\(FakeCloud.tenant)")]
                )
            }
            return try key.checkSAS(permissions)
        }
        if header.hasPrefix("SharedKey ") { return try key.check(header.dropFirst(10)) }
        guard header.hasPrefix("Bearer ") else {
            throw CloudRefusal(
                400,
                "InvalidAuthenticationInfo",
                "Authentication information is not in the correct format."
            )
        }
        let bearer = state.bearers[String(header.dropFirst(7))]
        let isValid = bearer.map { $0.scopes.contains(FakeCloud.azureScope) && context.now < $0.expiry } ?? false
        guard isValid, key.account == FakeCloud.account else {
            throw CloudRefusal(
                401,
                "InvalidAuthenticationInfo",
                "Server failed to authenticate the request.",
                headers: [
                    (
                        "WWW-Authenticate",
                        "Bearer authorization_uri=\(context.endpoint)/\(FakeCloud.tenant)/oauth2/authorize "
                            + "resource_id=https://storage.azure.com"
                    )
                ]
            )
        }
    }

    /// As a custom role with `blobs/add/action` and conditions on the path: it may create blobs and not overwrite them.
    private func checkPolicy(_ blob: [UInt8]?, _ state: CloudState) throws(CloudRefusal) {
        let bearer = (request.header("Authorization") ?? "").dropFirst("Bearer ".count)
        guard state.bearers[String(bearer)]?.isRestricted == true else { return }
        guard context.isPermitted(blob.map { String(decoding: $0, as: UTF8.self) }, prefix: request.parameter("prefix"))
        else {
            throw CloudRefusal(
                403,
                "AuthorizationPermissionMismatch",
                "This request is not authorized to perform this operation using this permission."
            )
        }
        if request.operation == .put, let blob, state.bucket[CloudKey(blob)] != nil { throw Self.mayNotOverwrite }
    }

    static let mayNotOverwrite = CloudRefusal(
        403,
        "UnauthorizedBlobOverwrite",
        "This request is not authorized to perform blob overwrites."
    )

    /// The permissions of a shared access signature of which one is needed.
    private var permissions: String {
        switch request.operation {
        case .put: "wc"
        case .delete: "d"
        case .list: "l"
        default: "r"
        }
    }

    private static let allowedHeaders: Set<String> = [
        "x-ms-date", "x-ms-version", "x-ms-blob-type", "x-ms-content-crc64", "x-ms-blob-content-md5",
        "x-ms-blob-content-type", "x-ms-range", "x-ms-range-get-content-md5", "x-ms-range-get-content-crc64",
        "x-ms-access-tier", "x-ms-client-request-id", "x-ms-delete-snapshots", "x-ms-encryption-scope",
        "x-ms-return-client-request-id",
    ]

    private func checkHeaders() throws(CloudRefusal) {
        for name in request.headers.map({ $0.name.lowercased() }) where name.hasPrefix("x-ms-") {
            guard Self.allowedHeaders.contains(name) || name.hasPrefix("x-ms-meta-") else {
                throw CloudRefusal(
                    400,
                    "UnsupportedHeader",
                    "One of the HTTP headers is not supported.",
                    details: [("HeaderName", name)]
                )
            }
        }
        if let tier = request.header("x-ms-access-tier"), !["Hot", "Cool", "Cold", "Archive"].contains(tier) {
            throw CloudRefusal(400, "InvalidHeaderValue", "The value for one of the HTTP headers is not valid.")
        }
    }

    // MARK: Writing

    var identification: [(name: String, value: String)] { Self.identification(request) }

    private static func identification(_ request: FakeCloud.Request) -> [(name: String, value: String)] {
        let id = HexText.encode(WireDigest.md5(Array("\(request.index)".utf8)))
        var headers = [
            (name: "x-ms-request-id", value: "\(id.prefix(8))-001e-0000-0000-\(id.suffix(12))"),
            (name: "Server", value: "Windows-Azure-Blob/1.0 Microsoft-HTTPAPI/2.0"),
            (name: "x-ms-version", value: request.header("x-ms-version") ?? "2021-12-02"),
        ]
        if let id = request.header("x-ms-client-request-id") { headers.append(("x-ms-client-request-id", id)) }
        return headers
    }

    /// Azure begins its documents with a byte order mark.
    private static func bytes(of text: String) -> [UInt8] {
        [0xEF, 0xBB, 0xBF] + Array("<?xml version=\"1.0\" encoding=\"utf-8\"?>\(text)".utf8)
    }

    func document(_ text: String) -> CloudAnswer {
        CloudAnswer(
            status: 200,
            headers: identification + [("Content-Type", "application/xml")],
            body: Self.bytes(of: text),
            isChunked: true
        )
    }

    static func render(_ refusal: CloudRefusal, _ request: FakeCloud.Request) -> CloudAnswer {
        let identification = identification(request)
        let message = "\(refusal.message)\nRequestId:\(identification[0].value)\nTime:2026-11-20T21:00:00.0000000Z"
        var text = XMLText.element("Code", refusal.code) + XMLText.element("Message", message)
        for (name, value) in refusal.details { text += XMLText.element(name, value) }
        return CloudAnswer(
            status: refusal.status,
            headers: identification + refusal.headers
                + [("x-ms-error-code", refusal.code), ("Content-Type", "application/xml")],
            body: bytes(of: "<Error>\(text)</Error>")
        )
    }
}
