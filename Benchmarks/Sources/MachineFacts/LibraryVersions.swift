internal import Programs

/// Versions of what the measured program is linked with and built by, asked of the programs that know.
enum LibraryVersions {
    /// By `dpkg-query` for what the dynamic linker loads, by name of the library's file; compilers by themselves.
    static func all(of program: String?) -> [String: String] {
        var versions: [String: String] = [:]
        let packages = [
            "OpenSSL": ["libssl3", "libssl3t64"], "libcurl": ["libcurl4", "libcurl4t64"], "zstd": ["libzstd1"],
            "LZ4": ["liblz4-1"], "isa-l": ["libisal2"], "zlib": ["zlib1g"], "glibc": ["libc6"],
        ]
        let names = packages.values.flatMap { $0 }
        let installed = output(["dpkg-query", "-W", "-f", "${Package} ${Version}\\n"] + names)
        for line in installed.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count == 2, let name = packages.first(where: { $0.value.contains(String(words[0])) })?.key
            else {
                continue
            }
            versions[name] = String(words[1])
        }
        versions["swift"] = output(["swift", "--version"]).split(separator: "\n").first { $0.contains("Swift version") }
            .map { line in
                let rest = line.split(separator: " ").drop { $0 != "version" }.dropFirst()
                return rest.first.map(String.init) ?? String(line)
            }
        if let program {
            versions["ringvault"] = output([program, "--version"]).split(separator: "\n").first.map(String.init)
        }
        return versions
    }

    /// What a command prints on standard output; empty if it cannot be run.
    private static func output(_ arguments: [String]) -> String {
        (try? Program(arguments).run(.kept(isQuiet: true)))?.text ?? ""
    }
}
