internal import SystemPackage
internal import TransferEngine

/// Tokens for the account of the machine, or on GKE for that of the workload.
///
/// https://cloud.google.com/compute/docs/access/authenticate-workloads#applications
/// https://cloud.google.com/kubernetes-engine/docs/concepts/workload-identity#metadata_server
struct GoogleMetadataServer: CredentialSource {
    private let service: GoogleTokenService
    /// Named by somebody: `host` or `host:port`.
    private let named: String?

    /// Reached without a name server, so that a wrong one makes nobody wait.
    private static let address = "169.254.169.254"

    init(_ context: CredentialContext) {
        service = GoogleTokenService(context)
        named = context.variable("GCE_METADATA_HOST")
    }

    var name: String { "the account of this machine or workload" }

    func fetch() async throws(CredentialError) -> Expiring<GoogleToken> {
        let host = named ?? Self.address
        let what = "a token from the metadata server at \(host)"
        let path = "/computeMetadata/v1/instance/service-accounts/default/token"
        let scope = PercentEncoding.query([("scopes", GoogleScope.storage)])
        let request = HTTPRequest(.get, "http://\(host)\(path)?\(scope)", headers: [("Metadata-Flavor", "Google")])
        let response: HTTPResponse
        do throws(HTTPError) {
            response = try await service.context.local.collect(request, atMost: CredentialContext.answerLimit)
        } catch {
            // Nothing there at all: then this is no machine of Google's, or its server is not up yet.
            if error.code != .cancelled, error.code != .badRequest, !(await isAtGoogle) {
                throw GoogleApplicationCredentials.nothing
            }
            throw GoogleTokenService.failure(error, what)
        }
        guard response.headers["Metadata-Flavor"] == "Google" else {
            // The address is one of other clouds, too.
            guard named != nil else { throw GoogleApplicationCredentials.nothing }
            throw CredentialError(
                .unavailable,
                "cannot get \(what): what answers there is not Google's metadata server"
            )
        }
        if response.status == 404 {
            throw CredentialError(.refused, "cannot get \(what): the machine or workload has no service account")
        }
        guard response.status == 200 else { throw GoogleTokenService.refusal(response, what, secrets: []) }
        return try service.token(response.body, what)
    }

    /// Whether a metadata server should be there, as far as the machine itself tells.
    ///
    /// https://cloud.google.com/compute/docs/instances/detect-compute-engine
    private var isAtGoogle: Bool {
        get async {
            if named != nil { return true }
            let product = try? await service.context.text(of: "/sys/class/dmi/id/product_name", "the machine's name")
            return product?.hasPrefix("Google") ?? false
        }
    }
}
