internal import SystemPackage
internal import TransferEngine

/// AWS STS, which gives temporary keys.
///
/// https://docs.aws.amazon.com/STS/latest/APIReference/
struct AWSSecurityTokens {
    let context: CredentialContext
    /// Nil: `us-east-1`.
    let region: String?

    private static let name = "AWS STS"

    private var signedRegion: String { region ?? "us-east-1" }

    private var url: String {
        if let url = context.variable("AWS_ENDPOINT_URL_STS") ?? context.variable("AWS_ENDPOINT_URL") {
            return url.hasSuffix("/") ? url : url + "/"
        }
        let region = signedRegion
        return "https://sts.\(region).amazonaws.com\(region.hasPrefix("cn-") ? ".cn" : "")/"
    }

    /// - Parameter keys: sign the request; nil where a token in the form proves who asks.
    func ask(
        _ action: String,
        _ fields: [(name: String, value: String)],
        signedBy keys: AWSKeys? = nil
    ) async throws(CredentialError) -> Expiring<AWSKeys> {
        let form = [(name: "Action", value: action), (name: "Version", value: "2011-06-15")] + fields
        var request = HTTPRequest(.post, url, headers: [CredentialContext.formType])
        if let keys {
            let payload = SHA256.digest(of: Array(PercentEncoding.query(form).utf8).span).description
            let signer = SigV4(region: signedRegion, service: "sts")
            signer.sign(&request, payload: payload, keys: keys, now: context.clock.now())
        }
        let answer = try await context.ask(Self.name, by: context.http, request, form: form)
        guard let root = try? XMLElement.parse(answer), let result = root["\(action)Result"]?["Credentials"],
            let id = result.text("AccessKeyId"), let secret = result.text("SecretAccessKey"),
            let token = result.text("SessionToken"),
            case let expires = StoreTime.seconds(ofISODate: result.text("Expiration")), expires > 0
        else {
            throw CredentialError(.unavailable, "\(Self.name) gives no credentials: its answer cannot be understood")
        }
        return Expiring(AWSKeys(id: id, secret: secret, sessionToken: token), expires: expires)
    }
}

/// A Kubernetes service account's token, or another identity provider's, for a role: IRSA.
struct AWSWebIdentity: CredentialSource {
    let context: CredentialContext
    let file: String
    let role: String
    let session: String?
    let region: String?

    var name: String { "the role \(role)" }

    func fetch() async throws(CredentialError) -> Expiring<AWSKeys> {
        // Rotated by the platform: read each time.
        let token = try await context.text(of: FilePath(file), "the web identity token")
        let fields = [
            (name: "RoleArn", value: role), (name: "RoleSessionName", value: session ?? "ringvault"),
            (name: "WebIdentityToken", value: token.filter { !$0.isWhitespace }),
        ]
        return try await AWSSecurityTokens(context: context, region: region).ask("AssumeRoleWithWebIdentity", fields)
    }
}

/// A role that other keys may assume: a profile with `role_arn`.
struct AWSAssumedRole: CredentialSource {
    let context: CredentialContext
    let base: CredentialCache<AWSKeys>
    let role: String
    let session: String?
    let externalID: String?
    let region: String?

    var name: String { "the role \(role)" }

    func fetch() async throws(CredentialError) -> Expiring<AWSKeys> {
        let keys = try await base.current().value
        var fields = [(name: "RoleArn", value: role), (name: "RoleSessionName", value: session ?? "ringvault")]
        if let externalID { fields.append((name: "ExternalId", value: externalID)) }
        return try await AWSSecurityTokens(context: context, region: region).ask("AssumeRole", fields, signedBy: keys)
    }
}
