internal import SystemPackage
internal import TransferEngine

/// One directory below a target that files are restored to; files of its indexes lie one level below it.
///
/// It knows whether it was there when the restore came to it: in one that was not, nothing needs to be looked for.
final class RestoreFolder: Sendable {
    private struct State {
        var directory: OpenDirectory?
        var isNew: Bool
    }

    let path: FilePath
    private let state: ThreadLock<State>

    /// Looks whether it is there.
    ///
    /// Blocks.
    init(_ path: FilePath) throws(FileError) {
        self.path = path
        do throws(FileError) {
            state = ThreadLock(State(directory: try OpenDirectory(path), isNew: false))
        } catch {
            guard error.code == .notFound else { throw error }
            state = ThreadLock(State(directory: nil, isNew: true))
        }
    }

    /// Whether all that stands in it was written by this restore.
    var isNew: Bool { state.withLock { $0.isNew } }

    /// What stands under the name; nil: nothing does, or it was made by this restore.
    ///
    /// Blocks.
    func status(of name: String) throws(FileError) -> FileStatus? {
        let (directory, isNew) = state.withLock { ($0.directory, $0.isNew) }
        guard !isNew, let directory else { return nil }
        do throws(FileError) {
            return try directory.status(of: name)
        } catch {
            guard error.code == .notFound else { throw error }
            return nil
        }
    }

    /// The directory itself, which is made if it is not there.
    ///
    /// Blocks.
    func opened() throws(FileError) -> OpenDirectory {
        try state.withLock { state throws(FileError) in
            if let directory = state.directory { return directory }
            try FileTree.makeDirectories(path)
            let directory = try OpenDirectory(path)
            state.directory = directory
            return directory
        }
    }
}
