package import TransferEngine

/// The rates a run keeps to, changeable while it runs.
///
/// What the user wants and what the pace allows are kept apart: the lower of the two is in force.
package final class RunLimits: Sendable {
    private struct State {
        var wanted: DataRate
        var pace = DataRate.unlimited
    }

    private let read: TokenBucket
    private let upload: TokenBucket
    private let download: TokenBucket
    private let paced: TokenBucket
    /// Of the bucket that is paced.
    private let state: ThreadLock<State>

    /// - Parameter kind: a backup is paced by what it reads from the node's disks, a restore by what it fetches.
    package init(_ kind: RunIdentity.Kind, read: TokenBucket, upload: TokenBucket, download: TokenBucket) {
        self.read = read
        self.upload = upload
        self.download = download
        paced = kind == .backup ? read : download
        state = ThreadLock(State(wanted: paced.rate))
    }

    /// Sets what is not nil, from now on.
    package func set(read: DataRate? = nil, upload: DataRate? = nil, download: DataRate? = nil) {
        for (bucket, rate) in [(self.read, read), (self.upload, upload), (self.download, download)] {
            guard let rate else { continue }
            if bucket === paced { apply { $0.wanted = rate } } else { bucket.rate = rate }
        }
    }

    /// Holds the run to this pace as well.
    package func pace(_ rate: DataRate) {
        apply { $0.pace = rate }
    }

    /// What the user wants the paced bucket to keep to.
    package var wanted: DataRate { state.withLock { $0.wanted } }

    package var snapshot: RunState.Limits {
        let state = state.withLock { $0 }
        func wanted(_ bucket: TokenBucket) -> Int64? { (bucket === paced ? state.wanted : bucket.rate).bytesPerSecond }
        var limits = RunState.Limits()
        limits.read = wanted(read)
        limits.upload = wanted(upload)
        limits.download = wanted(download)
        limits.pace = state.pace.bytesPerSecond
        return limits
    }

    private func apply(_ change: (inout State) -> Void) {
        state.withLock { state in
            change(&state)
            let rate = [state.wanted, state.pace].compactMap(\.bytesPerSecond).min()
            let new = DataRate(bytesPerSecond: rate)
            if paced.rate != new { paced.rate = new }
        }
    }
}
