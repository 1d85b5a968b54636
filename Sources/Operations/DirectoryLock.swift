internal import Glibc
internal import SystemPackage

/// Keeps a second run out of a directory, for as long as the value lives: flock(2) on the directory itself, which the
/// kernel takes back when the process ends, however it ends.
final class DirectoryLock: Sendable {
    private let descriptor: Int32

    /// - Parameters:
    ///   - operation: what is refused while another run is at work, in the imperative: `"restore to"`.
    ///   - isShared: whether others that share it may have it at the same time.
    init(_ path: FilePath, _ operation: String, isShared: Bool = false) throws(RunError) {
        descriptor = unsafe path.withPlatformString { unsafe open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard descriptor >= 0 else {
            throw RunError(.failed, "open", "\(path)", cause: Errno(rawValue: errno))
        }
        guard flock(descriptor, (isShared ? LOCK_SH : LOCK_EX) | LOCK_NB) == 0 else {
            let answer = Errno(rawValue: errno)
            close(descriptor)
            throw answer == .wouldBlock
                ? RunError(.conflict, operation, "\(path)", "another ringvault is at work there")
                : RunError(.failed, "lock", "\(path)", cause: answer)
        }
    }

    /// Whether the directory that is held is the one that has the path now.
    func holds(_ path: FilePath) -> Bool {
        var (held, named) = (stat(), stat())
        guard unsafe fstat(descriptor, &held) == 0,
            unsafe path.withPlatformString({ unsafe stat($0, &named) }) == 0
        else { return false }
        return held.st_dev == named.st_dev && held.st_ino == named.st_ino
    }

    /// Unlocked before it is closed: a child process that is being started at this moment has the descriptor too until it
    /// runs its program, and would keep the lock as long.
    deinit {
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }
}
