internal import Plots

extension Report {
    /// An image that belongs to a section.
    struct Plot {
        let section: String
        /// Follows the report's own name: `upload-cpu`.
        let name: String
        let svg: String
    }

    /// Bars of what contenders cost, and curves of how costs grow.
    var plots: [Plot] { sections.flatMap { $0.axis == nil ? $0.bars : $0.curves } }
}

extension Report.Section {
    /// CPU and wall seconds, a group of bars for each job.
    fileprivate var bars: [Report.Plot] {
        [("cpu", "CPU s", \Report.Line.cpu), ("wall", "wall s", \.wall)].compactMap { word, unit, figure in
            let groups = Job.allCases.compactMap { job -> BarChart.Group? in
                let bars = lines.filter { $0.job == job && $0.bytes == bytes }.compactMap { line -> BarChart.Bar? in
                    guard let spread = line[keyPath: figure] else { return nil }
                    let role: BarChart.Role = line.peer == "ringvault" ? .ours : .peer
                    return BarChart.Bar(line.contender, spread.median, range: spread.least...spread.most, role: role)
                }
                return bars.count > 1 ? BarChart.Group(job.rawValue, bars) : nil
            }
            guard !groups.isEmpty else { return nil }
            let chart = BarChart(
                title: title,
                subtitle: "\(unit), median and range; less is better",
                unit: unit,
                groups: groups
            )
            return Report.Plot(section: name, name: "\(name)-\(word)", svg: chart.svg)
        }
    }

    /// Wall and CPU seconds over what the section counts, with the line that fits.
    fileprivate var curves: [Report.Plot] {
        [("cpu", "CPU s", \Report.Line.cpu), ("wall", "wall s", \.wall)].compactMap { word, unit, figure in
            let series = series(figure)
            guard !series.isEmpty else { return nil }
            let chart = LineChart(
                title: title,
                subtitle: "\(unit), median and range",
                x: (axis ?? "", .logarithmic),
                y: (unit, .logarithmic),
                series: series.map { LineChart.Series($0.name, $0.points, fit: $0.fit) }
            )
            return Report.Plot(section: name, name: "\(name)-\(word)", svg: chart.svg)
        }
    }

    private func series(
        _ figure: KeyPath<Report.Line, Spread?>
    ) -> [(name: String, points: [LineChart.Point], fit: Fit?)] {
        let peers = Set(lines.map(\.peer)).sorted()
        return peers.flatMap { peer in
            Job.allCases.compactMap { job in
                let points = lines.filter { $0.peer == peer && $0.job == job }.compactMap { line in
                    line.x.flatMap { x in line[keyPath: figure].map { (x, $0) } }
                }
                guard points.count > 1 else { return nil }
                return (
                    "\(peer): \(job.rawValue)",
                    points.map { LineChart.Point(x: $0.0, y: $0.1.median, range: $0.1.least...$0.1.most) },
                    Fit(points.map { ($0.0, $0.1.median) })
                )
            }
        }
    }

    /// How each job's costs grow, in a line each; nothing where nothing grows.
    var growth: String {
        guard axis == "10⁹ bytes" || axis == "files" || axis == "nodes" else { return "" }
        var text = ""
        for (unit, figure) in [("CPU s", \Report.Line.cpu), ("wall s", \.wall)] {
            for series in series(figure) {
                if let fit = series.fit { text += "- \(series.name), \(unit): \(fit.text)\n" }
            }
        }
        return text.isEmpty ? "" : "\nx in \(axis ?? ""):\n\n" + text
    }
}
