internal import ArgumentParser
internal import Operations

/// The command `ringvault restore status`.
struct RestoreStatus: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show what restores on this host are at, and how the last ones ended."
    )

    @OptionGroup var options: StatusOptions

    func run() async throws {
        try await options.show(.restore)
    }
}
