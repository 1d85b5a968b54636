internal import ArgumentParser
internal import Operations
internal import TransferEngine
internal import Vault

/// The command `ringvault backup prune`.
struct BackupPrune: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune",
        abstract: "Move the backups into the trash that no --keep option wants.",
        discussion: """
            Counts complete backups, cluster by cluster; a backup stays if any option keeps it. Periods are in UTC, \
            weeks begin on Monday, and a period without a backup does not count. --keep-within reaches back from the \
            newest backup. Incomplete backups that are older than a complete one go when nothing was added to them for \
            --incomplete-after. The last complete backup of a cluster stays, unless --allow-deleting-last is given.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var engine: EngineOptions
    @OptionGroup var marking: MarkingOptions
    @OptionGroup var keep: KeepOptions

    @Option(help: ArgumentHelp("Only this cluster's.", valueName: "cluster"))
    var cluster: String?

    @Option(
        name: .customLong("incomplete-after"),
        help: ArgumentHelp("How long an incomplete backup must have stood still.", valueName: "time")
    )
    var incompleteAge = TimeSpan(Pruning.defaultIncompleteAge)

    @Flag(name: .customLong("allow-deleting-last"), help: "Also the last complete backup of a cluster may go.")
    var mayDeleteLast = false

    @Flag(name: .customLong("dry-run"), help: "Only tell what would be done.")
    var isDryRun = false

    @Flag(name: .customLong("skip-sizes"), help: "Do not work out what is freed, which reads every manifest.")
    var skipSizes = false

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let policy = try keep.policy()
        let session = try Session(global, store, engine)
        let vault = try await session.vault()
        let cluster = try session.settings.string(.cluster, cluster)
        let space = try marking.space(session)
        let (isDryRun, countsSpace, mayDeleteLast, age) = (isDryRun, !skipSizes, mayDeleteLast, incompleteAge.duration)
        let result = try await withTaskExecutorPreference(session.context.io) {
            let plans = try await Pruning(vault).plans(
                ofCluster: cluster,
                policy,
                incompleteAge: age,
                mayDeleteLast: mayDeleteLast,
                now: isDryRun ? Timestamp.now.seconds : nil
            )
            let verdicts = plans.flatMap(\.verdicts)
            let doomed = verdicts.filter { !$0.isKept }.map(\.id)
            var account: SpaceAccount?
            if countsSpace {
                let isNone = doomed.isEmpty
                account = isNone ? SpaceAccount() : try await SpaceAccount.of(Set(doomed), in: vault, space: space)
            }
            if !isDryRun {
                for id in doomed { _ = try await Trash(vault).delete(id) }
            }
            return BackupPruneResult(verdicts: verdicts, isDryRun: isDryRun, space: account)
        }
        try session.output.print(result)
    }
}

/// What `backup prune` keeps.
struct KeepOptions: ParsableArguments {
    @Option(name: .customLong("keep-last"), help: ArgumentHelp("The newest so many.", valueName: "n"))
    var last: Int?

    @Option(
        name: .customLong("keep-within"),
        help: ArgumentHelp("All that are at most so much older than the newest, such as 30d.", valueName: "time")
    )
    var within: TimeSpan?

    @Option(name: .customLong("keep-hourly"), help: ArgumentHelp("The last of so many hours.", valueName: "n"))
    var hourly: Int?

    @Option(name: .customLong("keep-daily"), help: ArgumentHelp("The last of so many days.", valueName: "n"))
    var daily: Int?

    @Option(name: .customLong("keep-weekly"), help: ArgumentHelp("The last of so many weeks.", valueName: "n"))
    var weekly: Int?

    @Option(name: .customLong("keep-monthly"), help: ArgumentHelp("The last of so many months.", valueName: "n"))
    var monthly: Int?

    @Option(name: .customLong("keep-yearly"), help: ArgumentHelp("The last of so many years.", valueName: "n"))
    var yearly: Int?

    func policy() throws -> RetentionPolicy {
        let numbers = [last, hourly, daily, weekly, monthly, yearly]
        guard within != nil || numbers.contains(where: { $0 != nil }) else {
            throw ValidationError("say what to keep, such as --keep-last 7 or --keep-daily 7 --keep-weekly 5")
        }
        guard numbers.allSatisfy({ $0.map { $0 >= 0 } ?? true }) else {
            throw ValidationError("a --keep option takes a number from 0")
        }
        var policy = RetentionPolicy()
        policy.last = last ?? 0
        policy.within = within?.duration
        policy.hourly = hourly ?? 0
        policy.daily = daily ?? 0
        policy.weekly = weekly ?? 0
        policy.monthly = monthly ?? 0
        policy.yearly = yearly ?? 0
        return policy
    }
}

/// What was kept and what went, and why.
struct BackupPruneResult: Renderable {
    struct JSON: Encodable {
        struct Backup: Encodable {
            let cluster: String
            let backup: String
            let started: Timestamp
            let isComplete: Bool
            let isKept: Bool
            let reason: String
        }

        let isDryRun: Bool
        let backups: [Backup]
        let space: SpaceAccount?
    }

    let verdicts: [RetentionPlan.Verdict]
    let isDryRun: Bool
    let space: SpaceAccount?

    var json: JSON {
        JSON(
            isDryRun: isDryRun,
            backups: verdicts.map {
                JSON.Backup(
                    cluster: $0.id.cluster,
                    backup: $0.id.backup,
                    started: $0.started,
                    isComplete: $0.isComplete,
                    isKept: $0.isKept,
                    reason: $0.reason
                )
            },
            space: space
        )
    }

    var text: String {
        if verdicts.isEmpty { return "The vault has no backups.\n" }
        var table = TextTable([
            ("CLUSTER", .left), ("BACKUP", .left), ("STARTED", .left), ("", .left), ("REASON", .left),
        ])
        for verdict in verdicts {
            table.append([
                verdict.id.cluster, verdict.id.backup, verdict.started.description,
                verdict.isKept ? "keep" : isDryRun ? "would delete" : "deleted", verdict.reason,
            ])
        }
        return table.text + (space?.text ?? "")
    }
}
