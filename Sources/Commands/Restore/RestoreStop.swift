internal import ArgumentParser
internal import Operations

/// The command `ringvault restore stop`.
struct RestoreStop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop",
        abstract: "Stop a restore that is at work on this host.",
        discussion: """
            What is being fetched is finished, for ten seconds at most, and nothing new is begun. The restore then ends \
            with exit status 75, and the same 'restore start' goes on where it was.
            """
    )

    @OptionGroup var options: StopOptions

    func run() async throws {
        try await options.stop(.restore)
    }
}
