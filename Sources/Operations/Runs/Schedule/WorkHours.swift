/// When a run may work: in windows that come every day, until a deadline, for so long at a time.
package struct WorkHours: Sendable, Hashable {
    package var window: DailyWindow?
    /// In seconds since 1970.
    package var deadline: Int64?
    /// Seconds, from when it begins to work.
    package var longest: Double?

    package init(window: DailyWindow? = nil, deadline: Int64? = nil, longest: Double? = nil) {
        self.window = window
        self.deadline = deadline
        self.longest = longest
    }

    package var isLimited: Bool { window != nil || deadline != nil || longest != nil }

    /// When a run that is started at `time` works next, in seconds since 1970.
    ///
    /// - Returns: nil if the deadline has passed before; a range without an end has `.infinity`.
    package func slot(at time: Double) -> Range<Double>? {
        var (begins, ends) = (time, Double.infinity)
        if let window {
            let occurrence = window.occurrence(at: Int64(time.rounded(.down)))
            begins = max(time, Double(occurrence.lowerBound))
            ends = Double(occurrence.upperBound)
        }
        if let longest { ends = min(ends, begins + longest) }
        if let deadline { ends = min(ends, Double(deadline)) }
        return begins < ends ? begins..<ends : nil
    }

    /// The slots from `time` on: the first, the one of the window after it, and so on; nil where none follows.
    ///
    /// Without windows there is one.
    package func slots(from time: Double) -> (Int) -> Range<Double>? {
        { index in
            var next = slot(at: time)
            for _ in 0..<index {
                guard let window, let last = next else { return nil }
                // Behind the end of the window, not of what was allowed of it.
                next = slot(at: Double(window.occurrence(at: Int64(last.lowerBound.rounded(.down))).upperBound))
            }
            return next
        }
    }
}
