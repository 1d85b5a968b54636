internal import FoundationEssentials
internal import MachineFacts

extension Report {
    /// Writes `<date>-<machine>.md`, `.json` and the plots, and prints the first.
    ///
    /// What is not whole gets `-incomplete` in its names, lest it take the place of what is.
    func write(in directory: String, isWhole: Bool) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let base = "\(date)-\(machine.slug)" + (isWhole ? "" : "-incomplete")
        let plots = plots
        for plot in plots {
            try plot.svg.write(toFile: "\(directory)/\(base)-\(plot.name).svg", atomically: true, encoding: .utf8)
        }
        let text = markdown(plots: plots.map { ($0.section, "\(base)-\($0.name).svg") })
        try text.write(toFile: "\(directory)/\(base).md", atomically: true, encoding: .utf8)
        try encoder.encode(self).write(to: URL(filePath: "\(directory)/\(base).json"))
        print("\n" + text)
        StandardError.say("written to \(directory)/\(base).md, .json and \(plots.count) plots")
    }
}
