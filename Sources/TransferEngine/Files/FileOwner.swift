internal import Glibc
package import SystemPackage

/// Whose a directory is and who may use it: what is made in it is to be no different.
///
/// A program that runs as root makes files of root, which the database could not open.
package struct FileOwner: Sendable, Hashable {
    package let user: UInt32
    package let group: UInt32
    /// Permission bits of directories, and of files: the same without the right to execute.
    package let directoryMode: UInt16
    package var fileMode: UInt16 { directoryMode & 0o666 }

    /// Of that directory; blocks.
    package init(of directory: FilePath) throws(FileError) {
        let status = try FileStatus(of: directory, followingLinks: true)
        (user, group, directoryMode) = (status.user, status.group, status.permissions & 0o7777)
    }

    /// Gives it what stands at `path`: a file or a directory itself, never what a symbolic link names; blocks.
    ///
    /// A file with several names is left as it is, since the others are not ours to change.
    ///
    /// - Throws: `FileError`, with code `.accessDenied` for a process that may not give files away.
    package func take(_ path: FilePath) throws(FileError) {
        let status = try FileStatus(of: path)
        let mode: UInt16
        switch status.kind {
        case .regular where status.linkCount == 1: mode = fileMode
        case .directory: mode = directoryMode
        case .regular, .other: return
        }
        // The owner first: chown(2) takes the set-id bits away.
        if status.user != user || status.group != group {
            guard unsafe path.withPlatformString({ unsafe lchown($0, user, group) }) == 0 else {
                throw FileError("give to user \(user), group \(group) the file", path, .current)
            }
        }
        guard status.permissions != mode else { return }
        guard unsafe path.withPlatformString({ unsafe chmod($0, mode_t(mode)) }) == 0 else {
            throw FileError("set the permissions of", path, .current)
        }
    }

    /// Gives it `path` and all below; blocks.
    package func takeAll(_ path: FilePath) throws(FileError) {
        try take(path)
        guard try FileStatus(of: path).kind == .directory else { return }
        for name in try DirectoryListing(of: path).names { try takeAll(path.appending(name)) }
    }

    /// Makes the directory `names` below `base`, which is there, and gives it each that is new; blocks.
    ///
    /// Names are durable when it returns.
    @discardableResult
    package func makeDirectories(_ names: [String], in base: FilePath) throws(FileError) -> FilePath {
        var path = base
        for name in names {
            let above = path
            path.append(name)
            if (try? FileStatus(of: path, followingLinks: true))?.kind == .directory { continue }
            try FileTree.makeDirectories(path)
            try take(path)
            try FileTree.syncDirectory(above)
        }
        return path
    }
}
