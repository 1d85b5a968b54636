internal import SystemPackage

/// Which account is asked, where it is, and with which credentials.
///
/// The first of these that is there counts:
///
/// 1. the Secret of the settings: `azurestorageaccount` and `azurestoragekey`;
/// 2. `AZURE_STORAGE_CONNECTION_STRING` with AccountKey or SharedAccessSignature;
/// 3. `AZURE_STORAGE_KEY`;
/// 4. `AZURE_STORAGE_SAS_TOKEN`;
/// 5. a client secret: `AZURE_TENANT_ID`, `AZURE_CLIENT_ID` and `AZURE_CLIENT_SECRET`;
/// 6. a workload identity, as AKS gives it: `AZURE_FEDERATED_TOKEN_FILE`, `AZURE_TENANT_ID`, `AZURE_CLIENT_ID`;
/// 7. a managed identity: `IDENTITY_ENDPOINT` and `IDENTITY_HEADER` of App Service and Container Apps, else the metadata
///    service of a virtual machine; `AZURE_CLIENT_ID` says which one if there are several.
///
/// 1 to 4 are what the Azure CLI knows, in its order; 5 to 7 are DefaultAzureCredential's, in its order, without client
/// certificates and passwords and without what developers sign in with.
/// https://learn.microsoft.com/azure/developer/python/sdk/authentication/credential-chains
///
/// The account is that of the settings, else of the credentials, else `AZURE_STORAGE_ACCOUNT`, else the endpoint's.
/// The endpoint is that of the settings, else the connection string's, else the account's in the public cloud.
struct AzureAccess: Sendable {
    let endpoint: AzureEndpoint
    let source: any CredentialSource<AzureCredential>

    /// Reads the Secret's file, if there is one; asks nothing of the network.
    ///
    /// - Throws: `StoreSettingsError`, `CredentialError`.
    init(_ settings: StoreSettings, _ context: CredentialContext) throws {
        let variable = "AZURE_STORAGE_ACCOUNT"
        if let origin = settings.secret {
            let key = try AzureSecretKey.key(origin)
            try Self.check(settings.account, is: key.account, of: "the Secret")
            endpoint = try Self.endpoint(settings.endpoint, key.account)
            source = AzureSecretKey(origin: origin, io: context.io)
            return
        }
        let connection = try context.variable(AzureConnectionString.variable).map(AzureConnectionString.init)
        try Self.check(settings.account, is: connection?.account, of: AzureConnectionString.variable)
        let given = settings.endpoint ?? connection?.endpoint
        // Of the settings, which the environment does not change.
        var account = settings.account ?? connection?.account ?? context.variable(variable)
        if account == nil, let given, let own = try? AzureEndpoint(given, account: nil).account { account = own }
        endpoint = try Self.endpoint(given, account)
        if let connection, let key = connection.key, let owner = connection.account {
            let name = "AccountKey in \(AzureConnectionString.variable)"
            source = AzureGivenCredential(
                name: name,
                value: .key(try AzureSharedKey(account: owner, key: key, origin: name))
            )
        } else if let signature = connection?.signature {
            let name = "SharedAccessSignature in \(AzureConnectionString.variable)"
            source = AzureGivenCredential(name: name, value: try .signature(signature, origin: name))
        } else if let key = context.variable("AZURE_STORAGE_KEY") {
            guard let account else { throw StoreSettingsError("AZURE_STORAGE_KEY needs \(variable)") }
            try Self.check(account, is: context.variable(variable), of: variable)
            let value = try AzureSharedKey(account: account, key: key, origin: "AZURE_STORAGE_KEY")
            source = AzureGivenCredential(name: "AZURE_STORAGE_KEY", value: .key(value))
        } else if let token = context.variable("AZURE_STORAGE_SAS_TOKEN") {
            let name = "AZURE_STORAGE_SAS_TOKEN"
            source = AzureGivenCredential(name: name, value: try .signature(token, origin: name))
        } else {
            source = try Self.identity(context)
            guard endpoint.isTLS || endpoint.isLoopback else {
                throw StoreSettingsError("\(source.name) is a secret that must not go to \(endpoint.root): use https")
            }
        }
    }

    private static func identity(_ context: CredentialContext) throws -> any CredentialSource<AzureCredential> {
        guard let tenant = context.variable("AZURE_TENANT_ID"), let client = context.variable("AZURE_CLIENT_ID") else {
            if context.variable("AZURE_CLIENT_SECRET") != nil {
                throw CredentialError(.invalid, "AZURE_CLIENT_SECRET needs AZURE_TENANT_ID and AZURE_CLIENT_ID")
            }
            return try AzureManagedIdentity(context)
        }
        if let secret = context.variable("AZURE_CLIENT_SECRET") {
            return try AzureEntraToken(context, tenant: tenant, client: client, proof: .secret(secret))
        }
        if let file = context.variable("AZURE_FEDERATED_TOKEN_FILE") {
            return try AzureEntraToken(context, tenant: tenant, client: client, proof: .tokenFile(FilePath(file)))
        }
        return try AzureManagedIdentity(context)
    }

    private static func endpoint(_ text: String?, _ account: String?) throws(StoreSettingsError) -> AzureEndpoint {
        if let account {
            let isName = account.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "-")
            }
            guard isName, !account.isEmpty else {
                throw StoreSettingsError(
                    "'\(account.prefix(100))' cannot be a storage account: lower-case letters and digits"
                )
            }
        }
        if let text { return try AzureEndpoint(text, account: account) }
        guard let account else {
            throw StoreSettingsError(
                "Azure needs a storage account: --account, AZURE_STORAGE_ACCOUNT or a connection string"
            )
        }
        return try AzureEndpoint(account: account)
    }

    /// A key is good for the account that it comes with and for no other.
    private static func check(_ account: String?, is other: String?, of origin: String) throws(StoreSettingsError) {
        guard let account, let other, account != other else { return }
        throw StoreSettingsError("the account is '\(account)', but \(origin) is of '\(other)'")
    }
}
