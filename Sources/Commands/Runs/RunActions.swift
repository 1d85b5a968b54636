internal import ArgumentParser
internal import Operations
internal import TransferEngine

/// What `backup stop` and `restore stop` share.
struct StopOptions: ParsableArguments {
    @OptionGroup var run: RunSelection

    @Flag(help: "Stop it for a while: state PAUSED; the default.")
    var pause = false

    @Flag(help: "Stop it for good: state CANCELLED. It can be started again all the same, and then goes on.")
    var cancel = false

    @Flag(help: "Wait until it has ended.")
    var wait = false

    func stop(_ kind: RunIdentity.Kind) async throws {
        if pause, cancel { throw ValidationError("give either --pause or --cancel") }
        var request = ControlRequest(.stop)
        request.mode = cancel ? .cancel : .pause
        var entry = try run.ask(kind, request)
        while wait, entry.run.state == .running {
            try await Task.sleep(for: .milliseconds(100))
            entry = RunList.now(entry)
        }
        try run.print([entry.run])
    }
}

/// What `backup status` and `restore status` share.
struct StatusOptions: ParsableArguments {
    @OptionGroup var run: RunSelection

    @Flag(help: "Show it again every second until it has ended.")
    var watch = false

    func show(_ kind: RunIdentity.Kind) async throws {
        var entries = try run.entries(kind)
        guard let last = entries.first else {
            throw RunError(
                .notFound,
                "show",
                run.name.map { "the \(kind.rawValue) '\($0)'" } ?? "a \(kind.rawValue)",
                "this host has no trace of one, or it runs with another --state-dir"
            )
        }
        let running = entries.filter { $0.run.state == .running }
        // By name everything there is of it; else what is at work, or was last.
        if run.name == nil { entries = running.isEmpty ? [last] : running }
        try run.print(entries.map(\.run))
        while watch, entries.contains(where: { $0.run.state == .running }) {
            try await Task.sleep(for: .seconds(1))
            entries = entries.map(RunList.now)
            try run.print(entries.map(\.run))
        }
    }
}

/// What `backup limit` and `restore limit` share.
struct LimitOptions: ParsableArguments {
    @OptionGroup var run: RunSelection

    @Option(help: ArgumentHelp("To the store, and from it, as --rate-limit: 100MiB/s or unlimited.", valueName: "rate"))
    var rate: String?

    @Option(
        name: .customLong("read-rate"),
        help: ArgumentHelp("From this node's disks, as --read-rate-limit.", valueName: "rate")
    )
    var readRate: String?

    @Option(name: .customLong("upload-rate"), help: ArgumentHelp("To the store alone.", valueName: "rate"))
    var uploadRate: String?

    @Option(name: .customLong("download-rate"), help: ArgumentHelp("From the store alone.", valueName: "rate"))
    var downloadRate: String?

    func limit(_ kind: RunIdentity.Kind) throws {
        var request = ControlRequest(.limit)
        let both = try Self.number(rate, "rate")
        request.read = try Self.number(readRate, "read-rate")
        request.upload = try Self.number(uploadRate, "upload-rate") ?? both
        request.download = try Self.number(downloadRate, "download-rate") ?? both
        guard request.read != nil || request.upload != nil || request.download != nil else {
            throw ValidationError("give --rate, --read-rate, --upload-rate or --download-rate")
        }
        try run.print([try run.ask(kind, request).run])
    }

    private static func number(_ text: String?, _ option: String) throws -> Int64? {
        guard let text else { return nil }
        guard let rate = DataRate(text) else {
            throw ValidationError("'\(text)' cannot be used as \(option): expected a rate such as 100MiB/s")
        }
        return ControlRequest.number(rate)
    }
}
