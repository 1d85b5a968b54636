internal import Logging
internal import TransferEngine

/// Shows how far a run is: a bar on a terminal, a line in the log every now and then elsewhere.
struct ProgressDisplay: Sendable {
    private static let barInterval = Duration.milliseconds(250)
    private static let logInterval = Duration.seconds(15)

    let progress: Progress
    let logger: Logger
    /// What is being done: `backup`.
    let verb: String

    /// Runs `body`, showing its progress until it ends.
    func during<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) async throws -> Result {
        let isTerminal = StandardError.isTerminal
        return try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                await self.show(isTerminal: isTerminal)
                return nil
            }
            defer {
                group.cancelAll()
                if isTerminal { StandardError.write("\r\u{1B}[K") }
            }
            while let result = try await group.next() {
                if let result { return result }
            }
            throw CancellationError()
        }
    }

    private func show(isTerminal: Bool) async {
        let interval = isTerminal ? Self.barInterval : Self.logInterval
        while (try? await Task.sleep(for: interval)) != nil {
            let snapshot = progress.snapshot
            if isTerminal {
                StandardError.write("\r\(Self.bar(snapshot))\u{1B}[K")
            } else {
                logger.info("\(verb) is under way", metadata: Self.metadata(snapshot))
            }
        }
    }

    private static func share(_ snapshot: Progress.Snapshot) -> Double {
        snapshot.plannedBytes > 0 ? Double(snapshot.doneBytes) / Double(snapshot.plannedBytes) : 0
    }

    private static func bar(_ snapshot: Progress.Snapshot) -> String {
        let width = 24
        let filled = Int(share(snapshot) * Double(width))
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
        var line = "\(bar) \(Int(share(snapshot) * 100)) %  "
        line += "\(ByteCount(snapshot.doneBytes)) of \(ByteCount(snapshot.plannedBytes))"
        line += ", \(snapshot.doneFiles) of \(snapshot.plannedFiles) files"
        line += "  \(ByteCount(Int64(snapshot.rate)))/s"
        if let left = snapshot.timeLeft { line += "  \(shortText(left)) left" }
        return line
    }

    private static func metadata(_ snapshot: Progress.Snapshot) -> Logger.Metadata {
        [
            "percent": "\(Int(share(snapshot) * 100))",
            "files": "\(snapshot.doneFiles)/\(snapshot.plannedFiles)",
            "bytes": "\(snapshot.doneBytes)/\(snapshot.plannedBytes)",
            "read": "\(snapshot.readBytes)",
            "reused": "\(snapshot.reusedBytes)",
            "stored": "\(snapshot.storedBytes)",
            "received": "\(snapshot.receivedBytes)",
            "rate": "\(ByteCount(Int64(snapshot.rate)))/s",
            "left": "\(snapshot.timeLeft.map(shortText) ?? "unknown")",
        ]
    }
}

/// `1 h 05 min`, `3 min 20 s`, `2.4 s`.
func shortText(_ duration: Duration) -> String {
    let seconds = duration / .seconds(1)
    guard seconds >= 60 else { return "\(Double(Int(seconds * 10)) / 10) s" }
    let whole = Int(seconds)
    func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return whole < 3600
        ? "\(whole / 60) min \(padded(whole % 60)) s" : "\(whole / 3600) h \(padded(whole % 3600 / 60)) min"
}
