internal import Glibc
package import SystemPackage

/// Ringvault's own directory on this host: what a run needs after its process has ended, or shows to other processes.
///
/// It holds journals, the states of runs with their sockets, measured rates and copies of manifests: names, paths and
/// hashes, never content or secrets. All of it may be lost: then a run does more than it had to, and nothing wrong.
/// Nobody but its owner may enter it.
package struct StateDirectory: Sendable, Hashable {
    package let path: FilePath

    /// Makes the directory where there is none, with mode 0700; takes the rights of others away from one that is there.
    ///
    /// Blocks.
    ///
    /// - Throws: `FileError`, also for a directory that this process may not write to.
    package init(_ path: FilePath) throws(FileError) {
        try FileTree.makeDirectories(path, mode: 0o700)
        try Self.close(path)
        guard unsafe path.withPlatformString({ unsafe access($0, R_OK | W_OK | X_OK) }) == 0 else {
            throw FileError("use the state directory", path, .current)
        }
        self.path = path
    }

    /// Where it lies if nobody says: `/var/lib/ringvault` for root, else `$XDG_STATE_HOME/ringvault` or
    /// `~/.local/state/ringvault`; nil for a user without a home.
    ///
    /// Source: XDG Base Directory Specification 0.8; a path there must be absolute.
    ///
    /// - Parameter user: the effective user's id; nil: this process's.
    package static func defaultPath(environment: [String: String], user: UInt32? = nil) -> FilePath? {
        if user ?? geteuid() == 0 { return FilePath("/var/lib/ringvault") }
        for (name, rest) in [("XDG_STATE_HOME", "ringvault"), ("HOME", ".local/state/ringvault")] {
            guard let home = environment[name].map({ FilePath($0) }), home.isAbsolute, !home.isLexicallyRoot else {
                continue
            }
            return home.appending(rest)
        }
        return nil
    }

    /// The directory `names` below it, made with mode 0700 where it is not there.
    ///
    /// Blocks.
    ///
    /// - Parameter names: each one name (`isName`), from the top down: `"manifests", vaultID, cluster`.
    package func directory(_ names: String...) throws(FileError) -> FilePath {
        var path = path
        for name in names {
            precondition(Self.isName(name), "not one name: \(name)")
            path.append(name)
            try FileTree.makeDirectories(path, mode: 0o700)
        }
        return path
    }

    /// Whether `text` can be the name of one directory or file: not empty, `.` or `..`, without slash and NUL, at most
    /// 255 bytes.
    package static func isName(_ text: String) -> Bool {
        !text.isEmpty && text != "." && text != ".." && text.utf8.count <= 255
            && !text.utf8.contains { $0 == 0x2F || $0 == 0 }
    }

    /// A directory of ours that others may enter is closed to them; one of another owner is left as it is.
    private static func close(_ path: FilePath) throws(FileError) {
        var status = stat()
        guard unsafe path.withPlatformString({ unsafe stat($0, &status) }) == 0 else {
            throw FileError("examine", path, .current)
        }
        guard status.st_uid == geteuid(), status.st_mode & 0o077 != 0 else { return }
        guard unsafe path.withPlatformString({ unsafe chmod($0, 0o700) }) == 0 else {
            throw FileError("set the permissions of", path, .current)
        }
    }
}

extension FilePath {
    /// Whether it is `/` alone: the home of users that have none.
    fileprivate var isLexicallyRoot: Bool { components.isEmpty }
}
