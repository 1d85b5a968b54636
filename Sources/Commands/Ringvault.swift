package import ArgumentParser
internal import CLinux
internal import Glibc

/// The command line's root: what it is, and the nouns below it.
package struct Ringvault: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "ringvault",
        abstract: "Backs up and restores Apache Cassandra rings.",
        discussion: """
            What stays the same from run to run can also be set in a YAML file (--config), as 'data-dir: …', or in the \
            environment, as RINGVAULT_DATA_DIR, several values parted by commas: \(Setting.names). An option wins over \
            the environment, the environment over the file.

            Exit status: 0 done; 1 failed; 3 not found; 4 something is in the way; 5 the store or the node could not be \
            reached, try again; 6 damaged data; 7 no space left; 8 a check before the work speaks against it; 64 wrong \
            use; 75 stopped, start it again to go on; 77 the vault is encrypted and the key is missing or wrong; 130 \
            interrupted.
            """,
        version: "0.1.0",
        subcommands: [
            BackupCommand.self, RestoreCommand.self, VaultCommand.self, NodeCommand.self, DoctorCommand.self,
            DemoCommand.self,
        ]
    )

    package init() {}

    /// Runs the command line of this process, and ends the process with its status.
    package static func runAndExit() async -> Never {
        // Threads would each keep freed memory in an arena of their own: the memory limit is promised for the process.
        clinux_limit_heaps(2)
        let command: any ParsableCommand
        do {
            command = try parseAsRoot(LegacyOptions.withoutEmpty(Array(CommandLine.arguments.dropFirst())))
        } catch {
            exit(withError: error)  // help, version and usage errors print themselves
        }
        let work = Task { [command = UncheckedCommand(command)] in try await command.run() }
        let interrupts = Interrupts { signal in
            if signal == SIGTERM, StoppableRun.pause("SIGTERM") { return }
            work.cancel()
        }
        defer { withExtendedLifetime(interrupts) {} }
        do {
            try await work.value
            Glibc.exit(ExitStatus.success.rawValue)
        } catch {
            if exitCode(for: error) == .success { exit(withError: error) }  // --help of a subcommand, and its like
            let status = work.isCancelled ? ExitStatus.interrupted : ExitStatus(error)
            let text =
                work.isCancelled ? "interrupted; what is in the vault already is used by the next run" : "\(error)"
            StandardError.write("ringvault: \(text)\n")
            Glibc.exit(status.rawValue)
        }
    }
}

/// A parsed command on its way into the task that runs it.
private struct UncheckedCommand: @unchecked Sendable {
    // Commands are values that nobody else keeps, but ArgumentParser does not require Sendable.
    private let command: any ParsableCommand

    init(_ command: any ParsableCommand) {
        self.command = command
    }

    func run() async throws {
        var command = command
        if var asynchronous = command as? any AsyncParsableCommand {
            try await asynchronous.run()
        } else {
            try command.run()
        }
    }
}
