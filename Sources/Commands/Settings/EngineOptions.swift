internal import ArgumentParser
internal import Logging
internal import Operations
internal import TransferEngine

/// How much of the machine a run may use.
struct EngineOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Memory for the whole process; default 256MiB, at least 33MiB.", valueName: "size"))
    var memory: String?

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
        let reads = try settings.rate(.readRateLimit, readRateLimit)
        return RunContext(
            memory: MemoryBudget.share(of: Int(memory.bytes)),
            readLimit: TokenBucket(reads),
            isGentle: isGentle,
            logger: logger
        )
    }
}
