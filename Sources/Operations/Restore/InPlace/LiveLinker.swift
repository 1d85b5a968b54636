internal import SystemPackage
internal import TransferEngine
internal import Vault

/// Gives files of a node that may be the backup's a second name in the stage, so that they need not be fetched.
///
/// Name and size are enough to try: every file of a stage is read and proved afterwards, and one that is not the backup's
/// is replaced there, which leaves the node's as it is.
struct LiveLinker: Sendable {
    /// Components that Cassandra may write again under their names, into the same file: those are copied. All others are
    /// written once; `Statistics.db` too is replaced by a new file, but is small.
    ///
    /// Source: `SSTable.appendTOC`, `SSTableReader.saveBloomFilter` and `saveSummary`, 3.11 to 5.0.
    static let rewritten = ["TOC.txt", "Filter.db", "Summary.db", "Statistics.db"]

    private let folders: RestoreFolders
    private let route: RestoreRoute

    init(_ folders: RestoreFolders, _ route: RestoreRoute) {
        self.folders = folders
        self.route = route
    }

    /// The node's file of that name, if its size is right.
    func standing(_ directory: Int, _ place: String, _ file: ManifestFile) -> StandingFile? {
        // As a string: a node has thousands, and FilePath normalises at every step.
        let path = FilePath("\(folders.dataDirectories[directory].string)/\(place)/\(file.path)")
        guard let status = try? FileStatus(of: path), status.kind == .regular, status.size == file.size else {
            return nil
        }
        return StandingFile(path: path, isShared: !Self.rewritten.contains { file.path.hasSuffix("-\($0)") })
    }

    /// Links or copies what stands there into the stages; blocks.
    ///
    /// - Throws: `RunError`, `VaultError`, `FileError`.
    func link(_ selection: RestoreSelection, in vault: Vault) async throws {
        var chooser = TargetChooser(folders.stages)
        var manifest = try await ManifestReader.open(vault, key: selection.key)
        while let line = try await manifest.next() {
            guard case .group(let group) = line, let place = route.place(of: group) else { continue }
            guard let index = chooser.target(for: group, at: place, preferred: route.target(group)) else {
                throw RestoreSurvey.clash(group)
            }
            for file in group.files {
                guard let found = standing(index, place, file) else { continue }
                try Task.checkCancellation()
                try link(found, to: FilePath("\(folders.stage(index).string)/\(place)/\(file.path)"))
            }
        }
    }

    private func link(_ file: StandingFile, to path: FilePath) throws(FileError) {
        if (try? FileStatus(of: path)) != nil { return }
        do throws(FileError) {
            do throws(FileError) {
                try give(file, to: path)
            } catch {
                guard error.code == .notFound else { throw error }
                try FileTree.makeDirectories(path.removingLastComponent())
                try give(file, to: path)
            }
        } catch {
            switch error.code {
            // Compacted away by a node that still runs, or somebody else's (protected_hardlinks): it is fetched.
            case .notFound, .accessDenied: break
            case .exists, .outOfSpace, .tooManyOpenFiles, .truncated, .changed, .notRegular, .other: throw error
            }
        }
    }

    private func give(_ file: StandingFile, to path: FilePath) throws(FileError) {
        guard !file.isShared else { return try FileTree.link(file.path, to: path) }
        let new = FilePath(path.string + ".copy")
        try FileTree.copy(file.path, to: new)
        try FileTree.rename(new, to: path)
    }
}
