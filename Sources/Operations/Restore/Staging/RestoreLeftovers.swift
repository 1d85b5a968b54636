internal import Cassandra
package import SystemPackage
internal import TransferEngine
package import Vault

/// What restores into a node have left in its data directories, and the only way in which any of it is deleted: when
/// somebody says so.
package struct RestoreLeftovers: Sendable {
    /// One restore.
    package struct Entry: Sendable, Hashable, Codable {
        /// `restore-3e2816e0e538`.
        package let name: String
        package let id: RestoreID?
        /// The next three are nil for one that has no journal.
        package let strategy: RestoreStrategy?
        package let cluster: String?
        package let backup: String?
        package let stage: RestoreStage?
        /// When that stage was come to.
        package let time: Timestamp?
        /// Plain bytes, each name of a file counted.
        package let stagedBytes: Int64
        package let asideBytes: Int64
        package let undoneBytes: Int64
        /// Whether nothing of it is left to do.
        package var isEnded: Bool { stage?.isEnd ?? true }
    }

    package let dataDirectories: [FilePath]

    package init(in dataDirectories: [FilePath]) { self.dataDirectories = dataDirectories }

    /// In order of name; blocks.
    package func entries() throws -> [Entry] { try RestoreExecutions(in: dataDirectories).entries.map(entry) }

    /// The folders of the restore that is meant: the one of that name or id, or the only one that `isCandidate` lets pass.
    ///
    /// Blocks.
    ///
    /// - Throws: `RunError`: `.notFound` if there is none, `.invalid` if it has to be said which.
    package func folders(
        _ name: String?,
        _ purpose: String,
        where isCandidate: (Entry) -> Bool
    ) throws -> RestoreFolders {
        let all = try RestoreExecutions(in: dataDirectories).entries
        let places = dataDirectories.map(\.string).joined(separator: ", ")
        if let name {
            let named = all.filter { $0.folders.name == name || $0.folders.name == "restore-\(name)" }
            guard let found = named.first else {
                let known = all.map(\.folders.name).joined(separator: ", ")
                let hint = known.isEmpty ? "there is none" : "there are \(known)"
                throw RunError(.notFound, purpose, "the restore \(name)", "in \(places) \(hint)")
            }
            return found.folders
        }
        let candidates = try all.filter { isCandidate(try entry($0)) }
        guard let first = candidates.first else {
            throw RunError(.notFound, purpose, "a restore", "there is none in \(places)")
        }
        guard candidates.count == 1 else {
            let names = candidates.map(\.folders.name).joined(separator: ", ")
            throw RunError(.invalid, purpose, "a restore", "there are \(names): say which with --id")
        }
        return first.folders
    }

    /// Deletes what is staged of a restore that is not half way; blocks.
    ///
    /// - Throws: `RunError` with code `.conflict` for one that needs it.
    package func discardStage(_ folders: RestoreFolders) throws {
        try alone {
            try check(folders, "discard what is staged of") { $0?.hasTouched != true || $0?.isEnd == true }
            for stage in folders.stages { try FileTree.removeAll(stage) }
        }
    }

    /// Deletes all of a restore that has ended: what was set aside, what an undo has taken out, and its journal; it can no
    /// longer be undone.
    ///
    /// Blocks.
    ///
    /// - Throws: `RunError` with code `.conflict` for one that has not ended.
    package func discardAll(_ folders: RestoreFolders) throws {
        try alone {
            try check(folders, "discard what was set aside by") { $0?.isEnd ?? true }
            for place in try sidePlaces(folders) {
                try FileTree.removeAll(place)
                try removeIfEmpty(place.removingLastComponent())
            }
            // The journal last: without it nobody could say what the rest is.
            let home = folders.journal.removingLastComponent()
            for index in dataDirectories.indices where folders.folder(index) != home {
                try FileTree.removeAll(folders.folder(index))
                try removeIfEmpty(folders.folder(index).removingLastComponent())
            }
            for name in ["stage", "aside", "undone"] { try FileTree.removeAll(home.appending(name)) }
            try FileTree.removeAll(home)
            try removeIfEmpty(home.removingLastComponent())
        }
    }

    // MARK: Parts

    private func alone(_ body: () throws -> Void) throws {
        let locks = try dataDirectories.map { try DirectoryLock($0, "clean up in") }
        defer { withExtendedLifetime(locks) {} }
        try body()
    }

    private func check(_ folders: RestoreFolders, _ operation: String, _ isFine: (RestoreStage?) -> Bool) throws {
        let stage = try RestoreJournal.Content(of: folders.journal)?.stage
        guard isFine(stage) else {
            throw RunError(
                .conflict,
                operation,
                folders.name,
                "it was interrupted after '\(stage?.rawValue ?? "")': go on with it, or undo it, first"
            )
        }
    }

    /// Directories of the restore outside the data directories, where what lay beside the data was set aside.
    private func sidePlaces(_ folders: RestoreFolders) throws -> [FilePath] {
        guard let moves = try? InPlaceMoves.read(folders) else { return [] }
        let own = dataDirectories.indices.map { folders.folder($0).string }
        let places = moves.sides.map { FilePath($0.aside).removingLastComponent().removingLastComponent() }
        return Set(places).filter { place in
            // Only ever a directory with the restore's own name.
            place.lastComponent?.string == folders.name
                && place.removingLastComponent().lastComponent?.string == DirectoryLevel.ownDirectory
                && !own.contains(place.string)
        }
        .sorted { $0.string < $1.string }
    }

    private func removeIfEmpty(_ directory: FilePath) throws(FileError) {
        guard let names = try? DirectoryListing(of: directory).names, names.isEmpty else { return }
        try FileTree.removeDirectory(directory)
    }

    private func entry(_ execution: RestoreExecutions.Entry) throws -> Entry {
        let folders = execution.folders
        func bytes(_ places: [FilePath]) throws -> Int64 {
            var (files, bytes) = (0, Int64(0))
            for place in places where (try? FileStatus(of: place)) != nil {
                try LiveTable.count(place, &files, &bytes)
            }
            return bytes
        }
        let sides = (try? InPlaceMoves.read(folders))?.sides ?? []
        let indices = dataDirectories.indices
        return Entry(
            name: folders.name,
            id: folders.id,
            strategy: execution.content?.header.strategy,
            cluster: execution.content?.header.cluster,
            backup: execution.content?.header.backup,
            stage: execution.stage,
            time: execution.content?.records.last?.time,
            stagedBytes: try bytes(folders.stages),
            asideBytes: try bytes(indices.map(folders.aside) + sides.map { FilePath($0.aside) }),
            undoneBytes: try bytes(indices.map(folders.undone) + sides.map { FilePath($0.undone) })
        )
    }
}
