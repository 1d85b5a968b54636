internal import ArgumentParser
internal import Operations

/// The command `ringvault backup status`.
struct BackupStatus: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show what backups on this host are at, and how the last ones ended."
    )

    @OptionGroup var options: StatusOptions

    func run() async throws {
        try await options.show(.backup)
    }
}
