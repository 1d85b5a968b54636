internal import TransferEngine

/// Finds the credentials for S3, and what stands beside them.
///
/// The first of these that is there; the order of Amazon's own tools, after what was given to Ringvault itself:
///
/// 1. a Secret or the keys that were given (`StorageSecret`),
/// 2. AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, with AWS_SESSION_TOKEN,
/// 3. the profile that AWS_PROFILE names,
/// 4. AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN: a Kubernetes service account (IRSA),
/// 5. the profile `default`,
/// 6. AWS_CONTAINER_CREDENTIALS_FULL_URI or _RELATIVE_URI: ECS, EKS Pod Identity,
/// 7. the role of the EC2 instance, by IMDSv2.
///
/// https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html
enum AWSCredentials {
    struct Found {
        let source: any CredentialSource<AWSKeys>
        let region: String?
        let endpoint: String?
    }

    static func find(_ settings: StoreSettings, _ context: CredentialContext) throws(CredentialError) -> Found {
        let profiles = try AWSProfiles(context)
        let profile = profiles.profile
        var region = context.variable("AWS_REGION") ?? context.variable("AWS_DEFAULT_REGION") ?? profile?["region"]
        var endpoint =
            context.variable("AWS_ENDPOINT_URL_S3") ?? context.variable("AWS_ENDPOINT_URL") ?? profile?["endpoint_url"]
        var given: (any CredentialSource<AWSKeys>)?
        if let origin = settings.secret {
            let secret = try origin.read()
            if try secret.awsKeys() != nil { given = SecretAWSKeys(origin: origin, context: context) }
            region = secret[.awsRegion] ?? region
            endpoint = secret[.awsEndpoint] ?? endpoint
        }
        let source: any CredentialSource<AWSKeys>
        if let given {
            source = given
        } else {
            source = try platform(context, profiles, region: settings.region ?? region)
        }
        return Found(source: source, region: region, endpoint: endpoint)
    }

    private static func platform(
        _ context: CredentialContext,
        _ profiles: AWSProfiles,
        region: String?
    ) throws(CredentialError) -> any CredentialSource<AWSKeys> {
        if let keys = try environmentKeys(context) { return StaticAWSKeys(name: "AWS_ACCESS_KEY_ID", keys: keys) }
        if profiles.isChosen { return try profiles.source(context, region: region) }
        if let file = context.variable("AWS_WEB_IDENTITY_TOKEN_FILE") {
            guard let role = context.variable("AWS_ROLE_ARN") else {
                throw CredentialError(.invalid, "AWS_WEB_IDENTITY_TOKEN_FILE is set, but AWS_ROLE_ARN is not")
            }
            let session = context.variable("AWS_ROLE_SESSION_NAME")
            return AWSWebIdentity(context: context, file: file, role: role, session: session, region: region)
        }
        if profiles.profile?.hasCredentials == true { return try profiles.source(context, region: region) }
        if let container = try AWSContainer.find(context) { return container }
        return AWSInstance(context: context)
    }

    private static func environmentKeys(_ context: CredentialContext) throws(CredentialError) -> AWSKeys? {
        switch (context.variable("AWS_ACCESS_KEY_ID"), context.variable("AWS_SECRET_ACCESS_KEY")) {
        case (nil, nil): return nil
        case (let id?, let secret?):
            return AWSKeys(id: id, secret: secret, sessionToken: context.variable("AWS_SESSION_TOKEN"))
        case (_?, nil): throw CredentialError(.invalid, "AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not")
        case (nil, _?): throw CredentialError(.invalid, "AWS_SECRET_ACCESS_KEY is set, but AWS_ACCESS_KEY_ID is not")
        }
    }
}

/// Keys that do not end.
struct StaticAWSKeys: CredentialSource {
    let name: String
    let keys: AWSKeys

    func fetch() async throws(CredentialError) -> Expiring<AWSKeys> { Expiring(keys) }
}

/// Keys of a Secret, which may be rotated while we run: read again when the store refuses them.
struct SecretAWSKeys: CredentialSource {
    let origin: StorageSecretOrigin
    let context: CredentialContext

    var name: String { "the Secret's access key" }

    func fetch() async throws(CredentialError) -> Expiring<AWSKeys> {
        let origin = origin
        let secret = try await context.io.run { () throws(CredentialError) in try origin.read() }
        guard let keys = try secret.awsKeys() else {
            throw CredentialError(.missing, "the Secret has no awsaccesskeyid any more")
        }
        return Expiring(AWSKeys(id: keys.id, secret: keys.secret))
    }
}
