internal import Glibc
package import SystemPackage
package import TransferEngine
internal import Vault

/// A run's own directory on this host, `runs/<id>` of the state directory, held while the value lives.
///
/// It has `state.json`, `control.sock` and `journal/`. The hold is flock(2) on the directory: the kernel takes it back
/// however the process ends.
package final class RunDirectory: Sendable {
    /// Directories of runs that have ended and left nothing to go on with, which are kept so that their state can be
    /// asked for.
    package static let keptRuns = 20

    package let identity: RunIdentity
    package let path: FilePath
    package let state: StateDirectory
    private let lock: DirectoryLock

    private init(_ identity: RunIdentity, _ path: FilePath, _ state: StateDirectory, _ lock: DirectoryLock) {
        self.identity = identity
        self.path = path
        self.state = state
        self.lock = lock
    }

    package var journal: FilePath { path.appending("journal") }

    /// Takes the run's directory, and makes it where there is none; blocks.
    ///
    /// - Throws: `RunError` with code `.conflict` while a process on this host has it; `FileError`.
    package static func open(_ identity: RunIdentity, in state: StateDirectory) throws -> RunDirectory {
        while true {
            let path = try state.directory("runs", identity.id)
            let lock = try take(path, identity)
            // It may have been removed as an old one between making and locking.
            guard lock.holds(path) else { continue }
            return RunDirectory(identity, path, state, lock)
        }
    }

    private static func take(_ path: FilePath, _ identity: RunIdentity) throws(RunError) -> DirectoryLock {
        do throws(RunError) {
            // Another process may hold it for a moment, to see whether it is an old one.
            for _ in 0..<10 {
                if let lock = try? DirectoryLock(path, "work in") { return lock }
                usleep(20_000)
            }
            return try DirectoryLock(path, "work in")
        } catch {
            guard error.code == .conflict else { throw error }
            let process = RunState.read(in: path).map { " (process \($0.process.pid))" } ?? ""
            throw RunError(
                .conflict,
                "start the \(identity.kind.rawValue) of",
                "'\(identity.name)'",
                "it is running on this host already\(process); 'ringvault \(identity.kind.rawValue) status' shows it"
            )
        }
    }

    /// Removes what the oldest runs have left but for the last `keptRuns`; of runs that could go on, when their journal
    /// is too old for that.
    ///
    /// Blocks. What cannot be removed stays.
    ///
    /// - Parameter now: seconds since 1970.
    package static func removeOld(in state: StateDirectory, now: Int64) {
        guard let runs = try? state.directory("runs"), let names = try? DirectoryListing(of: runs).names else { return }
        var ended: [(path: FilePath, time: Int64)] = []
        for name in names {
            let path = runs.appending(name)
            guard let status = try? FileStatus(of: path), status.kind == .directory else { continue }
            let time = RunState.read(in: path)?.updated.seconds ?? status.modified / 1_000_000_000
            let canGoOn = (try? FileStatus(of: path.appending("journal"))) != nil
            if !canGoOn || time + JournalHeader.lifetime < now { ended.append((path, time)) }
        }
        ended.sort { $0.time > $1.time }
        for (path, _) in ended.dropFirst(keptRuns) {
            // A run that is at work holds its directory.
            guard let lock = try? DirectoryLock(path, "remove") else { continue }
            try? FileTree.removeAll(path)
            withExtendedLifetime(lock) {}
        }
    }
}
