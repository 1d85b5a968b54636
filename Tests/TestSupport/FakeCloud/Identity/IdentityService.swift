/// The services that give out credentials, beside the store on the same port.
///
/// Each dialect has those of its cloud. What is wrong gets the refusal that the service documents.
struct IdentityService {
    /// What a path and method ask for; the rest of a request decides whether they get it.
    enum Endpoint {
        case imdsToken
        case imdsRoles
        case imdsCredentials
        case containerCredentials
        case sts
        case entraToken
        case managedIdentity
        case googleToken
        case googleExchange
        case googleImpersonation
        case googleMetadata
        case googlePresence
    }

    let context: CloudContext
    var request: FakeCloud.Request { context.request }

    init(_ context: CloudContext) { self.context = context }

    static func endpoint(_ method: String, _ path: String, _ dialect: FakeCloud.Dialect) -> Endpoint? {
        switch (dialect, method, path) {
        case (.s3, "PUT", "/latest/api/token"): .imdsToken
        case (.s3, "GET", "/latest/meta-data/iam/security-credentials/"),
            (.s3, "GET", "/latest/meta-data/iam/security-credentials"):
            .imdsRoles
        case (.s3, "GET", "/latest/meta-data/iam/security-credentials/\(FakeCloud.role)"): .imdsCredentials
        case (.s3, "GET", "/container-credentials"): .containerCredentials
        case (.s3, "POST", "/"), (.s3, "POST", "/sts"), (.s3, "GET", "/sts"): .sts
        case (.azure, "GET", "/metadata/identity/oauth2/token"): .managedIdentity
        case (.azure, "POST", _) where path.hasSuffix("/oauth2/v2.0/token"): .entraToken
        case (.googleCloud, "POST", "/token"): .googleToken
        case (.googleCloud, "POST", "/v1/token"): .googleExchange
        case (.googleCloud, "POST", _) where path.hasPrefix("/v1/projects/-/serviceAccounts/"): .googleImpersonation
        case (.googleCloud, "GET", "/computeMetadata/v1/instance/service-accounts/default/token"): .googleMetadata
        case (.googleCloud, "GET", "/"), (.googleCloud, "GET", "/computeMetadata/v1/"): .googlePresence
        default: nil
        }
    }

    func answer(_ endpoint: Endpoint, _ state: inout CloudState) -> CloudAnswer {
        switch endpoint {
        case .imdsToken: imdsToken(&state)
        case .imdsRoles: imdsRoles(state)
        case .imdsCredentials: imdsCredentials(&state)
        case .containerCredentials: containerCredentials(&state)
        case .sts: sts(&state)
        case .entraToken: entraToken(&state)
        case .managedIdentity: managedIdentity(&state)
        case .googleToken: googleToken(&state)
        case .googleExchange: googleExchange(&state)
        case .googleImpersonation: googleImpersonation(&state)
        case .googleMetadata: googleMetadata(&state)
        case .googlePresence:
            CloudAnswer(status: 200, headers: [("Metadata-Flavor", "Google"), ("Content-Type", "text/plain")])
        }
    }

    /// In seconds since 1970.
    var expiry: Int64 { context.now + context.options.credentialLifetime }

    /// The fields of a form; nil if the body is none, or a name comes twice.
    var form: [String: String]? {
        let type = request.header("Content-Type")?.lowercased() ?? ""
        guard type.hasPrefix("application/x-www-form-urlencoded"),
            let text = String(validating: context.body, as: UTF8.self),
            let pairs = PercentText.pairs(text)
        else { return nil }
        let form = Dictionary(pairs.map { ($0.name, $0.value) }) { first, _ in first }
        return form.count == pairs.count ? form : nil
    }

    func json(_ status: Int, _ members: [(name: String, value: JSONTree)]) -> CloudAnswer {
        CloudAnswer(
            status: status,
            headers: [("Content-Type", "application/json; charset=utf-8"), ("Cache-Control", "no-store")],
            body: Array(JSONTree.object(members).text.utf8)
        )
    }

    func plain(_ status: Int, _ text: String) -> CloudAnswer {
        CloudAnswer(status: status, headers: [("Content-Type", "text/plain")], body: Array(text.utf8))
    }

    /// An error of RFC 6749 section 5.2.
    func oauth(_ status: Int, _ error: String, _ description: String) -> CloudAnswer {
        json(status, [("error", .string(error)), ("error_description", .string(description))])
    }
}
