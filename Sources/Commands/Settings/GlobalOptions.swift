internal import ArgumentParser
internal import Logging

/// What every command takes.
struct GlobalOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "YAML file with settings, named as the options; default \(Settings.defaultFile), if it is there.",
            valueName: "file"
        )
    )
    var config: String?

    @Option(help: ArgumentHelp("How the result is printed: table or json.", valueName: "format"))
    var output: String?

    @Option(
        name: .customLong("log-level"),
        help: ArgumentHelp("trace, debug, info, warning or error; default info.", valueName: "level")
    )
    var logLevel: String?

    func settings() throws -> Settings { try Settings(configuration: config) }

    func output(_ settings: Settings) throws -> Output {
        try settings.value(.output, output, default: .table, expecting: "table or json") { Output(rawValue: $0) }
    }

    func logger(_ settings: Settings) throws -> Logger {
        let level = try settings.value(
            .logLevel,
            logLevel,
            default: Logger.Level.info,
            expecting: "trace, debug, info, warning or error"
        ) { Logger.Level(rawValue: $0) }
        var logger = Logger(label: "ringvault") { _ in LineLogHandler() }
        logger.logLevel = level
        return logger
    }
}
