internal import ArgumentParser
internal import Logging
internal import Operations
internal import TransferEngine
internal import Vault

/// The command `ringvault vault collect`.
struct VaultCollect: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "collect",
        abstract: "Delete what no backup needs any more.",
        discussion: """
            Safe beside any number of running backups, restores and other collections, and when it is killed. It works \
            in two steps: blobs that no backup names are listed; when a list has stood for the grace, what is still \
            unnamed is deleted. One call does whatever is due, so run it once a day, on any one machine. Deleted \
            backups are purged from the trash when their time there is over.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var engine: EngineOptions
    @OptionGroup var marking: MarkingOptions

    @Flag(name: .customLong("dry-run"), help: "Only tell what would be done; times are this machine's.")
    var isDryRun = false

    @Option(
        help: ArgumentHelp("How long a list stands before its blobs are deleted: 2h to 7d.", valueName: "time")
    )
    var grace = TimeSpan(CollectionOptions.defaultGrace)

    @Option(
        name: .customLong("trash-retention"),
        help: ArgumentHelp("How long deleted backups can be undeleted; 0 purges them now.", valueName: "time")
    )
    var trashRetention = TimeSpan(CollectionOptions.defaultTrashRetention)

    @Option(
        help: ArgumentHelp(
            "Leave blobs that were stored less than so long ago, though nobody names them: a backup that is stopped until its "
                + "next window goes on with them.",
            valueName: "time"
        )
    )
    var spare = TimeSpan(CollectionOptions.defaultSparing)

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let session = try Session(global, store, engine)
        var options = CollectionOptions(space: try marking.space(session))
        options.grace = grace.duration
        options.trashRetention = trashRetention.duration
        options.sparing = spare.duration
        options.isDryRun = isDryRun
        let vault = try await session.vault()
        let lines = CollectionLines(logger: session.logger)
        let collector = Collector(vault, options) { lines.tell($0, $1) }
        let report = try await withTaskExecutorPreference(session.context.io) { try await collector.run() }
        if report.kept.blobs > 0 {
            session.logger.warning(
                "the store does not let go of some blobs: a later collection tries again",
                metadata: ["blobs": "\(report.kept.blobs)", "reason": "\(report.keptReason ?? "")"]
            )
        }
        if let stray = report.firstStray {
            session.logger.warning(
                "objects below blobs/ are no blobs, and were left alone",
                metadata: ["objects": "\(report.strays)", "first": "\(stray)"]
            )
        }
        try session.output.print(VaultCollectResult(report: report))
    }
}

/// What a collection is doing, in the log: each step once, and a long one every 15 seconds.
private final class CollectionLines: Sendable {
    private let last = ThreadLock<(step: String, told: ContinuousClock.Instant)?>(nil)
    private let logger: Logger

    init(logger: Logger) { self.logger = logger }

    func tell(_ step: String, _ report: CollectionReport) {
        let now = ContinuousClock.now
        let isDue = last.withLock { last in
            if let told = last, told.step == step, now - told.told < .seconds(15) { return false }
            last = (step, now)
            return true
        }
        guard isDue else { return }
        logger.info(
            "the collection \(step)",
            metadata: [
                "blobs": "\(report.stored.blobs)", "condemned": "\(report.condemned.blobs)",
                "deleted": "\(report.deleted.blobs)",
            ]
        )
    }
}

/// A collection's report.
struct VaultCollectResult: Renderable {
    let report: CollectionReport

    var json: CollectionReport { report }

    var text: String {
        let would = report.isDryRun ? "would be " : ""
        var lines = [
            line("stored", report.stored, "in the vault now"),
            line("named", report.named, "of them named by backups or the trash"),
            line("deleted", report.deleted, "\(would)deleted"),
            line("condemned", report.condemned, "\(would)condemned: nobody names them"),
            line("young", report.young, "named by nobody, but stored too lately to be condemned"),
        ]
        if report.kept.blobs > 0 { lines.append(line("kept", report.kept, "the store does not let them go yet")) }
        if report.purgedBackups > 0 {
            lines.append("purged     \(report.purgedBackups) deleted backups \(would)ended")
        }
        if report.removedLists > 0 { lines.append("lists      \(report.removedLists) old ones removed") }
        if report.strays > 0 { lines.append("strays     \(report.strays) objects below blobs/ are no blobs") }
        if let next = report.nextSweep { lines.append("next       a list is due at \(next), by the store's clock") }
        return lines.map { $0 + "\n" }.joined()
    }

    private func line(_ name: String, _ blobs: CollectionReport.Blobs, _ meaning: String) -> String {
        let padded = name + String(repeating: " ", count: 11 - name.count)
        return "\(padded)\(blobs.blobs) blobs, \(ByteCount(blobs.bytes)) \(meaning)"
    }
}
