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
