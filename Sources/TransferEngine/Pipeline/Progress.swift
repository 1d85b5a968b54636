/// What a run has done so far: counters that any task adds to and any task reads.
package final class Progress: Sendable {
    /// The counters at one moment.
    ///
    /// Bytes are of plain content, except `storedBytes` and `receivedBytes`.
    package struct Snapshot: Sendable, Hashable, Codable {
        package var plannedFiles = 0
        package var plannedBytes: Int64 = 0
        /// Whether planning has ended, so that the planned numbers are final.
        package var isPlanComplete = false
        /// Files and bytes that are finished, whatever way: stored, reused, restored.
        package var doneFiles = 0
        package var doneBytes: Int64 = 0
        package var readBytes: Int64 = 0
        /// Files whose content the vault held already.
        package var reusedFiles = 0
        package var reusedBytes: Int64 = 0
        /// Of files and pieces that an earlier run of the same backup or restore had finished.
        package var resumedBytes: Int64 = 0
        /// Blobs put into the store, and their bytes as stored.
        package var storedBlobs = 0
        package var storedBytes: Int64 = 0
        /// Plain bytes of the content in those blobs.
        package var newBytes: Int64 = 0
        /// Bytes got from the store.
        package var receivedBytes: Int64 = 0
        /// Of the planned bytes, those that have to be read or fetched in this run; nil if nobody has counted them.
        package var plannedMoves: Int64?
        /// Of those, what has been.
        package var movedBytes: Int64 = 0
        package var elapsed: Duration = .zero

        /// Plain bytes done in a second, over the whole run.
        package var rate: Double {
            let seconds = elapsed / .seconds(1)
            return seconds > 0 ? Double(doneBytes) / seconds : 0
        }

        /// Plain bytes moved in a second, over the whole run; nil before any was.
        package var moveRate: Double? {
            let seconds = elapsed / .seconds(1)
            return seconds > 0 && movedBytes > 0 ? Double(movedBytes) / seconds : nil
        }

        /// Time until all planned bytes are done at the rate so far; nil before there is one.
        package var timeLeft: Duration? {
            if let plannedMoves, let moveRate { return .seconds(Double(max(0, plannedMoves - movedBytes)) / moveRate) }
            guard isPlanComplete, rate > 0 else { return nil }
            return .seconds(Double(max(0, plannedBytes - doneBytes)) / rate)
        }
    }

    private let counters = ThreadLock(Snapshot())
    private let start = ContinuousClock.now

    package init() {}

    package func update(_ change: (inout Snapshot) -> Void) {
        counters.withLock { change(&$0) }
    }

    package var snapshot: Snapshot {
        var snapshot = counters.withLock { $0 }
        snapshot.elapsed = start.duration(to: .now)
        return snapshot
    }
}
