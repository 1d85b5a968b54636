package import SystemPackage

/// Why a file or directory could not be used as asked.
package struct FileError: Error, CustomStringConvertible {
    package enum Code: Sendable, Hashable {
        case notFound, exists, accessDenied, outOfSpace, tooManyOpenFiles
        /// The file ended before the bytes that its size had promised.
        case truncated
        /// Size, modification time or inode are no longer what they were when it was opened.
        case changed
        /// Not a regular file, or reached through a symbolic link.
        case notRegular
        case other
    }

    package let code: Code
    /// In the imperative: `"read"`.
    package let operation: String
    package let path: FilePath
    /// What the system said; nil where the finding is our own.
    package let errno: Errno?

    package init(_ operation: String, _ path: FilePath, _ errno: Errno) {
        self.operation = operation
        self.path = path
        self.errno = errno
        code =
            switch errno {
            case .noSuchFileOrDirectory, .notDirectory: .notFound
            case .fileExists: .exists
            case .permissionDenied, .notPermitted, .readOnlyFileSystem: .accessDenied
            case .noSpace, .diskQuotaExceeded: .outOfSpace
            case .tooManyOpenFiles, .tooManyOpenFilesInSystem: .tooManyOpenFiles
            case .tooManySymbolicLinkLevels: .notRegular
            default: .other
            }
    }

    package init(_ operation: String, _ path: FilePath, _ code: Code) {
        self.operation = operation
        self.path = path
        self.code = code
        errno = nil
    }

    package var description: String {
        "cannot \(operation) \(path): \(reason)"
    }

    private var reason: String {
        if let errno { return "\(errno)" }
        return switch code {
        case .truncated: "it ended before its size: it was cut while being read, or the disk is damaged"
        case .changed: "it was changed or replaced while being read"
        case .notRegular: "it is not a regular file"
        case .notFound: "it does not exist"
        case .exists: "it exists already"
        case .accessDenied: "permission denied"
        case .outOfSpace: "no space left"
        case .tooManyOpenFiles: "too many open files"
        case .other: "unexpected answer of the system"
        }
    }
}
