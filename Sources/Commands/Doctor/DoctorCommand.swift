internal import ArgumentParser
internal import ObjectStorage
internal import Operations
internal import TransferEngine

/// The command `ringvault doctor`.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Find out what a store really honours, and whether a vault is safe in it.",
        discussion: """
            Puts a few dozen small objects below .ringvault-doctor-…/ at the location, looks what becomes of them, and \
            removes them, also when interrupted. It needs no vault and changes none. Exit status 0: a vault is safe \
            there, with the limits told; 1: it is not.
            """
    )

    @Argument(help: ArgumentHelp("Where the vault lies or shall lie, as s3://bucket/prefix.", valueName: "location"))
    var location: String

    @OptionGroup var access: AccessOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let settings = try global.settings()
        let output = try global.output(settings)
        let logger = try global.logger(settings)
        let store = try access.store(
            settings,
            at: location,
            policy: Self.policy,
            timeouts: Self.timeouts,
            io: IOExecutor(threads: 2),
            logger: logger
        ).store
        let diagnosis = try await Doctor(store, logger: logger).examine()
        try output.print(DoctorResult(diagnosis))
        try diagnosis.check()
    }

    /// Little patience: a wrong address is told within seconds.
    private static var policy: RetryPolicy {
        var policy = RetryPolicy()
        policy.attempts = 3
        policy.promptAttempts = 0
        policy.most = .seconds(1)
        policy.mostAsked = .seconds(5)
        return policy
    }

    /// The objects are small.
    private static let timeouts = HTTPTimeouts(connect: .seconds(5), stall: .seconds(10), firstByte: .seconds(10))
}
