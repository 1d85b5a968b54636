internal import Glibc

/// A program of the machine, to check ours against another's work.
package enum CommandLineTool {
    /// Whether a shell would find `name`.
    package static func isInstalled(_ name: String) -> Bool { run("command -v \(name) >/dev/null") }

    /// Runs a line of sh(1).
    ///
    /// - Returns: whether it ended with status 0.
    package static func run(_ line: String) -> Bool { unsafe system(line) == 0 }
}
