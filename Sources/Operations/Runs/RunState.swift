internal import FoundationEssentials
package import SystemPackage
package import TransferEngine
package import Vault

/// A run as it is shown to people and programs: `state.json` of its directory, and the answer on its socket.
package struct RunState: Sendable, Hashable, Codable {
    package enum Status: String, Sendable, Hashable, Codable {
        case running = "RUNNING"
        /// Stopped; the next start, or the next window, goes on.
        case paused = "PAUSED"
        /// Stopped for good, as far as one can say; it can be started again all the same, and then goes on.
        case cancelled = "CANCELLED"
        case completed = "COMPLETED"
        case failed = "FAILED"
        /// Its process ended without saying how: it was killed, or the machine went down. Never stored.
        case interrupted = "INTERRUPTED"
    }

    /// Bytes are of plain content unless it is said otherwise.
    package struct Numbers: Sendable, Hashable, Codable {
        package var plannedFiles = 0
        package var plannedBytes: Int64 = 0
        package var isPlanComplete = false
        package var doneFiles = 0
        package var doneBytes: Int64 = 0
        package var readBytes: Int64 = 0
        package var reusedFiles = 0
        package var reusedBytes: Int64 = 0
        package var resumedBytes: Int64 = 0
        package var storedBlobs = 0
        /// As stored.
        package var storedBytes: Int64 = 0
        package var newBytes: Int64 = 0
        /// As they came from the store.
        package var receivedBytes: Int64 = 0
        /// Of this run.
        package var seconds = 0.0
        /// Bytes done in a second.
        package var rate = 0.0
        package var secondsLeft: Double?
        /// Requests that failed and were repeated.
        package var failedRequests = 0
    }

    /// Bytes a second; nil: unlimited.
    package struct Limits: Sendable, Hashable, Codable {
        package var read: Int64?
        package var upload: Int64?
        package var download: Int64?
        /// What the pace allows now, if that is less.
        package var pace: Int64?

        package init() {}
    }

    package var version = 1
    package var id: String
    package var kind: RunIdentity.Kind
    package var backup: String
    package var cluster: String?
    package var hostId: String?
    package var location: String
    package var targets: [String]
    package var state = Status.running
    package var phase = RunPhase.preparing
    package var process: ProcessIdentity
    package var started: Timestamp
    package var updated: Timestamp
    package var finished: Timestamp?
    /// Why it failed or was stopped.
    package var error: String?
    package var numbers = Numbers()
    package var limits = Limits()
    package var schedule: RunSchedule?

    package init(_ identity: RunIdentity, process: ProcessIdentity, started: Timestamp) {
        id = identity.id
        kind = identity.kind
        backup = identity.name
        cluster = identity.cluster
        hostId = identity.host
        location = identity.location
        targets = identity.targets.map(\.string)
        self.process = process
        self.started = started
        updated = started
    }

    /// As it stands in a run's directory; nil if there is none that can be read.
    ///
    /// Blocks.
    package static func read(in directory: FilePath) -> RunState? {
        guard let bytes = try? SmallFile.bytes(of: directory.appending("state.json")),
            var state = try? JSONDecoder().decode(RunState.self, from: Data(bytes))
        else { return nil }
        if state.state == .running, !state.process.isAlive { state.state = .interrupted }
        return state
    }

    /// Puts it in the place of the one before, in one step; blocks.
    package func write(in directory: FilePath) throws(FileError) {
        let new = directory.appending("state.json.new")
        try FileTree.remove(new)  // of a killed run
        let file = try WritableFile(new, creation: .mustBeNew, mode: 0o600)
        try file.write(json.span, at: 0)
        try FileTree.rename(new, to: directory.appending("state.json"))
    }

    /// On one line.
    package var json: [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(self)).map { Array($0) } ?? []
    }
}

extension RunState.Numbers {
    package init(_ progress: Progress.Snapshot, failedRequests: Int) {
        plannedFiles = progress.plannedFiles
        plannedBytes = progress.plannedBytes
        isPlanComplete = progress.isPlanComplete
        doneFiles = progress.doneFiles
        doneBytes = progress.doneBytes
        readBytes = progress.readBytes
        reusedFiles = progress.reusedFiles
        reusedBytes = progress.reusedBytes
        resumedBytes = progress.resumedBytes
        storedBlobs = progress.storedBlobs
        storedBytes = progress.storedBytes
        newBytes = progress.newBytes
        receivedBytes = progress.receivedBytes
        seconds = progress.elapsed / .seconds(1)
        rate = progress.rate
        secondsLeft = progress.timeLeft.map { $0 / .seconds(1) }
        self.failedRequests = failedRequests
    }
}
