import TestSupport
import Testing

/// A way by which a secret comes to the program.
struct SecretWay: Sendable, CustomTestStringConvertible {
    /// What a user would set.
    struct Given {
        /// Beside the location.
        var arguments: [String] = []
        var environment: [String: String] = [:]
        var secrets: [String]
    }

    let provider: CloudProvider
    let name: String
    /// Whether the secret itself goes to the store or a service, and not only what is signed with it.
    var isSent = false
    /// Whether it goes in the URL: a SAS token is a query.
    var isInURL = false
    /// Whether whoever gives it so shows it to the machine.
    var isInArguments = false
    /// Whether a service gives out what the store is asked with.
    var hasService = false
    /// Whether another way ends in the very same credentials, so that one kind of failure is enough for this one.
    var isVariant = false
    let give: @Sendable (CloudNode, FakeCloud) throws -> Given

    var testDescription: String { "\(provider.rawValue): \(name)" }

    static let all = s3 + azure + google

    /// By `--credentials`: the same for all providers.
    private static func files(_ provider: CloudProvider, _ secret: String?) -> [SecretWay] {
        [
            SecretWay(provider: provider, name: "a mounted Secret") { node, cloud in
                let path = try node.mountedSecret(provider.secret(for: cloud))
                return Given(
                    arguments: ["--credentials", path, "--endpoint", cloud.endpoint],
                    secrets: [secret ?? cloud.privateKey]
                )
            },
            SecretWay(provider: provider, name: "a YAML file", isVariant: true) { node, cloud in
                let lines = provider.secret(for: cloud).map { "\($0): '\($1)'\n" }
                let path = try node.secretFile("keys.yaml", lines.joined())
                return Given(
                    environment: ["RINGVAULT_CREDENTIALS": path, "RINGVAULT_ENDPOINT": cloud.endpoint],
                    secrets: [secret ?? cloud.privateKey]
                )
            },
            SecretWay(provider: provider, name: "a file that the configuration names", isVariant: true) { node, cloud in
                let lines = provider.secret(for: cloud).map { "\($0): '\($1)'\n" }
                let keys = try node.secretFile("keys.yaml", lines.joined())
                let path = try node.secretFile(
                    "ringvault.yaml",
                    "credentials: \(keys)\nendpoint: \(cloud.endpoint)\nlog-level: trace\n"
                )
                return Given(arguments: ["--config", path], secrets: [secret ?? cloud.privateKey])
            },
        ]
    }

    // MARK: S3

    private static let s3 =
        files(.s3, FakeCloud.secretKey) + [
            SecretWay(provider: .s3, name: "the environment, temporary keys", isSent: true) { _, cloud in
                let keys = cloud.makeTemporaryKeys()
                return Given(
                    environment: [
                        "AWS_ACCESS_KEY_ID": keys.accessKey, "AWS_SECRET_ACCESS_KEY": keys.secretKey,
                        "AWS_SESSION_TOKEN": keys.sessionToken, "AWS_ENDPOINT_URL_S3": cloud.endpoint,
                    ],
                    secrets: [keys.secretKey, keys.sessionToken]
                )
            },
            SecretWay(provider: .s3, name: "a profile, temporary keys", isSent: true) { node, cloud in
                let keys = cloud.makeTemporaryKeys()
                let path = try node.secretFile(
                    "credentials",
                    """
                    [backup]
                    aws_access_key_id = \(keys.accessKey)
                    aws_secret_access_key = \(keys.secretKey)
                    aws_session_token = \(keys.sessionToken)
                    endpoint_url = \(cloud.endpoint)

                    """
                )
                return Given(
                    environment: ["AWS_SHARED_CREDENTIALS_FILE": path, "AWS_PROFILE": "backup"],
                    secrets: [keys.secretKey, keys.sessionToken]
                )
            },
            SecretWay(provider: .s3, name: "flags of DC/OS", isInArguments: true) { _, cloud in
                Given(
                    arguments: [
                        "--s3_access_key", FakeCloud.accessKey, "--s3_secret_key", FakeCloud.secretKey,
                        "--endpoint", cloud.endpoint,
                    ],
                    secrets: [FakeCloud.secretKey]
                )
            },
            SecretWay(provider: .s3, name: "an instance's role", isSent: true, hasService: true) { _, cloud in
                Given(
                    arguments: ["--endpoint", cloud.endpoint],
                    environment: [
                        "AWS_EC2_METADATA_SERVICE_ENDPOINT": cloud.endpoint, "AWS_EC2_METADATA_DISABLED": "false",
                    ],
                    secrets: []
                )
            },
            SecretWay(provider: .s3, name: "a container's role", isSent: true, hasService: true) { _, cloud in
                Given(
                    arguments: ["--endpoint", cloud.endpoint],
                    environment: [
                        "AWS_CONTAINER_CREDENTIALS_FULL_URI": "\(cloud.endpoint)/container-credentials",
                        "AWS_CONTAINER_AUTHORIZATION_TOKEN": FakeCloud.containerToken,
                    ],
                    secrets: [FakeCloud.containerToken]
                )
            },
            SecretWay(provider: .s3, name: "a web identity", isSent: true, hasService: true) { node, cloud in
                Given(
                    arguments: ["--endpoint", cloud.endpoint],
                    environment: [
                        "AWS_WEB_IDENTITY_TOKEN_FILE": try node.secretFile("token", cloud.identityToken),
                        "AWS_ROLE_ARN": FakeCloud.roleARN, "AWS_ENDPOINT_URL_STS": cloud.endpoint,
                    ],
                    secrets: [cloud.identityToken]
                )
            },
        ]

