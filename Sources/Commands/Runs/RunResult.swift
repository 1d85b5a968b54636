internal import Operations
internal import TransferEngine

/// Runs of this host, each in full.
struct RunResult: Renderable {
    let runs: [RunState]

    var json: [RunState] { runs }

    var text: String { runs.map(Self.text).joined(separator: "\n") }

    private static func text(_ run: RunState) -> String {
        let numbers = run.numbers
        var lines: [(String, String)] = [
            (run.kind.rawValue, "\(run.backup)" + (run.cluster.map { " of cluster \($0)" } ?? "")),
            ("vault", run.location),
        ]
        if !run.targets.isEmpty { lines.append(("targets", run.targets.joined(separator: ", "))) }
        lines.append(("state", run.state.rawValue + (run.state == .running ? ", \(run.phase.rawValue)" : "")))
        if let error = run.error { lines.append(("because", error)) }
        lines.append(("started", "\(run.started)"))
        if let finished = run.finished {
            lines.append(("ended", "\(finished)"))
        } else if run.state == .interrupted {
            lines.append(("last seen", "\(run.updated)"))
        }
        let planned = numbers.isPlanComplete ? "" : " so far"
        lines.append(("planned", "\(ByteCount(numbers.plannedBytes)) in \(numbers.plannedFiles) files\(planned)"))
        lines.append(("done", "\(ByteCount(numbers.doneBytes)) in \(numbers.doneFiles) files"))
        if run.kind == .backup {
            lines.append(("read", "\(ByteCount(numbers.readBytes))"))
            lines.append(("reused", "\(ByteCount(numbers.reusedBytes)) in \(numbers.reusedFiles) files"))
            lines.append(("stored", "\(ByteCount(numbers.storedBytes)) in \(numbers.storedBlobs) blobs"))
        } else {
            lines.append(("kept", "\(ByteCount(numbers.reusedBytes)) in \(numbers.reusedFiles) whole files"))
            lines.append(("received", "\(ByteCount(numbers.receivedBytes))"))
        }
        if numbers.resumedBytes > 0 { lines.append(("resumed", "\(ByteCount(numbers.resumedBytes))")) }
        if run.state == .running {
            let left = numbers.secondsLeft.map { ", \(shortText(.seconds($0))) left" } ?? ""
            lines.append(("rate", "\(ByteCount(Int64(numbers.rate)))/s\(left)"))
            lines.append(("limits", run.limits.text))
        }
        if numbers.failedRequests > 0 { lines.append(("errors", "\(numbers.failedRequests) requests failed")) }
        if let schedule = run.schedule { lines += text(schedule) }
        return lines.map { $0 + String(repeating: " ", count: max(2, 10 - $0.count)) + $1 + "\n" }.joined()
    }

    private static func text(_ schedule: RunSchedule) -> [(String, String)] {
        var lines: [(String, String)] = []
        if let begins = schedule.begins { lines.append(("begins", "\(begins)")) }
        if let ends = schedule.ends { lines.append(("until", "\(ends)")) }
        if let forecast = schedule.forecast { lines.append(("forecast", forecast.text)) }
        return lines
    }
}
