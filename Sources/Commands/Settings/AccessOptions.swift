internal import ArgumentParser
internal import Logging
internal import ObjectStorage
internal import SystemPackage
internal import TransferEngine

/// A store with what every use of it needs around it, and what of that is looked at or changed later.
struct AccessedStore {
    let store: any ObjectStore
    let counts: MeasuredStore
    let upload: TokenBucket
    let download: TokenBucket
}

/// How a store is reached and used, wherever it is.
struct AccessOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A mounted Secret (directory) or a YAML or JSON file with awsaccesskeyid, awssecretaccesskey, awsregion, "
                + "awsendpoint, azurestorageaccount, azurestoragekey or gcp; default: what the provider's own tools "
                + "use, from the environment, profiles and the platform's identity.",
            valueName: "path"
        )
    )
    var credentials: String?

    @Option(
        help: ArgumentHelp(
            "Address of the store instead of the provider's own, as https://minio.example:9000.",
            valueName: "url"
        )
    )
    var endpoint: String?

    @Option(
        help: ArgumentHelp("Region of an S3 bucket; default AWS_REGION, the profile's, us-east-1.", valueName: "name")
    )
    var region: String?

    @Option(
        help: ArgumentHelp(
            "Where S3 finds the bucket's name: host, path or auto: in the host at Amazon, else in the path.",
            valueName: "style"
        )
    )
    var addressing: String?

    @Option(help: ArgumentHelp("Azure storage account; default AZURE_STORAGE_ACCOUNT.", valueName: "name"))
    var account: String?

    @Option(
        help: ArgumentHelp(
            "What the store checks uploads against: crc32c, sha256, md5 (S3), crc64, md5 (Azure), crc32c, md5 (Google), "
                + "none, or auto: the best it takes; default auto.",
            valueName: "kind"
        )
    )
    var checksum: String?

    @Option(
        name: .customLong("server-encryption"),
        help: ArgumentHelp(
            "Encryption by the store: default (what the bucket says), managed (SSE-S3), key, or key:ID (SSE-KMS, a "
                + "Cloud KMS key, an Azure encryption scope).",
            valueName: "kind"
        )
    )
    var serverEncryption: String?

    @Option(
        name: .customLong("storage-class"),
        help: ArgumentHelp("Storage class of new objects in the provider's words, as STANDARD_IA.", valueName: "name")
    )
    var storageClass: String?

    @Option(
        name: .customLong("ca-file"),
        help: ArgumentHelp("Certificates (PEM) to trust beside the system's.", valueName: "file")
    )
    var caFile: String?

    @Option(
        help: ArgumentHelp(
            "HTTP or HTTPS proxy to the store, or 'none'; default HTTPS_PROXY, and HTTP_PROXY for http://.",
            valueName: "url"
        )
    )
    var proxy: String?

    @Option(
        name: .customLong("no-proxy"),
        help: ArgumentHelp(
            "Host or domain to reach without the proxy; may be given several times; default NO_PROXY.",
            valueName: "host"
        )
    )
    var noProxy: [String] = []

    @Option(help: ArgumentHelp("Most requests under way at a time; default 64.", valueName: "count"))
    var connections: String?

    @Option(
        name: .customLong("rate-limit"),
        help: ArgumentHelp(
            "Most bytes a second to the store, and from it, as 100MiB/s; default unlimited.",
            valueName: "rate"
        )
    )
    var rateLimit: String?

    @OptionGroup var legacy: LegacyOptions

    /// The store, with what every use of it needs around it: repeats, a brake, a rate, counters.
    ///
    /// - Parameters:
    ///   - location: as the user wrote it.
    ///   - timeouts: of each request; nil: those of every transfer.
    ///   - mayOnlyCreate: whether this node's credential may not do more.
    func store(
        _ settings: Settings,
        at location: String,
        policy: RetryPolicy = RetryPolicy(),
        timeouts: HTTPTimeouts? = nil,
        mayOnlyCreate: Bool = false,
        io: IOExecutor,
        logger: Logger
    ) throws -> AccessedStore {
        try legacy.warn(logger)
        var store = try storeSettings(settings)
        if let timeouts { store.http.timeouts = timeouts }
        store.mayOnlyCreate = mayOnlyCreate
        let place = try legacy.place(location, &store)
        try setProxy(&store, settings, at: place)
        let rate = try settings.rate(.rateLimit, rateLimit)
        store.http.uploadLimit = TokenBucket(rate)
        store.http.downloadLimit = TokenBucket(rate)
        let measured = MeasuredStore(try place.open(store, io: io))
        let retrying = RetryingStore(BrakedStore(measured), policy: policy) { error, attempt in
            logger.warning(
                "a request failed and is repeated",
                metadata: ["attempt": "\(attempt)", "error": "\(error)"]
            )
        }
        return AccessedStore(
            store: retrying,
            counts: measured,
            upload: store.http.uploadLimit,
            download: store.http.downloadLimit
        )
    }

    /// Everything but the location.
    private func storeSettings(_ settings: Settings) throws -> StoreSettings {
        var store = StoreSettings()
        store.environment = settings.environment
        if let path = try settings.string(.credentials, credentials) { store.secret = .path(FilePath(path)) }
        store.endpoint = try settings.string(.endpoint, endpoint)
        store.region = try settings.string(.region, region)
        store.addressing = try settings.value(
            .addressing,
            addressing,
            default: .automatic,
            expecting: "auto, host or path"
        ) { BucketAddressing(rawValue: $0) }
        store.account = try settings.string(.account, account)
        store.checksum = try settings.value(
            .checksum,
            checksum,
            default: .automatic,
            expecting: "one of \(ContentChecksum.allCases.map(\.rawValue).joined(separator: ", "))"
        ) { ContentChecksum(rawValue: $0) }
        store.encryption = try settings.value(
            .serverEncryption,
            serverEncryption,
            default: .storeDefault,
            expecting: "default, managed, key or key:ID"
        ) { ServerEncryption($0) }
        store.storageClass = try settings.string(.storageClass, storageClass)
        store.secret = try legacy.secret(region: store.region) ?? store.secret
        try setHTTP(&store, settings)
        return store
    }

    private func setHTTP(_ store: inout StoreSettings, _ settings: Settings) throws {
        store.http.userAgent = "ringvault/\(Ringvault.configuration.version)"
        if let path = try settings.string(.caFile, caFile) {
            // libcurl would tell of it with the first request only, and not by its name.
            do throws(FileError) {
                _ = try FileStatus(of: FilePath(path), followingLinks: true)
            } catch {
                throw ValidationError("--ca-file cannot be used: \(error)")
            }
            store.http.caFile = FilePath(path)
        }
        let count = try settings.value(
            .connections,
            connections,
            default: store.http.connectionsPerHost,
            expecting: "a number from 1 to 1000"
        ) { Int($0).flatMap { (1...1000).contains($0) ? $0 : nil } }
        store.http.connectionsPerHost = count
        store.http.connections = count + 4  // beside them, requests for credentials
    }

    /// - Parameter place: of which the endpoint may come.
    private func setProxy(_ store: inout StoreSettings, _ settings: Settings, at place: StoreLocation) throws {
        if case .file = place { return }
        let whole = { (url: String) in url.contains("://") ? url : "http://\(url)" }
        switch try settings.string(.proxy, proxy) {
        case "none": break
        case let url?: store.http.proxy = whole(url)
        case nil:
            // Each request by its own scheme: a store may be without TLS, and the service that gives tokens not.
            let variable = { (names: [String]) -> String? in names.compactMap { settings.variable($0) }.first.map(whole)
            }
            store.http.plainProxy = variable(["http_proxy", "HTTP_PROXY"])
            store.http.secureProxy = variable(["https_proxy", "HTTPS_PROXY"])
        }
        if let fault = store.http.proxyFault { throw ValidationError("the proxy cannot be used: \(fault)") }
        store.http.noProxy = settings.strings(.noProxy, noProxy)
        if store.http.noProxy.isEmpty, let list = settings.variable("no_proxy") ?? settings.variable("NO_PROXY") {
            store.http.noProxy = list.split(separator: ",").map { String($0.filter { !$0.isWhitespace }) }
        }
    }
}

extension ServerEncryption {
    fileprivate init?(_ text: String) {
        switch text {
        case "default": self = .storeDefault
        case "managed": self = .managed
        case "key": self = .key(nil)
        default:
            guard text.hasPrefix("key:"), text.utf8.count > 4 else { return nil }
            self = .key(String(text.dropFirst(4)))
        }
    }
}
