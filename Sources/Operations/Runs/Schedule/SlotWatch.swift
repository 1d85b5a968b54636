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

    /// A measurement of this run goes over those of earlier ones after so many seconds or such a share of the bytes.
    private static let enoughSeconds = 30.0
    private static let enoughShare = 0.05
    /// And never before so many seconds: the first blobs say nothing.
    private static let leastSeconds = 2.0

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
        meter.add(work.moved, at: now)
        if let pacer {
            let left = Double(max(0, planned - work.begun)) * work.ratio
            decision.pace = pacer.rate(bytesLeft: Int64(left), at: now)
        }
        decision.forecast = forecast(planned, work, at: now)
        return decision
    }

    private func forecast(_ planned: Int64, _ work: Work, at now: Double) -> Forecast {
        let isMeasured =
            meter.seconds >= Self.leastSeconds
            && (meter.seconds >= Self.enoughSeconds || Double(work.moved) >= Double(planned) * Self.enoughShare)
        // A paced run is as slow as it has to be: what it does says nothing of what it could.
        let own = isMeasured && (pacer == nil || earlierRate == nil) ? meter.rate : nil
        let most = work.limit.bytesPerSecond.map { Double($0) / max(work.ratio, 0.01) } ?? .infinity
        let slots = hours.slots(from: now)
        return Forecast(
            bytesLeft: max(0, planned - work.moved),
            rate: (own ?? earlierRate).map { min($0, most) },
            basis: own == nil ? .earlierRuns : .thisRun,
            slots: { index in
                // Without an end, all of time is there.
                slots(index).map { $0.lowerBound..<min($0.upperBound, $0.lowerBound + 1e10) }
            }
        )
    }
}
