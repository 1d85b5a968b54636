internal import Cassandra
internal import Logging
internal import ObjectStorage
internal import Operations
internal import TransferEngine
internal import Vault

/// What a command that works with a vault needs, assembled from options, environment and configuration.
struct Session {
    let settings: Settings
    let output: Output
    let logger: Logger
    let context: RunContext
    private let accessed: AccessedStore
    /// What an encrypted vault is opened with.
    let keys: KeySource

    /// - Parameter isGentle: whether the node's database goes first.
    init(
        _ global: GlobalOptions,
        _ options: StoreOptions,
        _ engine: EngineOptions,
        isGentle: Bool = false
    ) throws {
        settings = try global.settings()
        output = try global.output(settings)
        logger = try global.logger(settings)
        context = try engine.context(settings, isGentle: isGentle, logger: logger)
        keys = try options.keys.source(settings, logger)
        accessed = try options.store(
            settings,
            mayOnlyCreate: keys.isForWritingOnly,
            io: context.io,
            logger: logger
        )
    }

    /// The vault at the location.
    func vault() async throws -> Vault { try await Vault.open(store, with: keys) }

    /// The vault at the location, which is made where there is none, unless a key was given.
    func vaultOrNew() async throws -> Vault {
        let (vault, isNew) = try await Vault.openOrCreate(in: store, with: keys)
        if isNew { logNewVault() }
        return vault
    }

    /// The store with everything around it: repeats, a brake, a rate, counters.
    var store: any ObjectStore { accessed.store }

    /// How people name the store, without secrets.
    var location: String { store.location }

    /// Requests so far.
    var requests: MeasuredStore.Counts { accessed.counts.counts }

    /// The rates that a run keeps to.
    func limits(_ kind: RunIdentity.Kind) -> RunLimits {
        RunLimits(kind, read: context.readLimit, upload: accessed.upload, download: accessed.download)
    }

    /// Runs a backup or a restore with its progress on standard error.
    func showing<Result: Sendable>(
        _ verb: String,
        _ progress: Progress,
        _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        try await ProgressDisplay(progress: progress, logger: logger, verb: verb).during(body)
    }

    func log(_ warnings: Warnings) {
        for warning in warnings.texts { logger.warning("\(warning)") }
        if warnings.omitted > 0 { logger.warning("and \(warnings.omitted) warnings more") }
    }

    func logNewVault() {
        logger.info("made a new vault", metadata: ["location": "\(store.location)"])
    }
}
