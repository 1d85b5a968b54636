package import ObjectStorage
package import TransferEngine

/// The stores behind HTTP, each on a fake cloud of its dialect.
package enum CloudProvider: String, Sendable, CaseIterable {
    case s3
    case azure
    case googleCloud = "gs"

    package var dialect: FakeCloud.Dialect {
        switch self {
        case .s3: .s3
        case .azure: .azure
        case .googleCloud: .googleCloud
        }
    }

    /// What a client of `cloud` needs to reach it, with the keys of who owns the bucket.
    package func settings(for cloud: FakeCloud) -> StoreSettings {
        var settings = StoreSettings()
        settings.endpoint = cloud.endpoint
        settings.clock = WallClock(now: cloud.options.now)
        let secret: [StorageSecret.Name: String] =
            switch self {
            case .s3:
                [
                    .awsAccessKeyID: FakeCloud.accessKey, .awsSecretAccessKey: FakeCloud.secretKey,
                    .awsRegion: cloud.options.region,
                ]
            case .azure: [.azureStorageAccount: FakeCloud.account, .azureStorageKey: FakeCloud.accountKey]
            case .googleCloud: [.gcp: cloud.serviceAccountKey]
            }
        settings.secret = .given(StorageSecret(secret))
        return settings
    }

    /// What a client of `cloud` needs that has the policy's rights alone.
    package func restrictedSettings(for cloud: FakeCloud) -> StoreSettings {
        var settings = settings(for: cloud)
        settings.mayOnlyCreate = true
        switch self {
        case .s3:
            settings.secret = .given(
                StorageSecret([
                    .awsAccessKeyID: FakeCloud.restrictedAccessKey, .awsSecretAccessKey: FakeCloud.restrictedSecretKey,
                    .awsRegion: cloud.options.region,
                ])
            )
        case .azure:
            settings.secret = nil
            settings.account = FakeCloud.account
            settings.environment = restrictedEnvironment(for: cloud)
        case .googleCloud:
            settings.secret = .given(StorageSecret([.gcp: cloud.restrictedServiceAccountKey]))
        }
        return settings
    }

    /// The same as environment of the program; of Google the key is a file's content.
    package func restrictedEnvironment(for cloud: FakeCloud) -> [String: String] {
        switch self {
        case .s3:
            [
                "AWS_ACCESS_KEY_ID": FakeCloud.restrictedAccessKey,
                "AWS_SECRET_ACCESS_KEY": FakeCloud.restrictedSecretKey, "AWS_REGION": cloud.options.region,
            ]
        case .azure:
            [
                "AZURE_TENANT_ID": FakeCloud.tenant, "AZURE_CLIENT_ID": FakeCloud.restrictedClientID,
                "AZURE_CLIENT_SECRET": FakeCloud.restrictedClientSecret, "AZURE_AUTHORITY_HOST": cloud.endpoint,
            ]
        case .googleCloud: [:]
        }
    }

    /// A client of `cloud`, as a user would have it.
    ///
    /// - Parameter change: of the settings, before the store is opened.
    package func store(
        on cloud: FakeCloud,
        prefix: String = "backups",
        io: IOExecutor = IOExecutor(threads: 1),
        _ change: (inout StoreSettings) -> Void = { _ in }
    ) throws -> any ObjectStore {
        var settings = settings(for: cloud)
        change(&settings)
        return try StoreLocation("\(rawValue)://\(FakeCloud.bucket)/\(prefix)").open(settings, io: io)
    }
}
