internal import TransferEngine

/// Tokens for the identity that Azure gives to a machine, an app or a container.
///
/// https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token,
/// https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference
final class AzureManagedIdentity: CredentialSource {
    let name: String
    private let context: CredentialContext
    private let request: HTTPRequest
    /// Whether it is the metadata service of a virtual machine, which nothing but an attempt finds out to be there.
    private let isMetadata: Bool
    /// Whether it has given a token.
    private let isThere = ThreadLock(false)

    /// - Throws: `.invalid` for variables that contradict each other.
    init(_ context: CredentialContext) throws(CredentialError) {
        self.context = context
        var query = [(name: "resource", value: "https://storage.azure.com/")]
        let client = context.variable("AZURE_CLIENT_ID")
        name = client == nil ? "the managed identity" : "the managed identity of AZURE_CLIENT_ID"
        if let client { query.append(("client_id", client)) }
        if let endpoint = context.variable("IDENTITY_ENDPOINT"), let header = context.variable("IDENTITY_HEADER") {
            guard context.variable("IDENTITY_SERVER_THUMBPRINT") == nil else {
                throw CredentialError(.invalid, "managed identities of Service Fabric are not supported")
            }
            query.append(("api-version", "2019-08-01"))
            let sign = endpoint.utf8.contains(UInt8(ascii: "?")) ? "&" : "?"
            request = HTTPRequest(
                .get,
                "\(endpoint)\(sign)\(PercentEncoding.query(query))",
                headers: [("X-IDENTITY-HEADER", header)]
            )
            isMetadata = false
        } else {
            // The variable of Azure's own libraries for tests and for pod identity.
            var host = context.variable("AZURE_POD_IDENTITY_AUTHORITY_HOST") ?? "http://169.254.169.254"
            while host.hasSuffix("/") { host.removeLast() }
            query.append(("api-version", "2018-02-01"))
            request = HTTPRequest(
                .get,
                "\(host)/metadata/identity/oauth2/token?\(PercentEncoding.query(query))",
                headers: [("Metadata", "true")]
            )
            isMetadata = true
        }
    }

    func fetch() async throws(CredentialError) -> Expiring<AzureCredential> {
        let service = "Azure's metadata service"
        do throws(CredentialError) {
            // 404 and 410 are answers of a service that is being updated.
            // https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token#retry-guidance
            let answer = try await context.ask(
                service,
                by: context.local,
                request,
                passing: [404, 410],
                // Outside Azure more attempts would not make one.
                absence: isMetadata && !isThere.withLock { $0 } ? .missing : .unavailable
            )
            let token = try context.decode(AzureTokenAnswer.self, answer, from: service)
                .credential(from: service, now: context.clock.now())
            isThere.withLock { $0 = true }
            return token
        } catch {
            guard isMetadata, !isThere.withLock({ $0 }), error.code != .cancelled else { throw error }
            throw CredentialError(error.code, "\(error.description); \(Self.advice)")
        }
    }

    private static let advice =
        "outside Azure, set AZURE_STORAGE_CONNECTION_STRING, AZURE_STORAGE_KEY, AZURE_STORAGE_SAS_TOKEN or AZURE_CLIENT_SECRET"
}
