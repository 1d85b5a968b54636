package import ObjectStorage
package import TransferEngine

/// The stores behind HTTP, each on a fake cloud of its dialect.
package enum CloudProvider: String, Sendable, CaseIterable {
    case s3

    package var dialect: FakeCloud.Dialect {
        switch self {
        case .s3: .s3
        }
    }

    /// A client of `cloud`, as a user would have it, with the right keys.
    ///
    /// - Parameter change: of the settings, before the store is opened.
    package func store(
        on cloud: FakeCloud,
        prefix: String = "backups",
        io: IOExecutor = IOExecutor(threads: 1),
        _ change: (inout StoreSettings) -> Void = { _ in }
    ) throws -> any ObjectStore {
        var settings: StoreSettings
        switch self {
        case .s3: settings = cloud.s3Settings
        }
        change(&settings)
        let scheme =
            switch self {
            case .s3: "s3"
            }
        return try StoreLocation("\(scheme)://\(FakeCloud.bucket)/\(prefix)").open(settings, io: io)
    }
}
