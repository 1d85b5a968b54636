/// One part of a run: data, contenders and what they do with them; one or several sections of the report.
struct Workload: Sendable {
    /// For `--only`.
    let name: String
    /// In a line.
    let summary: String
    let run: @Sendable (Bench) async throws -> Void

    /// In the order they are measured.
    static let all: [Workload] = [
        .limits, .localLarge, .localSmall, .hole, .upload, .latency, .gatewayLarge, .gatewaySmall, .scaleSize,
        .scaleFiles, .scaleMemory, .scaleConnections, .scaleRing,
    ]

    var helpLine: String {
        name + String(repeating: " ", count: max(1, 18 - name.count)) + summary
    }
}
