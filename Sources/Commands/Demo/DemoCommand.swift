internal import ArgumentParser
internal import FoundationEssentials
internal import Logging
internal import Operations
internal import SystemPackage
internal import TransferEngine

/// The command `ringvault demo`.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Back up, back up again and restore real SSTables, and compare every byte.",
        discussion: "Works in a new temporary directory, which is removed at the end unless --keep is given."
    )

    @Option(
        help: ArgumentHelp("Directory with captured nodes, one for each Cassandra version.", valueName: "directory")
    )
    var captures = "Tests/Fixtures/cassandra"

    @Flag(help: "Leave vault, nodes and restored files for a look.")
    var keep = false

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let settings = try global.settings()
        let output = try global.output(settings)
        var logger = try global.logger(settings)
        if global.logLevel == nil { logger.logLevel = .warning }
        let parent = ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp"
        let work = FilePath(parent).appending("ringvault-demo-\(UUID().uuidString.lowercased())")
        let io = IOExecutor(threads: 1)
        try await withTaskExecutorPreference(io) { [logger, captures] in
            try FileTree.makeDirectories(work)
            do {
                let demonstration = Demonstration(captures: FilePath(captures), work: work, logger: logger)
                try output.print(DemoResult(report: try await demonstration.run(), kept: keep ? "\(work)" : nil))
            } catch {
                if !keep { try? FileTree.removeAll(work) }  // the first error is the one to tell of
                throw error
            }
            if !keep { try FileTree.removeAll(work) }
        }
    }
}

/// What was new, reused and stored in each step.
struct DemoResult: Renderable {
    let report: Demonstration.Report
    let kept: String?

    var json: Demonstration.Report { report }

    var text: String {
        var table = TextTable([
            ("CASSANDRA", .left), ("STEP", .left), ("FILES", .right), ("SIZE", .right), ("NEW", .right),
            ("REUSED", .right), ("STORED", .right), ("OBJECTS", .right), ("SECONDS", .right),
        ])
        for step in report.steps {
            let isBackup = step.name.hasPrefix("backup")
            table.append([
                step.node, step.name, "\(step.files)", ByteCount(step.bytes).description,
                ByteCount(step.newBytes).description, ByteCount(step.reusedBytes).description,
                isBackup ? ByteCount(step.storedBytes).description : "-", isBackup ? "\(step.blobs)" : "-",
                "\(Double(Int(step.seconds * 100)) / 100)",
            ])
        }
        var text = table.text
        text +=
            "\n\(report.identicalFiles) restored files (\(ByteCount(report.identicalBytes))) were compared with the "
        text += "nodes' own, byte for byte: all are identical.\n"
        if let kept { text += "Vault, nodes and restored files are in \(kept)\n" }
        return text
    }
}
