internal import ArgumentParser
internal import Operations

/// The command `ringvault backup stop`.
struct BackupStop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop",
        abstract: "Stop a backup that is at work on this host.",
        discussion: """
            What is being read and stored is finished, for ten seconds at most, and nothing new is begun. The backup \
            then ends with exit status 75, and the same 'backup start' goes on where it was.
            """
    )

    @OptionGroup var options: StopOptions

    func run() async throws {
        try await options.stop(.backup)
    }
}
