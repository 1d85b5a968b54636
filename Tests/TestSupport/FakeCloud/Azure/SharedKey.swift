/// Azure's Shared Key and shared access signatures, as the receiver of a request checks them.
///
/// By https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key, create-account-sas and
/// create-service-sas there.
struct SharedKey {
    let context: CloudContext
    /// As in the host or the path.
    let account: String
    let container: String
    /// Decoded; nil if the container is asked for.
    let blob: [UInt8]?

    private var request: FakeCloud.Request { context.request }
    private static let key = Base64Text.decode(FakeCloud.accountKey) ?? []

    private static func sign(_ text: String) -> String {
        Base64Text.encode(WireDigest.hmacSHA256(key, Array(text.utf8)))
    }

    static func failed(_ detail: String) -> CloudRefusal {
        CloudRefusal(
            403,
            "AuthenticationFailed",
            "Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly.",
            details: [("AuthenticationErrorDetail", detail)]
        )
    }

    // MARK: The Authorization header

    /// - Parameter claim: what follows `SharedKey`: account and signature.
    func check(_ claim: Substring) throws(CloudRefusal) {
        guard let date = request.header("x-ms-date").flatMap(UTCTime.init(http:)) else {
            throw Self.failed("Request date header not specified")
        }
        guard abs(context.now - date.seconds) <= 15 * 60 else {
            throw Self.failed("Request date header too old: '\(date.http)'")
        }
        let text = stringToSign()
        guard claim == "\(FakeCloud.account):\(Self.sign(text))", account == FakeCloud.account else {
            throw Self.failed("The MAC signature found in the HTTP request '\(claim)' is not that of '\(text)'.")
        }
    }

    private func stringToSign() -> String {
        func header(_ name: String) -> String { request.header(name) ?? "" }
        let length = header("Content-Length")
        var lines = [
            request.method, header("Content-Encoding"), header("Content-Language"), length == "0" ? "" : length,
            header("Content-MD5"), header("Content-Type"), request.header("x-ms-date") == nil ? header("Date") : "",
            header("If-Modified-Since"), header("If-Match"), header("If-None-Match"), header("If-Unmodified-Since"),
            header("Range"),
        ]
        lines += request.headers.map { (name: $0.name.lowercased(), value: $0.value) }
            .filter { $0.name.hasPrefix("x-ms-") }
            .sorted { $0.name < $1.name }
            .map { "\($0.name):\($0.value)" }
        lines.append("/\(account)\(request.path)")
        let names = Set(request.parameters.map { $0.name.lowercased() })
        for name in names.sorted() {
            let values = request.parameters.filter { $0.name.lowercased() == name }.map(\.value)
            lines.append("\(name):\(values.sorted().joined(separator: ","))")
        }
        return lines.joined(separator: "\n")
    }

    // MARK: Shared access signatures

    /// Checks the signature in the query, and that it allows one of `permissions`.
    func checkSAS(_ permissions: String) throws(CloudRefusal) {
        func parameter(_ name: String) -> String { request.parameter(name) ?? "" }
        let version = parameter("sv")
        guard AzureDialect.versions.contains(version), version >= "2020-12-06" else {
            throw Self.failed("Signed version \(version) is not known")
        }
        let isOfAccount = request.parameter("srt") != nil
        let text = isOfAccount ? accountString() : serviceString()
        guard parameter("sig") == Self.sign(text), account == FakeCloud.account else {
            throw Self.failed("Signature did not match. String to sign used was \(text)")
        }
        guard let expiry = UTCTime(extended: parameter("se")), context.now < expiry.seconds else {
            throw Self.failed("Signature not valid in the specified time frame: Expiry [\(parameter("se"))]")
        }
        if let start = request.parameter("st") {
            guard let start = UTCTime(extended: start), start.seconds <= context.now else {
                throw Self.failed("Signature not valid in the specified time frame: Start [\(start)]")
            }
        }
        if request.parameter("spr") == "https" {
            throw CloudRefusal(403, "AuthorizationProtocolMismatch", "This signature is for HTTPS alone.")
        }
        if isOfAccount {
            guard parameter("ss").contains("b") else {
                throw CloudRefusal(403, "AuthorizationServiceMismatch", "This signature is not for blobs.")
            }
            guard parameter("srt").contains(blob == nil ? "c" : "o") else {
                throw CloudRefusal(403, "AuthorizationResourceTypeMismatch", "This signature is not for this resource.")
            }
        } else if parameter("sr") == "b", blob == nil {
            throw Self.failed("The signed resource is a blob, not its container")
        }
        guard parameter("sp").contains(where: { permissions.contains($0) }) else {
            throw CloudRefusal(
                403,
                "AuthorizationPermissionMismatch",
                "This request is not authorized to perform this operation using this permission."
            )
        }
    }

    private func accountString() -> String {
        let parts = ["sp", "ss", "srt", "st", "se", "sip", "spr", "sv", "ses"].map { request.parameter($0) ?? "" }
        return ([account] + parts + [""]).joined(separator: "\n")
    }

    private func serviceString() -> String {
        func parameters(_ names: [String]) -> [String] { names.map { request.parameter($0) ?? "" } }
        var resource = "/blob/\(account)/\(container)"
        if request.parameter("sr") == "b", let blob { resource += "/" + String(decoding: blob, as: UTF8.self) }
        let parts =
            parameters(["sp", "st", "se"]) + [resource]
            + parameters(["si", "sip", "spr", "sv", "sr", "snapshot", "ses", "rscc", "rscd", "rsce", "rscl", "rsct"])
        return parts.joined(separator: "\n")
    }
}
