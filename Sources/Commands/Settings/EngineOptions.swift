internal import ArgumentParser
internal import Logging
internal import ObjectStorage
internal import Operations
internal import TransferEngine

/// Where the vault is, and how much of the machine a run may use.
struct EngineOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Where the vault lies: file:///directory.", valueName: "url"))
    var location: String?

    @Option(help: ArgumentHelp("Memory for data in flight; default 256MiB, at least 33MiB.", valueName: "size"))
    var memory: String?

    @Option(
        name: .customLong("rate-limit"),
        help: ArgumentHelp(
            "Most bytes a second to or from the store, as 100MiB/s; default unlimited.",
            valueName: "rate"
        )
    )
    var rateLimit: String?

    @Option(
        name: .customLong("read-rate-limit"),
        help: ArgumentHelp("Most bytes a second read from this node's disks; default unlimited.", valueName: "rate")
    )
    var readRateLimit: String?

    func context(_ settings: Settings, isGentle: Bool, logger: Logger) throws -> RunContext {
        let memory = try settings.value(
            .memory,
            memory,
            default: ByteCount(256 << 20),
            expecting: "a size such as 256MiB"
        ) { ByteCount($0) }
        guard memory.bytes >= BufferPool.unit, memory.bytes <= 1 << 40 else {
            throw ValidationError("'\(memory)' cannot be used as memory: expected at least 33MiB, at most 1TiB")
        }
        let reads = try Self.rate(settings, .readRateLimit, readRateLimit)
        return RunContext(
            memory: Int(memory.bytes),
            readLimit: TokenBucket(reads),
            isGentle: isGentle,
            logger: logger
        )
    }

    /// The store, with what every use of it needs around it: repeats, a rate, counters.
    func store(
        _ settings: Settings,
        io: IOExecutor,
        logger: Logger
    ) throws -> (store: any ObjectStore, counts: MeasuredStore) {
        let location = try StoreLocation(try settings.required(.location, location))
        let rate = try Self.rate(settings, .rateLimit, rateLimit)
        let measured = MeasuredStore(location.open(io: io))
        let throttled = ThrottledStore(measured, upload: TokenBucket(rate), download: TokenBucket(rate))
        let retrying = RetryingStore(throttled) { error, attempt in
            logger.warning(
                "a request failed and is repeated",
                metadata: ["attempt": "\(attempt)", "error": "\(error)"]
            )
        }
        return (retrying, measured)
    }

    private static func rate(_ settings: Settings, _ setting: Setting, _ option: String?) throws -> DataRate {
        try settings.value(setting, option, default: .unlimited, expecting: "a rate such as 100MiB/s") { DataRate($0) }
    }
}
