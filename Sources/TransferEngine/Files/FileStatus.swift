internal import CLinux
internal import Glibc
package import SystemPackage

/// What the file system says of one file.
package struct FileStatus: Sendable, Hashable {
    package enum Kind: Sendable, Hashable { case regular, directory, other }

    package let device: UInt64
    package let inode: UInt64
    /// Bytes.
    package let size: Int64
    /// Last modification, in nanoseconds since 1970.
    package let modified: Int64
    package let kind: Kind
    /// Names of this inode.
    package let linkCount: Int
    /// Who may do what, as chmod(2) takes it.
    package let permissions: UInt16
    /// Whose it is: numbers of user and group.
    package let user: UInt32
    package let group: UInt32

    /// Asks by path; a symbolic link at its end is `.other` unless `followingLinks`.
    ///
    /// Blocks. Wraps fstatat(2).
    package init(of path: FilePath, followingLinks: Bool = false) throws(FileError) {
        var status = clinux_file_status()
        let answer = unsafe path.withPlatformString { path in
            unsafe clinux_status_at(AT_FDCWD, path, followingLinks ? 1 : 0, &status)
        }
        guard answer == 0 else { throw FileError("examine", path, .current) }
        self.init(status)
    }

    /// Asks an open file.
    ///
    /// Blocks. Wraps fstat(2).
    init(of descriptor: Int32, path: FilePath) throws(FileError) {
        guard let status = Self(of: descriptor) else { throw FileError("examine", path, .current) }
        self = status
    }

    /// The same; nil with errno where it failed.
    init?(of descriptor: Int32) {
        var status = clinux_file_status()
        guard unsafe clinux_status(descriptor, &status) == 0 else { return nil }
        self.init(status)
    }

    init(_ status: clinux_file_status) {
        device = status.device
        inode = status.inode
        size = status.size
        modified = status.mtime_ns
        linkCount = Int(status.link_count)
        permissions = UInt16(truncatingIfNeeded: status.mode & 0o7777)
        user = status.user
        group = status.group
        kind =
            switch status.mode & S_IFMT {
            case S_IFREG: .regular
            case S_IFDIR: .directory
            default: .other
            }
    }
}

extension Errno {
    /// The calling thread's errno, to be read right after the call that set it.
    static var current: Errno { Errno(rawValue: Glibc.errno) }
}
