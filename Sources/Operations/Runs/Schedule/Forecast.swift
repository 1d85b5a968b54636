internal import TransferEngine
package import Vault

/// Whether a run will be done in time, by what it has to move and how fast it is expected to.
package struct Forecast: Sendable, Hashable, Codable {
    /// Where the rate comes from.
    package enum Basis: String, Sendable, Hashable, Codable {
        /// Nothing was measured yet.
        case unknown
        case earlierRuns
        case thisRun
    }

    package let basis: Basis
    /// Plain bytes still to be moved.
    package let bytesLeft: Int64
    /// Plain bytes moved in a second, with the limits in force; nil if unknown.
    package let rate: Double?
    /// Whether all is done by the end; true without one, nil if unknown.
    package let fits: Bool?
    /// Of `bytesLeft`, what is done by the end; nil if unknown.
    package let bytesByEnd: Int64?
    /// When all is done, over as many windows as that takes; nil if unknown, or if nothing says that there will be
    /// another window.
    package let finish: Timestamp?
    /// In how many windows, the present or next one included; 1 without windows.
    package let windows: Int?

    /// - Parameters:
    ///   - rate: in bytes a second.
    ///   - slots: when the run may work from now on, in seconds since 1970: the first, the one after it, and so on; nil at
    ///     their end.
    package init(
        bytesLeft: Int64,
        rate: Double?,
        basis: Basis,
        slots: (Int) -> Range<Double>?
    ) {
        self.bytesLeft = bytesLeft
        guard let rate, rate > 0 else {
            self.basis = .unknown
            (self.rate, fits, bytesByEnd, finish, windows) = (nil, bytesLeft == 0 ? true : nil, nil, nil, nil)
            return
        }
        self.basis = basis
        self.rate = rate
        var left = Double(bytesLeft)
        var index = 0
        var first: Double?
        while let slot = slots(index), index < Self.mostWindows {
            let most = rate * (slot.upperBound - slot.lowerBound)
            first = first ?? min(left, most)
            if left <= most {
                (fits, windows) = (index == 0, index + 1)
                bytesByEnd = Int64(first ?? 0)
                finish = Timestamp(seconds: Int64((slot.lowerBound + left / rate).rounded(.up)))
                return
            }
            left -= most
            index += 1
        }
        (fits, bytesByEnd, finish, windows) = (false, Int64(first ?? 0), nil, nil)
    }

    /// Further ahead nobody can say anything.
    private static let mostWindows = 1000

    /// `fits: 1.2 GiB at 10.0 MiB/s, done by 2026-11-21T04:12:00Z`.
    package var text: String {
        let bytes = "\(ByteCount(bytesLeft))"
        guard let rate else { return bytesLeft == 0 ? "nothing is left to do" : "\(bytes) to do, at an unknown rate" }
        let work = "\(bytes) at \(ByteCount(Int64(rate)))/s"
        if fits == true { return "fits: \(work)" + (finish.map { ", done by \($0)" } ?? "") }
        let share = bytesLeft > 0 ? Int(Double(bytesByEnd ?? 0) / Double(bytesLeft) * 100) : 100
        let part = "does not fit: \(work); \(share) % will be done by the end"
        guard let finish, let windows else { return part }
        return "\(part), all by \(finish), in \(windows) windows"
    }
}
