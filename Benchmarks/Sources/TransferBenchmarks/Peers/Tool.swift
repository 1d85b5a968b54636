/// A program that is compared, as this machine has it.
struct Tool: Sendable, Hashable {
    /// As the report calls it: `s5cmd`.
    let name: String
    /// What is started: a path, or a name to be found in PATH.
    let program: String
    /// Arguments that make it tell its version.
    let versionArguments: [String]
    /// What it is needed for beside being measured: `nginx` as a server.
    var role = "so not measured"

    init(_ name: String, program: String? = nil, version: [String] = ["--version"], role: String = "so not measured") {
        self.name = name
        self.program = program ?? name
        versionArguments = version
        self.role = role
    }
}
