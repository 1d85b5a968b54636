internal import ArgumentParser
internal import Logging
internal import ObjectStorage

/// What `dcos cassandra backup start` and `restore start` took, so that their scripts go on working.
///
/// Not in the help: a secret in argv is seen by everyone on the machine.
/// https://github.com/mesosphere/dcos-cassandra-service (cli/dcos-cassandra/main.go)
struct LegacyOptions: ParsableArguments {
    @Option(name: .customLong("external_location"), help: .hidden)
    var externalLocation: String?

    @Option(name: .customLong("s3_access_key"), help: .hidden)
    var s3AccessKey: String?

    @Option(name: .customLong("s3_secret_key"), help: .hidden)
    var s3SecretKey: String?

    @Option(name: .customLong("azure_account"), help: .hidden)
    var azureAccount: String?

    @Option(name: .customLong("azure_key"), help: .hidden)
    var azureKey: String?

    /// The command line without what the old commands send for flags that were not set: `--azure_key=`.
    static func withoutEmpty(_ arguments: [String]) -> [String] {
        let names = [
            "backup_name", "external_location", "s3_access_key", "s3_secret_key", "azure_account", "azure_key",
        ]
        let empty = Set(names.map { "--\($0)=" })
        return arguments.filter { !empty.contains($0) }
    }

    /// The same for `--azure_key ''`.
    static func given(_ value: String?) -> String? { value.flatMap { $0.isEmpty ? nil : $0 } }

    func warn(_ logger: Logger) throws {
        guard Self.given(s3SecretKey) != nil || Self.given(azureKey) != nil else { return }
        logger.warning(
            "keys on the command line can be read by everyone on this machine; give them by --credentials or the environment"
        )
    }

    /// - Parameter location: the option's.
    func location(_ location: String?) throws -> String? {
        guard let externalLocation = Self.given(externalLocation) else { return location }
        if location != nil { throw ValidationError("give either --location or --external_location") }
        return externalLocation
    }

    /// The keys as a Secret; nil if none were given.
    func secret(region: String?) throws -> StorageSecretOrigin? {
        let given = [s3AccessKey, s3SecretKey, azureAccount, azureKey].map(Self.given)
        guard given.contains(where: { $0 != nil }) else { return nil }
        var values: [StorageSecret.Name: String] = [:]
        values[.awsAccessKeyID] = given[0]
        values[.awsSecretAccessKey] = given[1]
        // The old system knew no region.
        if given[0] != nil, given[1] != nil { values[.awsRegion] = region ?? "us-east-1" }
        values[.azureStorageAccount] = given[2]
        values[.azureStorageKey] = given[3]
        return .given(StorageSecret(values))
    }

    /// The old form of a store with an address of its own: `https://host/bucket/prefix`.
    func place(_ text: String, _ store: inout StoreSettings) throws -> StoreLocation {
        guard let scheme = ["https://", "http://"].first(where: { text.hasPrefix($0) }), externalLocation == text else {
            return try StoreLocation(text)
        }
        let rest = text.dropFirst(scheme.count)
        let host = rest.prefix { $0 != "/" }
        store.endpoint = store.endpoint ?? scheme + host
        return try StoreLocation("s3://" + rest[host.endIndex...].drop { $0 == "/" })
    }
}
