package import ObjectStorage
package import TransferEngine

extension RealServer.Access {
    /// A client with the server's keys, in a prefix that nobody else has.
    ///
    /// - Parameter scheme: of the location: `s3`.
    package func store(_ scheme: String, io: IOExecutor = IOExecutor(threads: 2)) throws -> any ObjectStore {
        try StoreLocation(location(scheme)).open(settings, io: io)
    }

    /// A location that nobody else has: another one each time.
    package func location(_ scheme: String) -> String {
        "\(scheme)://\(bucket)/tests/\(UInt64.random(in: 0 ... .max))"
    }

    package var settings: StoreSettings {
        var settings = StoreSettings()
        settings.endpoint = url
        settings.http.caFile = caFile
        if let keys {
            settings.secret = .given(
                StorageSecret([
                    .awsAccessKeyID: keys.access, .awsSecretAccessKey: keys.secret, .awsRegion: region,
                ])
            )
        }
        return settings
    }
}
