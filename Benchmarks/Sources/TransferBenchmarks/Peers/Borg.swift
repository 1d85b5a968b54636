/// BorgBackup without encryption, as Ringvault's vault is here.
///
/// `lz4` is its default and its fastest, `zstd,3` the like of Ringvault's. It works on one core; its files cache is on
/// by default. https://borgbackup.readthedocs.io/en/stable/usage/help.html#borg-help-compression
enum Borg {
    static let tool = Tool("borg")

    static func contender(_ source: Source, compression: String) -> Contender {
        let repository = source.scratch + "/borg"
        let stores = Contender.Place.directory(repository)
        func create(_ name: String) -> [String] {
            ["borg", "create", "--compression", compression, "\(repository)::\(name)", source.data]
        }
        return Contender(
            tool: tool,
            name: "borg \(compression)",
            environment: [
                "BORG_BASE_DIR": source.scratch + "/base", "BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK": "yes",
            ],
            preparation: [["borg", "init", "--encryption", "none", repository]],
            steps: [
                Contender.Step(job: .backup, arguments: create("first"), stores: stores),
                Contender.Step(job: .unchanged, arguments: create("second"), stores: stores),
                Contender.Step(job: .changed, arguments: create("third"), before: [source.change], stores: stores),
                Contender.Step(job: .look, arguments: ["borg", "check", repository]),
                Contender.Step(job: .verify, arguments: ["borg", "check", "--verify-data", repository]),
                Contender.Step(
                    job: .restore,
                    arguments: ["env", "-C", source.target, "borg", "extract", repository + "::third"],
                    restores: source.target
                ),
            ]
        )
    }
}
