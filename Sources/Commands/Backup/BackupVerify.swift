internal import ArgumentParser
internal import Operations
internal import Vault

/// The command `ringvault backup verify NAME`.
struct BackupVerify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Look whether a backup can be restored.",
        discussion: """
            Reads its documents to their ends and looks at every blob they name, each once. Levels: list (it is there, \
            with the size it was stored with), checksum (its stored bytes have the CRC-32C they were stored with; S3 \
            and Google Cloud tell it without giving out the bytes, elsewhere they are read), full (read back, decoded, \
            and every file in it hashed). Nothing is written. Exit status 6: something is damaged.
            """
    )

    @Argument(help: "Name of the backup.")
    var name: String

    @OptionGroup var store: StoreOptions
    @OptionGroup var engine: EngineOptions

    @Option(help: ArgumentHelp("The cluster, where several have such a backup.", valueName: "cluster"))
    var cluster: String?

    @Option(help: ArgumentHelp("Only this node's part, by its host id.", valueName: "uuid"))
    var node: String?

    @OptionGroup var verification: VerificationOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let session = try Session(global, store, engine)
        let cluster = try session.settings.string(.cluster, cluster)
        let subject = VerifyOptions.Subject.backup(name, cluster: cluster, host: try node.map(HostIDArgument.parse))
        let vault = try await session.vault()
        let run = VerificationRun(vault, try verification.options(subject), session.context)
        let report = try await session.showing("the verification", session.context.progress) { try await run.run() }
        try session.output.print(VerificationResult(report: report))
        try report.check("the backup '\(name)'")
    }
}
