extension Report.Section {
    /// One column of a table: its title, and what stands in it.
    private struct Column {
        let title: String
        let text: (Report.Line) -> String
    }

    var markdown: String {
        let columns = usedColumns
        var text = """
            ## \(title)

            `\(name)`: \(Text.grouped(files)) files, \(Text.decimal(Double(bytes) / 1e9, places: 2)) × 10⁹ bytes. \(about)\(isCurve) It took \(Text.decimal(seconds / 60, places: 1)) minutes.

            | \(columns.map(\.title).joined(separator: " | ")) |
            | --- |\(String(repeating: " ---: |", count: columns.count - 1))

            """
        for line in lines where !line.usages.isEmpty || line.failure != nil {
            text += "| " + columns.map { $0.text(line) }.joined(separator: " | ") + " |\n"
        }
        text += growth + "\n<details><summary>Commands</summary>\n\n```sh\n"
        var last: [String: String] = [:]
        for line in lines {
            if line.environment != last, !line.environment.isEmpty {
                let settings = line.environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
                text += "# \(line.contender) with " + settings.joined(separator: " ") + "\n"
            }
            last = line.environment
            text += "# \(line.contender): \(line.job.rawValue)\n\(line.command)\n"
        }
        return text + "```\n\n</details>\n"
    }

    private var isCurve: String { axis == nil ? "" : " Three rounds at most." }

    /// All columns in which something stands.
    private var usedColumns: [Column] {
        columns.filter { column in column.title == "what" || lines.contains { !column.text($0).isEmpty } }
    }

    private var columns: [Column] {
        [
            Column(title: "what") { "\($0.contender): \($0.job.rawValue)" },
            Column(title: "wall s") { $0.failure == nil ? $0.wall?.text ?? "" : "failed" },
            Column(title: "CPU s") { $0.cpu?.text ?? "" },
            Column(title: "CPU s per 10⁹ bytes") { line in
                guard line.job.isOfAllBytes, line.bytes > 0, let cpu = line.cpu else { return "" }
                return Text.figure(cpu.median / (Double(line.bytes) / 1e9))
            },
            Column(title: "MB/s") { line in
                guard line.job.isOfAllBytes, line.bytes > 0, let wall = line.wall else { return "" }
                return Text.figure(Double(line.bytes) / 1e6 / wall.median)
            },
            Column(title: "files/s") { line in
                guard line.job.isOfAllBytes, line.files >= 500, let wall = line.wall else { return "" }
                return Text.grouped(Int(Double(line.files) / wall.median))
            },
            Column(title: "peak MiB") { $0.peakMemory.map { Text.mebibytes(Int($0.median)) } ?? "" },
            Column(title: "stored bytes") { $0.storedBytes.map { Text.grouped(Int($0.median)) } ?? "" },
            Column(title: "stored %") { line in
                guard line.job.isOfAllBytes, line.bytes > 0, let stored = line.storedBytes else { return "" }
                return Text.decimal(100 * stored.median / Double(line.bytes), places: 1)
            },
            Column(title: "read bytes") { $0.readBytes.map { Text.grouped($0) } ?? "" },
            Column(title: "requests") { $0.requests.last?.text ?? "" },
            Column(title: "share") { $0.share.map { $0 == Contender.Share.pointReason ? "" : $0 } ?? "" },
        ]
    }
}

extension Job {
    /// Whether it has to do with every byte of the data, so that a rate says something.
    fileprivate var isOfAllBytes: Bool {
        switch self {
        case .backup, .upload, .restore, .verify: true
        case .unchanged, .changed, .look, .list, .start: false
        }
    }
}
