package import TransferEngine

/// Decides, second by second, what becomes of a run within its hours: when it is paused, how fast it may go, and what is
/// to be expected of it.
///
/// A value without clock and threads; times are seconds since 1970.
package struct SlotWatch: Sendable {
    /// What is known of the run at one moment.
    package struct Work: Sendable, Hashable {
        /// Plain bytes that this run has to move, those moved, and those that were begun; nil as long as nobody knows.
        package var planned: Int64?
        package var moved: Int64
        package var begun: Int64
        /// Bytes that pass the paced bucket for each plain byte: less than 1 where a restore fetches compressed ones.
        package var ratio: Double
        package var isTransferring: Bool
        /// What the user allows the paced bucket.
        package var limit: DataRate

        package init(
            planned: Int64?,
            moved: Int64,
            begun: Int64,
            ratio: Double = 1,
            isTransferring: Bool,
            limit: DataRate = .unlimited
        ) {
            self.planned = planned
            self.moved = moved
            self.begun = begun
            self.ratio = ratio
            self.isTransferring = isTransferring
            self.limit = limit
        }
    }

    package struct Decision: Sendable, Hashable {
        /// Whether the time is over.
        package var mustPause = false
        /// Nil: as it is.
        package var pace: DataRate?
        package var forecast: Forecast?
    }

    /// This run is measured after so many seconds, or such a share of the bytes if what is under way is little beside it:
    /// pieces are counted when they are done, and many are at the same moment.
    private static let enoughSeconds = 30.0
    private static let enoughShare = 0.05
    /// From then on it goes over earlier runs more and more, and after so many seconds alone.
    private static let trustedSeconds = 60.0

    private let hours: WorkHours
    package let slot: Range<Double>
    private let pace: Pace
    /// Plain bytes a second of earlier runs; nil if unknown.
    package var earlierRate: Double?
    private let pacer: Pacer?
    private var meter = RateMeter()
    private var limit: DataRate?

    /// - Parameters:
    ///   - slot: of `hours`, the one that the run is in.
    package init(_ hours: WorkHours, slot: Range<Double>, pace: Pace, earlierRate: Double? = nil) {
        self.hours = hours
        self.slot = slot
        self.pace = pace
        self.earlierRate = earlierRate
        pacer =
            pace == .gentle && slot.upperBound < .infinity ? Pacer(from: slot.lowerBound, until: slot.upperBound) : nil
    }

    package mutating func tick(at now: Double, _ work: Work) -> Decision {
        var decision = Decision()
        decision.mustPause = now >= slot.upperBound
        guard let planned = work.planned, work.isTransferring else { return decision }
        if limit != work.limit { meter.restart() }
        limit = work.limit
        // What is under way is half done in the mean.
        meter.add(work.moved + max(0, work.begun - work.moved) / 2, at: now)
        if let pacer {
            let left = Double(max(0, planned - work.begun)) * work.ratio
            decision.pace = pacer.rate(bytesLeft: Int64(left), at: now)
        }
        decision.forecast = forecast(planned, work, pace: decision.pace, at: now)
        return decision
    }

    private func forecast(_ planned: Int64, _ work: Work, pace: DataRate?, at now: Double) -> Forecast {
        let isSteady =
            Double(work.moved) >= Double(planned) * Self.enoughShare && (work.begun - work.moved) * 4 <= work.moved
        var own = isSteady || meter.seconds >= Self.enoughSeconds ? meter.rate : nil
        // A paced run is as slow as it has to be: what it does says nothing of what it could.
        if pacer != nil, earlierRate != nil { own = nil }
        var rate = own ?? earlierRate
        if let measured = own, let earlierRate {
            let trust = min(1, meter.seconds / Self.trustedSeconds)
            rate = measured * trust + earlierRate * (1 - trust)
        }
        let most = [work.limit, pace].compactMap { $0?.bytesPerSecond }.min()
        if let most { rate = rate.map { min($0, Double(most) / max(work.ratio, 0.01)) } }
        let slots = hours.slots(from: now)
        return Forecast(
            bytesLeft: max(0, planned - work.moved),
            rate: rate,
            basis: own == nil ? .earlierRuns : .thisRun,
            slots: { index in
                // Without an end, all of time is there.
                slots(index).map { $0.lowerBound..<min($0.upperBound, $0.lowerBound + 1e10) }
            }
        )
    }
}
