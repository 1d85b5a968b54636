internal import ArgumentParser
internal import Operations
internal import Vault

/// The command `ringvault vault check`.
struct VaultCheck: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Look whether every backup in the vault can be restored.",
        discussion: """
            As 'backup verify', for all backups at once: a blob that many of them name is looked at once. Counts as \
            well what no backup needs: blobs that nothing names ('vault collect' deletes those) and objects that are \
            none of a vault's. Exit status 6: something is damaged.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var engine: EngineOptions
    @OptionGroup var verification: VerificationOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let session = try Session(global, store, engine)
        let vault = try await session.vault()
        let run = VerificationRun(vault, try verification.options(.vault), session.context)
        let report = try await session.showing("the check", session.context.progress) { try await run.run() }
        try session.output.print(VerificationResult(report: report))
        try report.check("the vault \(session.location)")
    }
}
