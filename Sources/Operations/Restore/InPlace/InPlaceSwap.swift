internal import Cassandra
internal import SystemPackage
internal import TransferEngine

/// Takes files out of a node's directories and puts others in their places: by renaming, nothing is ever removed.
///
/// Each step may be killed anywhere and done again: what has been moved already is not there to be moved. Every call blocks.
struct InPlaceSwap {
    let folders: RestoreFolders
    let moves: InPlaceMoves
    /// Called before each rename, for tests: a fault at each.
    var beforeMove: ((FilePath) throws -> Void)?

    init(_ folders: RestoreFolders, _ moves: InPlaceMoves, beforeMove: ((FilePath) throws -> Void)? = nil) {
        self.folders = folders
        self.moves = moves
        self.beforeMove = beforeMove
    }

    private var data: [FilePath] { folders.dataDirectories }

    // MARK: Steps

    /// What the node has, to where it is set aside.
    func setAside() throws {
        for index in data.indices {
            for table in moves.all {
                try moveContent(of: data[index].appending(table), to: folders.aside(index).appending(table), index)
            }
        }
        for side in moves.sides { try moveContent(of: FilePath(side.path), to: FilePath(side.aside), nil) }
        try sync()
    }

    /// What is staged, to its places.
    func place() throws {
        for index in data.indices {
            for table in moves.replaced {
                try moveContent(of: folders.stage(index).appending(table), to: data[index].appending(table), index)
            }
        }
        try sync()
    }

    /// What now stands where the restore has placed files, out of the node again.
    func takeOut() throws {
        for index in data.indices {
            for table in moves.all {
                try moveContent(of: data[index].appending(table), to: folders.undone(index).appending(table), index)
            }
        }
        for side in moves.sides { try moveContent(of: FilePath(side.path), to: FilePath(side.undone), nil) }
        try sync()
    }

    /// What was set aside, to where it was; and no directory stays that was not there.
    func bringBack() throws {
        for index in data.indices {
            for table in moves.all {
                try moveContent(of: folders.aside(index).appending(table), to: data[index].appending(table), index)
            }
            // The deepest first; what holds something by now stays.
            for path in moves.created[index].sorted(by: { $0.utf8.count > $1.utf8.count }) {
                let directory = data[index].appending(path)
                guard let names = try? DirectoryListing(of: directory).names, names.isEmpty else { continue }
                try FileTree.removeDirectory(directory)
            }
        }
        for side in moves.sides { try moveContent(of: FilePath(side.aside), to: FilePath(side.path), nil) }
        try sync()
    }

    /// How much is set aside now.
    func countAside() throws -> InPlaceMoves.Count {
        var count = InPlaceMoves.Count()
        let places = data.indices.map { folders.aside($0) } + moves.sides.map { FilePath($0.aside) }
        for path in places where (try? FileStatus(of: path)) != nil {
            try LiveTable.count(path, &count.files, &count.bytes)
        }
        return count
    }

    // MARK: Moving

    /// - Parameter index: of the data directory that both are in; nil for a side, which keeps its own directory.
    private func moveContent(of from: FilePath, to directory: FilePath, _ index: Int?) throws {
        guard (try? FileStatus(of: from, followingLinks: true)) != nil else { return }
        let names = try DirectoryListing.components(of: from).filter { name in
            !LiveTable.kept.contains(name.string) && name.string != DirectoryLevel.ownDirectory
        }
        guard !names.isEmpty else { return }
        try make(directory, like: index.map { data[$0] } ?? from)
        for name in names {
            let (old, new) = (from.appending(name), directory.appending(name))
            try beforeMove?(old)
            do throws(FileError) {
                try FileTree.renameNew(old, to: new)
            } catch {
                guard error.code == .exists else { throw error }
                throw RunError(
                    .conflict,
                    "move \(old) to",
                    "\(new)",
                    "something stands there that this restore has not put there: was the node started meanwhile?"
                )
            }
        }
    }

    private func make(_ directory: FilePath, like other: FilePath) throws(FileError) {
        if (try? FileStatus(of: directory, followingLinks: true))?.kind == .directory { return }
        let above = directory.removingLastComponent()
        try make(above, like: other)
        try FileTree.makeDirectories(directory)
        try FileOwner(of: other).take(directory)
    }

    /// Names that were moved stay moved when power fails.
    private func sync() throws {
        for path in data + moves.sides.flatMap({ [FilePath($0.path), FilePath($0.aside)] })
        where (try? FileStatus(of: path, followingLinks: true)) != nil {
            try FileTree.syncFileSystem(of: path)
        }
    }
}
