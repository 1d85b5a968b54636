extension FakeCloud {
    // MARK: AWS

    /// The access key of the account that owns the bucket.
    package static let accessKey = "AKIDEXAMPLE"
    package static let secretKey = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
    /// The role that the identity services let one assume.
    package static let role = "backup-role"
    package static let roleARN = "arn:aws:iam::123456789012:role/backup-role"
    /// What `/container-credentials` wants as Authorization.
    package static let containerToken = "Basic Y29udGFpbmVyOnRva2Vu"

    // MARK: Azure

    package static let account = "devstoreaccount1"
    /// In base64; the well-known key of Azure's emulator.
    package static let accountKey =
        "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
    package static let tenant = "72f988bf-0000-4000-8000-2d7cd011db47"
    package static let clientID = "11111111-2222-4333-8444-555555555555"
    package static let clientSecret = "client~secret+with/odd=characters&more"
    /// Of tokens for storage.
    package static let azureScope = "https://storage.azure.com/.default"
    /// The resource that the managed identity is asked for.
    package static let azureResource = "https://storage.azure.com/"

    // MARK: Google

    package static let serviceAccount = "backup@project.iam.gserviceaccount.com"
    package static let googleScope = "https://www.googleapis.com/auth/devstorage.read_write"
    /// Of an authorized user.
    package static let refreshToken = "1//refresh-token"
    package static let googleClientID = "client.apps.googleusercontent.com"
    package static let googleClientSecret = "GOCSPX-secret"
    /// The audience of external accounts.
    package static let workloadPool =
        "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/pool/providers/provider"

    /// The key file of the service account, whose token endpoint is here.
    package var serviceAccountKey: String { key(of: Self.serviceAccount) }

    /// The same of the account with the policy alone.
    package var restrictedServiceAccountKey: String { key(of: Self.restrictedServiceAccount) }

    private func key(of account: String) -> String {
        JSONTree.object([
            ("type", .string("service_account")), ("project_id", .string("project")),
            ("private_key_id", .string(ServiceAccountKey.id)), ("private_key", .string(ServiceAccountKey.pem)),
            ("client_email", .string(account)), ("client_id", .string("1")),
            ("token_uri", .string("\(endpoint)/token")),
        ]).text
    }

    // MARK: Given out

    /// Keys as AWS's identity services give them out.
    package struct TemporaryKeys: Sendable, Hashable {
        package let accessKey: String
        package let secretKey: String
        package let sessionToken: String
        /// In seconds since 1970.
        package let expiry: Int64

        package init(accessKey: String, secretKey: String, sessionToken: String, expiry: Int64) {
            self.accessKey = accessKey
            self.secretKey = secretKey
            self.sessionToken = sessionToken
            self.expiry = expiry
        }
    }

    /// New keys that live as long as the options say.
    package func makeTemporaryKeys() -> TemporaryKeys {
        let expiry = options.now() + options.credentialLifetime
        return withState { $0.makeTemporaryKeys(until: expiry) }
    }

    /// A new bearer token for the storage of Azure or Google, which lives as long as the options say.
    package func makeBearerToken() -> String {
        let expiry = options.now() + options.credentialLifetime
        return withState { $0.makeBearer([Self.azureScope, Self.googleScope], until: expiry) }
    }

    /// Ends all temporary keys and tokens given out so far.
    package func expireCredentials() {
        withState { state in
            for key in state.temporaryKeys.keys { state.temporaryKeys[key]?.expiry = 0 }
            for token in state.bearers.keys { state.bearers[token]?.expiry = 0 }
        }
    }

    /// What counts as the token of a workload: of Kubernetes, in a file; a test may rotate it.
    package var identityToken: String {
        get { withState { $0.identityToken } }
        set { withState { $0.identityToken = newValue } }
    }
}

extension CloudState {
    mutating func makeTemporaryKeys(until expiry: Int64) -> FakeCloud.TemporaryKeys {
        let keys = FakeCloud.TemporaryKeys(
            accessKey: "ASIA" + Self.random(8).uppercased(),
            secretKey: Base64Text.encode(Array(Self.random(15).utf8)),
            sessionToken: Base64Text.encode(Array("session \(Self.random(40))?>".utf8)),
            expiry: expiry
        )
        temporaryKeys[keys.accessKey] = TemporaryKeys(
            secretKey: keys.secretKey,
            token: keys.sessionToken,
            expiry: expiry
        )
        return keys
    }

    mutating func makeBearer(_ scopes: Set<String>, until expiry: Int64, isRestricted: Bool = false) -> String {
        let token = "bearer.\(Self.random(24))~-_"
        bearers[token] = Bearer(scopes: scopes, expiry: expiry, isRestricted: isRestricted)
        return token
    }

    private static func random(_ count: Int) -> String {
        HexText.encode((0..<count).map { _ in UInt8.random(in: 0...255) })
    }
}
