internal import ArgumentParser
internal import Operations

/// The command `ringvault restore limit`.
struct RestoreLimit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "limit",
        abstract: "Change the limits of a restore that is at work on this host, at once."
    )

    @OptionGroup var options: LimitOptions

    func run() async throws {
        try options.limit(.restore)
    }
}
