internal import CLinux
internal import Glibc
package import SystemPackage

/// Names in the file system: directories made, files renamed, linked and removed.
///
/// Every call blocks.
package enum FileTree {
    /// Makes `path` and the directories above it.
    ///
    /// A directory that is there already is fine.
    ///
    /// - Parameters:
    ///   - isDurable: whether each new name is synced, so that a power loss cannot take it back.
    ///   - mode: permission bits of `path` itself if it is made now; the process's umask applies.
    package static func makeDirectories(
        _ path: FilePath,
        isDurable: Bool = false,
        mode: UInt32 = 0o755
    ) throws(FileError) {
        var errno = makeDirectory(path, mode)
        if errno == .noSuchFileOrDirectory, !path.removingLastComponent().isEmpty {
            try makeDirectories(path.removingLastComponent(), isDurable: isDurable)
            errno = makeDirectory(path, mode)  // procfs says the same again, of whatever name
        }
        guard let errno else {
            if isDurable { try syncDirectory(path.removingLastComponent()) }
            return
        }
        guard errno == .fileExists, try FileStatus(of: path, followingLinks: true).kind == .directory else {
            throw FileError("create the directory", path, errno)
        }
    }

    /// - Returns: why it was not made; nil if it was.
    private static func makeDirectory(_ path: FilePath, _ mode: UInt32) -> Errno? {
        unsafe path.withPlatformString({ unsafe mkdir($0, mode) }) == 0 ? nil : .current
    }

    /// Gives the file a second name.
    ///
    /// Wraps link(2).
    ///
    /// - Throws: `FileError`, with code `.exists` if `new` is taken.
    package static func link(_ existing: FilePath, to new: FilePath) throws(FileError) {
        let answer = unsafe existing.withPlatformString { from in
            unsafe new.withPlatformString { unsafe Glibc.link(from, $0) }
        }
        guard answer == 0 else { throw FileError("link \(existing) to", new, .current) }
    }

    /// Writes the bytes of a regular file into a new one, which takes the place of what has the name `new`.
    package static func copy(_ existing: FilePath, to new: FilePath) throws(FileError) {
        try remove(new)
        let copy = try WritableFile(new, creation: .mustBeNew)
        do {
            let source = try FileDescriptor.open(existing, .readOnly, options: [.closeOnExec, .noFollow])
            try source.closeAfter {
                var piece = [UInt8](repeating: 0, count: 1 << 20)
                var offset: Int64 = 0
                while true {
                    let got = try unsafe piece.withUnsafeMutableBytes { unsafe try source.read(into: $0) }
                    if got == 0 { return }
                    try copy.write(piece.span.extracting(0..<got), at: offset)
                    offset += Int64(got)
                }
            }
        } catch {
            throw error as? FileError ?? FileError("copy \(existing) to", new, error as? Errno ?? .ioError)
        }
    }

    /// Renames, replacing what has the name `new`.
    ///
    /// Wraps rename(2).
    package static func rename(_ old: FilePath, to new: FilePath) throws(FileError) {
        let answer = unsafe old.withPlatformString { from in
            unsafe new.withPlatformString { unsafe Glibc.rename(from, $0) }
        }
        guard answer == 0 else { throw FileError("rename \(old) to", new, .current) }
    }

    /// Renames; fails with code `.exists` if `new` is taken.
    ///
    /// Wraps renameat2(2), link(2) where the file system lacks it.
    package static func renameNew(_ old: FilePath, to new: FilePath) throws(FileError) {
        let answer = unsafe old.withPlatformString { from in
            unsafe new.withPlatformString { unsafe clinux_rename_new(from, $0) }
        }
        if answer == 0 { return }
        let errno = Errno.current
        guard errno == .invalidArgument || errno == .noFunction else { throw FileError("rename \(old) to", new, errno) }
        if try FileStatus(of: old).kind == .directory {
            // No directory has two names. mkdir(2) fails where the name is taken, and rename(2) replaces an empty one.
            try makeDirectories(new.removingLastComponent())
            guard let errno = makeDirectory(new, 0o700) else { return try rename(old, to: new) }
            throw FileError("rename \(old) to", new, errno)
        }
        try link(old, to: new)
        try remove(old)
    }

    /// Removes one name of a file.
    ///
    /// One that is not there is fine. Wraps unlink(2).
    package static func remove(_ path: FilePath) throws(FileError) {
        guard unsafe path.withPlatformString({ unsafe unlink($0) }) != 0, errno != ENOENT else { return }
        throw FileError("remove", path, .current)
    }

    /// Removes an empty directory; one that is not there is fine.
    ///
    /// Wraps rmdir(2).
    package static func removeDirectory(_ path: FilePath) throws(FileError) {
        guard unsafe path.withPlatformString({ unsafe rmdir($0) }) != 0, errno != ENOENT else { return }
        throw FileError("remove the directory", path, .current)
    }

    /// Removes `path` with all below it; symbolic links are removed, not followed.
    package static func removeAll(_ path: FilePath) throws(FileError) {
        let status: FileStatus
        do {
            status = try FileStatus(of: path)
        } catch {
            if error.code == .notFound { return }
            throw error
        }
        guard status.kind == .directory else { return try remove(path) }
        for name in try DirectoryListing.components(of: path) { try removeAll(path.appending(name)) }
        try removeDirectory(path)
    }

    /// Whether a process, or another opening of this one, has locked the file; nothing is locked after the call.
    ///
    /// Wraps flock(2).
    package static func isLocked(_ path: FilePath) throws(FileError) -> Bool {
        let flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK
        let descriptor = unsafe path.withPlatformString { unsafe open($0, flags) }
        guard descriptor >= 0 else { throw FileError("open", path, .current) }
        defer { close(descriptor) }
        if flock(descriptor, LOCK_EX | LOCK_NB) == 0 {
            // Closing is not enough: a child process being started has the descriptor as well, and would keep the lock.
            flock(descriptor, LOCK_UN)
            return false
        }
        guard Errno.current == .wouldBlock else { throw FileError("lock", path, .current) }
        return true
    }

    /// Makes the names in the directory durable.
    ///
    /// Wraps fsync(2).
    package static func syncDirectory(_ path: FilePath) throws(FileError) {
        try withDirectory(path) { (descriptor) throws(FileError) in
            // EINVAL: some network file systems cannot sync a directory, and do not need it.
            guard fsync(descriptor) != 0, errno != EINVAL else { return }
            throw FileError("sync", path, .current)
        }
    }

    /// Writes everything dirty of the file system that holds `path`: one call instead of one for each of many files.
    ///
    /// Wraps syncfs(2).
    package static func syncFileSystem(of path: FilePath) throws(FileError) {
        try withDirectory(path) { (descriptor) throws(FileError) in
            guard clinux_sync_file_system(descriptor) != 0 else { return }
            throw FileError("sync the file system of", path, .current)
        }
    }

    /// Bytes that an unprivileged process may still write where `path` lies.
    ///
    /// Wraps statvfs(3).
    package static func freeSpace(at path: FilePath) throws(FileError) -> Int64 {
        var free: Int64 = 0
        guard unsafe path.withPlatformString({ unsafe clinux_free_space($0, &free) }) == 0 else {
            throw FileError("ask for free space at", path, .current)
        }
        return free
    }

    private static func withDirectory(
        _ path: FilePath,
        _ body: (Int32) throws(FileError) -> Void
    ) throws(FileError) {
        let path = path.isEmpty ? FilePath(".") : path
        let descriptor = unsafe path.withPlatformString { unsafe open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard descriptor >= 0 else { throw FileError("open", path, .current) }
        defer { close(descriptor) }
        try body(descriptor)
    }
}
