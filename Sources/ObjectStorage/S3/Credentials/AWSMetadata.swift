internal import SystemPackage
internal import TransferEngine

/// Temporary keys as services beside the machine give them.
struct AWSMetadataKeys: Decodable {
    let AccessKeyId: String
    let SecretAccessKey: String
    let Token: String
    let Expiration: String
    /// Of the instance: `Success`.
    let Code: String?

    func expiring(from name: String) throws(CredentialError) -> Expiring<AWSKeys> {
        let expires = StoreTime.seconds(ofISODate: Expiration)
        guard Code ?? "Success" == "Success", expires > 0 else {
            throw CredentialError(
                .unavailable,
                "\(name) gives no credentials: \((Code ?? "no time of end").prefix(80))"
            )
        }
        return Expiring(AWSKeys(id: AccessKeyId, secret: SecretAccessKey, sessionToken: Token), expires: expires)
    }
}

/// The role of an ECS task, or of a pod by EKS Pod Identity.
///
/// https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
struct AWSContainer: CredentialSource {
    let context: CredentialContext
    let url: String

    var name: String { "the container's role" }

    /// Nil: this is no such container.
    static func find(_ context: CredentialContext) throws(CredentialError) -> AWSContainer? {
        if let path = context.variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") {
            return AWSContainer(context: context, url: "http://169.254.170.2" + path)
        }
        guard let url = context.variable("AWS_CONTAINER_CREDENTIALS_FULL_URI") else { return nil }
        guard isTrusted(url) else {
            throw CredentialError(
                .invalid,
                "AWS_CONTAINER_CREDENTIALS_FULL_URI is neither https nor an address of this machine or its platform"
            )
        }
        return AWSContainer(context: context, url: url)
    }

    func fetch() async throws(CredentialError) -> Expiring<AWSKeys> {
        var request = HTTPRequest(.get, url)
        if let file = context.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE") {
            let token = try await context.text(of: FilePath(file), "the container's token")
            request.headers.append(("Authorization", token.filter { !$0.isNewline }))
        } else if let token = context.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN") {
            request.headers.append(("Authorization", token))
        }
        let answer = try await context.ask(name, by: context.local, request)
        return try context.decode(AWSMetadataKeys.self, answer, from: name).expiring(from: name)
    }

    /// The token goes to https, to loopback, and to the addresses of ECS and EKS; a name could lead anywhere.
    private static func isTrusted(_ url: String) -> Bool {
        if url.hasPrefix("https://") { return true }
        guard url.hasPrefix("http://") else { return false }
        let authority = url.dropFirst("http://".count).prefix { $0 != "/" && $0 != "?" }
        let bracket = authority.hasPrefix("[") ? authority.firstIndex(of: "]") : nil
        let host = bracket.map { String(authority[...$0]) } ?? String(authority.prefix { $0 != ":" })
        let numbers = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        if numbers.count == 4, numbers[0] == 127, !numbers.contains(nil) { return true }
        return ["localhost", "[::1]", "169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"].contains(host)
    }
}

/// The role of the EC2 instance, by the second version of its metadata service.
///
/// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
struct AWSInstance: CredentialSource {
    let context: CredentialContext

    var name: String { "the EC2 instance's role" }

    func fetch() async throws(CredentialError) -> Expiring<AWSKeys> {
        if context.variable("AWS_EC2_METADATA_DISABLED")?.lowercased() == "true" { throw missing() }
        let root = context.variable("AWS_EC2_METADATA_SERVICE_ENDPOINT") ?? "http://169.254.169.254"
        let base = (root.hasSuffix("/") ? String(root.dropLast()) : root) + "/latest"
        let lifetime: HTTPHeaders.Field = ("X-aws-ec2-metadata-token-ttl-seconds", "21600")
        let request = HTTPRequest(.put, "\(base)/api/token", headers: [lifetime])
        let token: [UInt8]
        do throws(CredentialError) {
            // Where nothing takes a connection there is no instance, and more attempts would not make one.
            token = try await context.ask(name, by: context.local, request, absence: .missing)
        } catch {
            throw error.code == .missing ? missing(error.description) : error
        }
        let headers: [HTTPHeaders.Field] = [("X-aws-ec2-metadata-token", String(decoding: token, as: UTF8.self))]
        let list = "\(base)/meta-data/iam/security-credentials/"
        let roles = try await context.ask(name, by: context.local, HTTPRequest(.get, list, headers: headers))
        guard let role = String(decoding: roles, as: UTF8.self).split(whereSeparator: \.isNewline).first else {
            throw CredentialError(.missing, "the EC2 instance has no role")
        }
        let url = list + PercentEncoding.encode(role)
        let answer = try await context.ask(name, by: context.local, HTTPRequest(.get, url, headers: headers))
        return try context.decode(AWSMetadataKeys.self, answer, from: name).expiring(from: name)
    }

    private func missing(_ reason: String = "") -> CredentialError {
        CredentialError(
            .missing,
            "no credentials for S3: none given by --credentials, AWS_ACCESS_KEY_ID, a profile, a web identity or a "
                + "container, and no role of an EC2 instance" + (reason.isEmpty ? "" : " (\(reason))")
        )
    }
}
