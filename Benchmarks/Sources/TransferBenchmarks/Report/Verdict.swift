/// A goal with what came of it.
struct Verdict: Codable {
    /// Which figure of a line is compared; all of them are the better the less they are.
    enum Measure: String, Codable, Sendable {
        case wall = "wall s"
        case cpu = "CPU s"
        /// CPU seconds for 10⁹ bytes of data.
        case cpuPerGigabyte = "CPU s per 10⁹ bytes"
        /// Milliseconds for each file.
        case wallPerFile = "ms per file"
        case stored = "bytes stored"
        case peakMemory = "peak MiB"
    }

    enum Outcome: String, Codable, Sendable {
        case reached
        case missed
        /// One of the two was not measured.
        case unknown
    }

    let statement: String
    let measure: Measure
    /// Contender or computed bound on either side.
    let ours: String
    let peer: String
    let oursValue: Double?
    let peerValue: Double?
    /// Peer to ours where more is better (`goal` at least), ours to peer where less is (`goal` at most).
    let ratio: Double?
    /// Least and most of the ratios of each round.
    let ratioRange: [Double]
    let goal: String
    let outcome: Outcome
}
