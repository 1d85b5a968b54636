internal import FoundationEssentials
internal import MachineFacts

/// One run: what was asked for, where it works, and what it has found so far.
final class Bench {
    let options: Options
    let workspace: Workspace
    var report: Report
    /// The section that is being measured.
    var section: Int { report.sections.count - 1 }
    let ringvault: Ringvault
    let medusa: Medusa
    let commonRuntime: CommonRuntime
    private var presence: [Tool: Bool] = [:]

    init(_ options: Options, _ workspace: Workspace, commandLine: [String]) throws {
        self.options = options
        self.workspace = workspace
        ringvault = Ringvault(binary: options.binary, state: workspace.root + "/state")
        medusa = Medusa(tools: options.tools, scripts: options.scripts)
        commonRuntime = CommonRuntime(tools: options.tools, scripts: options.scripts)
        report = Report(
            date: Date.now.formatted(.iso8601.year().month().day()),
            commit: Self.commit(workspace),
            machine: MachineFacts(directory: workspace.root, program: options.binary),
            loadBefore: SystemState.load(),
            loadAfter: 0,
            rounds: options.rounds,
            options: Self.shown(commandLine)
        )
    }

    /// Opens a section; what is measured next goes there.
    func begin(_ name: String, title: String, about: String, axis: String? = nil) {
        report.sections.append(
            Report.Section(name: name, title: title, about: about, files: 0, bytes: 0, axis: axis)
        )
    }

    /// Something the report's reader must know.
    func note(_ text: String) {
        let line = rendered(text)
        report.notes.append(line)
        StandardError.say(line)
    }

    // MARK: Programs

    /// Those of them that this machine has; of the others the report says that they are missing.
    func present(_ contenders: [Contender]) throws -> [Contender] {
        try contenders.filter { try isPresent($0.tool) }
    }

    func isPresent(_ tool: Tool) throws -> Bool {
        if let answer = presence[tool] { return answer }
        let version: String?
        do {
            version = try workspace.output(of: [tool.program] + tool.versionArguments)
        } catch {
            try Interrupt.check()
            version = nil
        }
        if let version {
            report.versions[tool.name] = Self.firstLine(version)
        } else {
            report.missing.append("\(tool.name): not installed, \(tool.role)")
            StandardError.say("missing: \(tool.name)")
        }
        presence[tool] = version != nil
        return version != nil
    }

    /// What was asked for, without the places it was asked of.
    private static func shown(_ commandLine: [String]) -> String {
        let places: Set = ["--binary", "--directory", "--reports", "--tools", "--scripts", "--servers"]
        var words: [String] = []
        var rest = commandLine[...]
        while let word = rest.popFirst() {
            if places.contains(word) { _ = rest.popFirst() } else { words.append(word) }
        }
        return words.joined(separator: " ")
    }

    private static func commit(_ workspace: Workspace) -> String {
        let text = try? workspace.output(of: ["git", "describe", "--always", "--dirty", "--exclude", "*"])
        return text.map { firstLine($0) } ?? "unknown"
    }

    private static func firstLine(_ text: String) -> String {
        String((text.split(separator: "\n").first ?? "").filter { $0 != "*" }.drop { $0 == " " })
    }

    // MARK: Words

    /// A command as the report shows it: quoted for a shell, with no path of this machine.
    func rendered(_ arguments: [String]) -> String {
        arguments.map { word in
            let text = rendered(word)
            let plain = text.allSatisfy { $0.isLetter || $0.isNumber || "-_./:=,+@%$".contains($0) }
            return plain && !text.isEmpty ? text : "'\(text.replacing("'", with: "'\\''"))'"
        }.joined(separator: " ")
    }

    func rendered(_ text: String) -> String {
        var text = text.replacing(workspace.root, with: "$DIR")
        for tool in [ringvault.tool, medusa.tool, commonRuntime.tool] where tool.program.contains("/") {
            let name = tool.name == "ringvault" ? tool.name : "python3"
            text = text.replacing(tool.program, with: name)
        }
        return text.replacing(options.scripts + "/", with: "Benchmarks/Scripts/")
    }
}
