internal import FoundationEssentials
internal import Glibc
internal import Programs

/// The directory that everything lies in, removed at the end.
struct Workspace {
    let root: String
    var data: String { root + "/data" }
    var vault: String { root + "/vault" }
    var state: String { root + "/state" }
    var restored: String { root + "/restored" }
    /// What the last program printed.
    var log: String { root + "/log" }

    init(below directory: String) throws {
        root = "\(directory)/ringvault-profile-\(getpid())"
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: false)
    }

    func remove() { remove(root) }
    func remove(_ path: String) { try? FileManager.default.removeItem(atPath: path) }

    /// Of all files below a directory.
    func bytes(in directory: String) throws -> Int {
        let script = "find \"$1\" -type f -printf '%s\\n' | awk '{ b += $1 } END { printf \"%.0f\", b }'"
        return Int(try Program(["sh", "-c", script, "sh", directory]).run().text) ?? 0
    }
}

/// Ctrl-C: the running program gets it too and ends, and the workspace goes before this one does.
enum Interruption {
    private static nonisolated(unsafe) var hasCome: sig_atomic_t = 0  // written by a signal's handler alone

    static func install() {
        for number in [SIGINT, SIGTERM] { signal(number) { _ in unsafe Interruption.hasCome = 1 } }
    }

    static func check() throws(CommandError) {
        guard unsafe hasCome == 0 else { throw CommandError("interrupted") }
    }
}
