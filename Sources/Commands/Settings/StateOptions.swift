internal import ArgumentParser
internal import Logging
internal import SystemPackage
internal import TransferEngine

/// Where this host's own state lies.
struct StateOptions: ParsableArguments {
    @Option(
        name: .customLong("state-dir"),
        help: ArgumentHelp(
            "Directory for journals and states of runs; default /var/lib/ringvault for root, else "
                + "$XDG_STATE_HOME/ringvault or ~/.local/state/ringvault.",
            valueName: "directory"
        )
    )
    var stateDirectory: String?

    /// The path that options, environment and configuration name, or the default; nil for a user without a home.
    func path(_ settings: Settings) throws -> FilePath? {
        if let path = try settings.string(.stateDirectory, stateDirectory) { return FilePath(path) }
        return StateDirectory.defaultPath(environment: settings.environment)
    }

    /// The directory, made where there is none; nil, with a warning, where that cannot be: a run then works without
    /// what lies in it.
    func directory(_ settings: Settings, logger: Logger) throws -> StateDirectory? {
        guard let path = try path(settings) else {
            logger.warning("there is no state directory, since this user has no home: give one with --state-dir")
            return nil
        }
        do throws(FileError) {
            return try StateDirectory(path)
        } catch {
            logger.warning(
                "the state directory cannot be used: a stopped run will begin anew",
                metadata: ["error": "\(error)"]
            )
            return nil
        }
    }
}
