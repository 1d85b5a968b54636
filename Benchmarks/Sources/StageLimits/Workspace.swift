internal import FoundationEssentials
internal import Glibc
internal import Limits

/// A directory for a moment.
struct Workspace: ~Copyable {
    let root: String

    init(below directory: String) throws(LimitsError) {
        root = "\(directory)/stage-limits-\(getpid())"
        guard unsafe mkdir(root, 0o700) == 0 else { throw LimitsError("cannot make \(root): errno \(errno)") }
    }

    func remove() { try? FileManager.default.removeItem(atPath: root) }
}
