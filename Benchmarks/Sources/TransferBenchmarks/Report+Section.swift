extension Report.Section {
    /// One column of a table: its title and what stands in it.
    private struct Column {
        let title: String
        let text: (Report.Line) -> String
    }

    var markdown: String {
        let columns = Self.column("what") { "\($0.contender): \($0.step)" } + costs + ownColumns
        var text = """
            ## \(workload.title): \(files) files, \(Text.decimal(Double(bytes) / 1e9, places: 2)) × 10⁹ bytes

            | \(columns.map(\.title).joined(separator: " | ")) |
            | --- |\(String(repeating: " ---: |", count: columns.count - 1))

            """
        for line in lines { text += "| " + columns.map { $0.text(line) }.joined(separator: " | ") + " |\n" }
        switch workload {
        case .large, .small: break
        case .upload: text += "\n" + verdict
        case .latency: text += "\n" + explanation
        case .incremental: text += "\n" + increments
        }
        return text
    }

    private static func column(_ title: String, _ text: @escaping (Report.Line) -> String) -> [Column] {
        [Column(title: title, text: text)]
    }

    // MARK: Columns

    private var costs: [Column] {
        let bytes = Double(bytes)
        return Self.column("wall s") { Spread($0.rounds.map(\.wall)).text }
            + Self.column("CPU s") { Spread($0.rounds.map(\.cpu)).text }
            + Self.column("CPU s per 10⁹ bytes") { Text.decimal(Self.cpu($0) / (bytes / 1e9), places: 2) }
            + Self.column("MB/s") { line in
                if line.step.hasPrefix("unchanged") { return "" }
                return Text.decimal(bytes / 1e6 / Spread(line.rounds.map(\.wall)).median, places: 0)
            }
            + Self.column("peak MiB") { line in
                Text.mebibytes(Int(Spread(line.rounds.map { Double($0.peakMemory) }).median))
            }
    }

    private var ownColumns: [Column] {
        let bytes = Double(bytes)
        let requests = Self.column("requests") { $0.requests?.text ?? "" }
        switch workload {
        case .large, .small:
            return Self.column("stored bytes") { $0.storedBytes.map { "\($0)" } ?? "" }
                + Self.column("stored %") { line in
                    line.storedBytes.map { Text.decimal(100 * Double($0) / bytes, places: 1) } ?? ""
                }
        case .upload:
            let peer = peer
            return Self.column("CPU of s5cmd's") { line in
                peer.map { Text.decimal(Self.cpu(line) / Self.cpu($0), places: 2) } ?? ""
            } + requests
        case .latency:
            return Self.column("blobs MB/s") { Spread($0.flows.map { Self.rate($0) / 1e6 }).text }
                + Self.column("of what memory allows %") { line in
                    Text.decimal(Self.share(line), places: 1)
                }
                + Self.column("most PUTs at a time") { line in "\(line.flows.map(\.mostPuts).max() ?? 0)" }
                + requests
        case .incremental:
            return Self.column("read bytes") { $0.readBytes.map { "\($0)" } ?? "" }
                + Self.column("read %") { line in
                    line.readBytes.map { Text.decimal(100 * Double($0) / bytes, places: 3) } ?? ""
                }
                + Self.column("CPU of the full %") { line in
                    Text.decimal(100 * Self.cpu(line) / Self.cpu(lines[0]), places: 2)
                }
        }
    }

    // MARK: Figures

    private static func cpu(_ line: Report.Line) -> Double { Spread(line.rounds.map(\.cpu)).median }

    /// Bytes a second while blobs went.
    private static func rate(_ flow: DistantStore.Flow) -> Double { Double(flow.bytes) / max(flow.seconds, 1e-9) }

    /// In per cent.
    private static func share(_ line: Report.Line) -> Double {
        100 * Spread(line.flows.map(rate)).median / LatencyMeasurement.allowed
    }

    /// The s5cmd that needs least.
    private var peer: Report.Line? {
        lines.filter { $0.contender.hasPrefix("s5cmd") }.min { Self.cpu($0) < Self.cpu($1) }
    }

    // MARK: Words

    private var verdict: String {
        guard let own = lines.first(where: { $0.contender.hasPrefix("ringvault") }) else { return "" }
        let each = Self.cpu(own) / (Double(bytes) / 1e9)
        var text = """
            To nginx on the same machine, over plain HTTP. The goal: at most 1.2 CPU seconds per 10⁹ bytes \
            (\(Text.decimal(each, places: 2)): \(each <= 1.2 ? "reached" : "missed")), and less than half of s5cmd's
            """
        if let peer {
            let ratio = Self.cpu(own) / Self.cpu(peer)
            text += " (\(Text.decimal(ratio, places: 2)): \(ratio < 0.5 ? "reached" : "missed"))"
        } else {
            text += " (s5cmd is missing, so this is not known)"
        }
        return text + ". s5cmd stands for the cheaper of its rows.\n"
    }

    private var increments: String {
        guard lines.count == 3, let changed = lines[1].readBytes, let same = lines[2].readBytes else { return "" }
        let share = 100 * Double(changed) / Double(bytes)
        let cost = 100 * Self.cpu(lines[1]) / Self.cpu(lines[0])
        return """
            Data.db are holes behind their first 64 KiB, so no disk is measured. The goal for 1 % new: at most 1.1 % of the \
            bytes read (\(Text.decimal(share, places: 3)): \(share <= 1.1 ? "reached" : "missed")), under 2 % of the full \
            backup's CPU (\(Text.decimal(cost, places: 2)): \(cost < 2 ? "reached" : "missed")); for nothing new: no data read \
            (\(same) bytes: \(same == 0 ? "reached" : "missed")).

            """
    }

    private var explanation: String {
        """
        Every request waits \(Text.decimal(LatencyMeasurement.delay / .milliseconds(1), places: 0)) ms for its answer. Memory for data is \
        \(Text.mebibytes(LatencyMeasurement.memory)) MiB and a chunk \(Text.mebibytes(LatencyMeasurement.chunk)) MiB, so \
        that \(LatencyMeasurement.memory / LatencyMeasurement.chunk) chunks can be under way and, if one waiting time \
        were all that each took, \(Text.decimal(LatencyMeasurement.allowed / 1e6, places: 0)) MB/s stored. "Blobs" is from \
        the first request for one to the last one's answer; the goal is 90 % of what memory allows.

        """
    }
}
