internal import ArgumentParser

/// The command `ringvault backup …`.
struct BackupCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Back up this node; list, show, verify, compare and delete backups.",
        subcommands: [
            BackupStart.self, BackupStop.self, BackupStatus.self, BackupLimit.self, BackupList.self, BackupShow.self,
            BackupSchema.self, BackupDiff.self, BackupVerify.self, BackupDelete.self, BackupUndelete.self,
            BackupPrune.self,
        ]
    )
}