    // MARK: Azure

    private static let azure =
        files(.azure, FakeCloud.accountKey) + [
            SecretWay(provider: .azure, name: "the environment's key") { _, cloud in
                Given(
                    arguments: ["--endpoint", cloud.endpoint],
                    environment: [
                        "AZURE_STORAGE_ACCOUNT": FakeCloud.account, "AZURE_STORAGE_KEY": FakeCloud.accountKey,
                    ],
                    secrets: [FakeCloud.accountKey]
                )
            },
            SecretWay(provider: .azure, name: "a connection string") { _, cloud in
                let text =
                    "AccountName=\(FakeCloud.account);AccountKey=\(FakeCloud.accountKey);"
                    + "BlobEndpoint=\(cloud.endpoint)/\(FakeCloud.account)"
                return Given(
                    environment: ["AZURE_STORAGE_CONNECTION_STRING": text],
                    secrets: [FakeCloud.accountKey]
                )
            },
            SecretWay(provider: .azure, name: "a connection string with a SAS token", isSent: true, isInURL: true) {
                _,
                cloud in
                let token = cloud.accountSAS()
                let text =
                    "BlobEndpoint=\(cloud.endpoint)/\(FakeCloud.account);SharedAccessSignature=\(token.text)"
                return Given(environment: ["AZURE_STORAGE_CONNECTION_STRING": text], secrets: [token.signature])
            },
            SecretWay(provider: .azure, name: "a SAS token", isSent: true, isInURL: true) { _, cloud in
                let token = cloud.accountSAS()
                return Given(
                    arguments: ["--account", FakeCloud.account, "--endpoint", cloud.endpoint],
                    environment: ["AZURE_STORAGE_SAS_TOKEN": "?" + token.text],
                    secrets: [token.signature]
                )
            },
            SecretWay(provider: .azure, name: "a client secret", isSent: true, hasService: true) { _, cloud in
                Given(
                    arguments: ["--account", FakeCloud.account, "--endpoint", cloud.endpoint],
                    environment: [
                        "AZURE_TENANT_ID": FakeCloud.tenant, "AZURE_CLIENT_ID": FakeCloud.clientID,
                        "AZURE_CLIENT_SECRET": FakeCloud.clientSecret, "AZURE_AUTHORITY_HOST": cloud.endpoint,
                    ],
                    secrets: [FakeCloud.clientSecret]
                )
            },
            SecretWay(provider: .azure, name: "a workload identity", isSent: true, hasService: true) { node, cloud in
                Given(
                    arguments: ["--account", FakeCloud.account, "--endpoint", cloud.endpoint],
                    environment: [
                        "AZURE_TENANT_ID": FakeCloud.tenant, "AZURE_CLIENT_ID": FakeCloud.clientID,
                        "AZURE_FEDERATED_TOKEN_FILE": try node.secretFile("token", cloud.identityToken),
                        "AZURE_AUTHORITY_HOST": cloud.endpoint,
                    ],
                    secrets: [cloud.identityToken]
                )
            },
            SecretWay(provider: .azure, name: "a managed identity", isSent: true, hasService: true) { _, cloud in
                Given(
                    arguments: ["--account", FakeCloud.account, "--endpoint", cloud.endpoint],
                    environment: ["AZURE_POD_IDENTITY_AUTHORITY_HOST": cloud.endpoint],
                    secrets: []
                )
            },
            SecretWay(provider: .azure, name: "flags of DC/OS", isInArguments: true) { _, cloud in
                Given(
                    arguments: [
                        "--azure_account", FakeCloud.account, "--azure_key", FakeCloud.accountKey,
                        "--endpoint", cloud.endpoint,
                    ],
                    secrets: [FakeCloud.accountKey]
                )
            },
        ]

    // MARK: Google

    private static let google =
        files(.googleCloud, nil) + [
            SecretWay(provider: .googleCloud, name: "a service account's file", hasService: true) { node, cloud in
                Given(
                    arguments: ["--endpoint", cloud.endpoint],
                    environment: [
                        "GOOGLE_APPLICATION_CREDENTIALS": try node.secretFile("key.json", cloud.serviceAccountKey)
                    ],
                    secrets: [cloud.privateKey]
                )
            },
            SecretWay(provider: .googleCloud, name: "a user's login", isSent: true, hasService: true) { node, cloud in
                let login =
                    #"{"type": "authorized_user", "client_id": "\#(FakeCloud.googleClientID)", "#
                    + #""client_secret": "\#(FakeCloud.googleClientSecret)", "#
                    + #""refresh_token": "\#(FakeCloud.refreshToken)", "token_uri": "\#(cloud.endpoint)/token"}"#
                return Given(
                    arguments: ["--endpoint", cloud.endpoint],
                    environment: ["GOOGLE_APPLICATION_CREDENTIALS": try node.secretFile("login.json", login)],
                    secrets: [FakeCloud.refreshToken, FakeCloud.googleClientSecret]
                )
            },
            SecretWay(provider: .googleCloud, name: "a machine's account", isSent: true, hasService: true) { _, cloud in
                Given(
                    arguments: ["--endpoint", cloud.endpoint],
                    environment: ["GCE_METADATA_HOST": "127.0.0.1:\(cloud.port)", "NO_GCE_CHECK": ""],
                    secrets: []
                )
            },
        ]
}
