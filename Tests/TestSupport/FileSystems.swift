// The language takes the asynchronous one exactly where `body` suspends.
// swift-format-ignore-file: AmbiguousTrailingClosureOverload

internal import Glibc
package import SystemPackage
internal import TransferEngine

/// File systems for tests that need a certain one.
package enum FileSystems {
    /// Whether `withSmall` works here: mounting takes root, and some containers forbid it even then.
    package static let canMount: Bool = {
        guard geteuid() == 0 else { return false }
        return (try? withTemporaryDirectory { try withSmall(bytes: 1 << 16, in: $0) { _ in } }) != nil
    }()

    /// Runs `body` with a file system of `bytes`, in memory.
    package static func withSmall<Result>(
        bytes: Int,
        in directory: FilePath,
        _ body: (FilePath) throws -> Result
    ) throws -> Result {
        let point = try mountSmall(bytes, directory)
        defer { unsafe umount2(point.string, Int32(MNT_DETACH)) }
        return try body(point)
    }

    /// Runs `body` with a file system of `bytes`, in memory.
    package static func withSmall<Result>(
        bytes: Int,
        in directory: FilePath,
        _ body: (FilePath) async throws -> Result
    ) async throws -> Result {
        let point = try mountSmall(bytes, directory)
        defer { unsafe umount2(point.string, Int32(MNT_DETACH)) }
        return try await body(point)
    }

    private static func mountSmall(_ bytes: Int, _ directory: FilePath) throws -> FilePath {
        let point = directory.appending("small")
        try FileTree.makeDirectories(point)
        guard unsafe mount("tmpfs", point.string, "tmpfs", 0, "size=\(bytes)") == 0 else {
            throw Errno(rawValue: errno)
        }
        return point
    }

    /// A directory on a disk, whose page cache can be emptied: that for temporary files, or the package's `.build`.
    package static let onDisk: FilePath? = {
        let temporary = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"
        let candidates = [temporary, "/var/tmp", ".build"].map { FilePath($0) }
        return candidates.first { path in
            var resolved = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
            guard unsafe realpath(path.string, &resolved) != nil else { return false }
            let absolute = unsafe FilePath(platformString: &resolved)
            return ["ext4", "xfs", "btrfs", "ext3"].contains(kind(of: absolute))
        }
    }()

    /// As the kernel names it: `ext4`, `tmpfs`.
    ///
    /// From mountinfo, proc(5).
    private static func kind(of path: FilePath) -> String {
        guard let table = try? SmallFile.text(of: "/proc/self/mountinfo") else { return "" }
        var best = (length: -1, kind: "")
        for line in table.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count > 6, let dash = fields.firstIndex(of: "-"), dash + 1 < fields.count else { continue }
            let point = FilePath(String(fields[4]))
            // A later mount hides an earlier one at the same place.
            if path.starts(with: point), point.length >= best.length { best = (point.length, String(fields[dash + 1])) }
        }
        return best.kind
    }
}
