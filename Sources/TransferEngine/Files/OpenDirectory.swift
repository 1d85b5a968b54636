internal import CLinux
internal import Glibc
package import SystemPackage

/// A directory that is held open, so that files in it are reached by name: of a path the system looks up every part, for
/// every file again.
///
/// Names may have several parts, `.orders_idx/nb-1-big-Data.db`. Every call blocks.
package final class OpenDirectory: Sendable {
    package let path: FilePath
    let descriptor: Int32

    /// Opens `path`, which may end in a symbolic link to a directory.
    package init(_ path: FilePath) throws(FileError) {
        let descriptor = unsafe path.withPlatformString { unsafe clinux_open_directory($0) }
        guard descriptor >= 0 else { throw FileError("open the directory", path, .current) }
        self.path = path
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// What stands under `name`; a symbolic link is not followed.
    ///
    /// Wraps fstatat(2).
    package func status(of name: String) throws(FileError) -> FileStatus {
        var status = clinux_file_status()
        guard unsafe clinux_status_at(descriptor, name, 0, &status) == 0 else {
            throw FileError("examine", path.appending(name), .current)
        }
        return FileStatus(status)
    }

    /// Renames, replacing what has the name `new`.
    ///
    /// Wraps renameat(2).
    package func rename(_ old: String, to new: String) throws(FileError) {
        guard unsafe renameat(descriptor, old, descriptor, new) != 0 else { return }
        throw FileError("rename \(path.appending(old)) to", path.appending(new), .current)
    }

    /// Renames; fails with code `.exists` if `new` is taken.
    ///
    /// Wraps renameat2(2), link(2) where the file system lacks it.
    package func renameNew(_ old: String, to new: String) throws(FileError) {
        if unsafe clinux_rename_new_at(descriptor, old, new) == 0 { return }
        let errno = Errno.current
        guard errno == .invalidArgument || errno == .noFunction else {
            throw FileError("rename \(path.appending(old)) to", path.appending(new), errno)
        }
        try FileTree.renameNew(path.appending(old), to: path.appending(new))
    }
}

/// A file's place: its whole path, or its name in a directory that is open.
enum FilePlace: Sendable {
    case path(FilePath)
    case name(String, in: OpenDirectory)

    var path: FilePath {
        switch self {
        case .path(let path): path
        case .name(let name, let directory): directory.path.appending(name)
        }
    }

    /// Opens it, again where a signal came.
    ///
    /// - Parameter mode: permission bits of a file that is made.
    /// - Returns: its descriptor; negative with errno where it failed.
    func open(_ flags: Int32, mode: UInt32 = 0) -> Int32 {
        var descriptor: Int32 = -1
        repeat {
            switch self {
            case .path(let path):
                descriptor = unsafe path.withPlatformString { unsafe Glibc.open($0, flags, mode) }
            case .name(let name, let directory):
                descriptor = unsafe openat(directory.descriptor, name, flags, mode)
            }
        } while descriptor < 0 && errno == EINTR
        return descriptor
    }
}
