internal import Cassandra
internal import SystemPackage

/// Whether a node is stopped: nobody answers where it would, and no process has its files open.
struct NodeStopped: Sendable {
    let control: any NodeControl
    /// All that a running node would have files open in.
    let directories: [FilePath]
    /// Where the process file system is.
    let proc: FilePath

    /// - Parameter mayRun: whether it need not be stopped yet, since nothing of it is going to be touched now.
    func checks(mayRun: Bool) async -> [RestorePlan.Check] {
        let bad: RestorePlan.Check.Status = mayRun ? .warning : .failed
        var checks: [RestorePlan.Check] = []
        func check(_ status: RestorePlan.Check.Status, _ words: String) {
            checks.append(RestorePlan.Check("node is stopped", status, words))
        }
        let stop = mayRun ? "it has to be stopped before the files are placed" : "stop it first"
        do throws(CassandraError) {
            let mode = try await control.mode()
            check(bad, "\(control.means) answers, the node is \(mode): \(stop)")
        } catch {
            switch error.code {
            case .unreachable: check(.ok, "nobody answers: \(control.means)")
            case .unsupported: check(.warning, "nobody was asked whether the node runs: \(error.reason)")
            case .invalid, .notFound, .changing, .corrupt, .system, .denied, .exists, .notReady, .timedOut, .refused,
                .malformed, .cancelled:
                // Somebody is there, or may be.
                check(
                    bad,
                    "it cannot be told whether the node runs: \(error); with --node none only processes are looked at"
                )
            }
        }
        let found = NodeProcesses(using: directories, proc: proc)
        for user in found.users {
            check(bad, "process \(user.process) (\(user.command)) has \(user.file) open: \(stop)")
        }
        for process in found.hidden {
            check(
                bad,
                "process \(process) is a Cassandra node whose open files may not be read: "
                    + "\(stop), or run this as its user or root"
            )
        }
        if !found.isKnown {
            check(.warning, "\(proc) cannot be read: whether a process has the node's files open is not known")
        } else if found.users.isEmpty, found.hidden.isEmpty {
            let rest = found.unread > 0 ? "; \(found.unread) processes of other users could not be looked at" : ""
            check(found.unread > 0 ? .warning : .ok, "no process has files of the node open\(rest)")
        }
        return checks
    }
}
