internal import ArgumentParser
internal import Logging
internal import ObjectStorage
internal import TransferEngine

/// Where the vault is, and how its store is reached.
struct StoreOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Where the vault lies: file:///directory, s3://bucket/prefix (minio://, ceph://, oracle:// with an "
                + "endpoint), azure://container/prefix, gs://bucket/prefix.",
            valueName: "url"
        )
    )
    var location: String?

    @OptionGroup var access: AccessOptions

    /// The store, with what every use of it needs around it.
    ///
    /// - Parameter location: instead of the option's.
    func store(
        _ settings: Settings,
        at location: String? = nil,
        policy: RetryPolicy = RetryPolicy(),
        io: IOExecutor,
        logger: Logger
    ) throws -> AccessedStore {
        let text = try location ?? access.legacy.location(self.location) ?? settings.required(.location, nil)
        return try access.store(settings, at: text, policy: policy, io: io, logger: logger)
    }
}
