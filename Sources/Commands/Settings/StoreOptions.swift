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
    @OptionGroup var keys: KeyOptions

    /// The store, with what every use of it needs around it.
    ///
    /// - Parameters:
    ///   - location: instead of the option's.
    ///   - mayOnlyCreate: whether this node's credential may not do more.
    func store(
        _ settings: Settings,
        at location: String? = nil,
        policy: RetryPolicy = RetryPolicy(),
        mayOnlyCreate: Bool = false,
        io: IOExecutor,
        logger: Logger
    ) throws -> AccessedStore {
        let text = try location ?? access.legacy.location(self.location) ?? settings.required(.location, nil)
        return try access.store(
            settings,
            at: text,
            policy: policy,
            mayOnlyCreate: mayOnlyCreate,
            io: io,
            logger: logger
        )
    }
}
