internal import SystemPackage

/// The restores that have left something in a node's data directories, and which one a request means.
struct RestoreExecutions {
    struct Entry {
        let folders: RestoreFolders
        /// Nil where it had not come to a journal.
        let content: RestoreJournal.Content?

        var stage: RestoreStage? { content?.stage }
    }

    let entries: [Entry]

    /// Blocks.
    init(in dataDirectories: [FilePath]) throws {
        entries = try RestoreFolders.all(in: dataDirectories).map { folders in
            Entry(folders: folders, content: try RestoreJournal.Content(of: folders.journal))
        }
    }

    /// The folders that a restore with that id goes on in or begins with, and puts what is to be said of it into the plan.
    func folders(_ request: RestoreRequest, _ plan: inout RestorePlan) -> RestoreFolders {
        let own = entries.filter { $0.folders.id == plan.id }.max { $0.folders.execution < $1.folders.execution }
        for entry in entries where entry.folders.name != own?.folders.name {
            guard let content = entry.content, content.stage.hasTouched, !content.stage.isEnd else { continue }
            plan.check(
                "no other restore",
                .failed,
                "\(entry.folders.name) of '\(content.header.backup)' (\(content.header.strategy.rawValue)) was "
                    + "interrupted after '\(content.stage.rawValue)': go on with it, or undo it"
            )
        }
        guard let own else { return RestoreFolders(plan.id, in: request.dataDirectories) }
        plan.stage = own.stage
        guard let stage = own.stage, stage.isEnd else { return own.folders }
        if request.isAgain {
            plan.stage = nil
            return RestoreFolders(plan.id, execution: own.folders.execution + 1, in: request.dataDirectories)
        }
        let last = own.content?.records.last
        plan.check(
            "not done yet",
            .failed,
            "this restore was \(stage == .done ? "finished" : "undone") \(last.map { "at \($0.time)" } ?? ""): "
                + "--again does it once more"
        )
        return own.folders
    }
}
