internal import SystemPackage
internal import TransferEngine

/// Tokens of Microsoft Entra ID for an application.
///
/// https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
struct AzureEntraToken: CredentialSource {
    /// What the application proves itself with.
    enum Proof: Sendable {
        case secret(String)
        /// A file with a token of Kubernetes, which is replaced before it ends, and so is read at every fetch.
        case tokenFile(FilePath)
    }

    let name: String
    private let context: CredentialContext
    private let url: String
    private let client: String
    private let proof: Proof

    /// - Throws: `.invalid` for an authority that is not to be told secrets.
    init(_ context: CredentialContext, tenant: String, client: String, proof: Proof) throws(CredentialError) {
        let variable = "AZURE_AUTHORITY_HOST"
        var authority = context.variable(variable) ?? "login.microsoftonline.com"
        if !authority.contains("://") { authority = "https://\(authority)" }
        while authority.hasSuffix("/") { authority.removeLast() }
        guard AzureEndpoint.isPrivate(authority) else {
            throw CredentialError(.invalid, "\(variable) must be an https URL")
        }
        let isName = tenant.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "-.".utf8.contains(byte)
        }
        guard isName else { throw CredentialError(.invalid, "AZURE_TENANT_ID is not the id or the domain of a tenant") }
        url = "\(authority)/\(tenant)/oauth2/v2.0/token"
        self.context = context
        self.client = client
        self.proof = proof
        name =
            switch proof {
            case .secret: "the application of AZURE_CLIENT_ID"
            case .tokenFile: "the workload identity of AZURE_CLIENT_ID"
            }
    }

    func fetch() async throws(CredentialError) -> Expiring<AzureCredential> {
        var form = [
            (name: "client_id", value: client), ("grant_type", "client_credentials"),
            // In every cloud: https://learn.microsoft.com/azure/storage/blobs/authorize-access-azure-active-directory
            ("scope", "https://storage.azure.com/.default"),
        ]
        switch proof {
        case .secret(let secret): form.append(("client_secret", secret))
        case .tokenFile(let path):
            let text = try await context.text(of: path, "AZURE_FEDERATED_TOKEN_FILE")
            let token = text.filter { !$0.isWhitespace }
            form.append(("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"))
            form.append(("client_assertion", token))
        }
        let request = HTTPRequest(.post, url, headers: [("Accept", "application/json")])
        let service = "Microsoft Entra ID"
        let answer = try await context.ask(service, by: context.http, request, form: form)
        return try context.decode(AzureTokenAnswer.self, answer, from: service)
            .credential(from: service, now: context.clock.now())
    }
}
