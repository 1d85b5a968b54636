package import ObjectStorage

extension FakeCloud {
    /// What a client of S3 needs to reach this one, with the keys of the account that owns the bucket.
    package var s3Settings: StoreSettings {
        var settings = StoreSettings()
        settings.endpoint = endpoint
        settings.secret = .given(
            StorageSecret([
                .awsAccessKeyID: Self.accessKey, .awsSecretAccessKey: Self.secretKey, .awsRegion: options.region,
            ])
        )
        settings.clock = WallClock(now: options.now)
        return settings
    }

    /// What a client of Azure needs to reach this one, with the key of the account that owns the container.
    package var azureSettings: StoreSettings {
        var settings = StoreSettings()
        settings.endpoint = endpoint
        settings.secret = .given(
            StorageSecret([.azureStorageAccount: Self.account, .azureStorageKey: Self.accountKey])
        )
        settings.clock = WallClock(now: options.now)
        return settings
    }
}
