package import SystemPackage

/// How `nodetool` is run.
package struct NodetoolSettings: Sendable {
    /// A path, or a name that is looked for in PATH.
    package var executable = "nodetool"
    /// Nil: nodetool's own, 127.0.0.1.
    package var host: String?
    /// Nil: what the node's cassandra-env.sh says, else 7199.
    package var port: Int?
    package var username: String?
    /// Lines of user and password, as the JVM's jmxremote.password has them; the password is never an argument, since
    /// every user of the machine can read those.
    package var passwordFile: FilePath?
    /// Adds `--ssl`, with which nodetool reads `~/.cassandra/nodetool-ssl.properties`.
    package var usesSSL = false
    /// Given to nodetool before everything else: `-Dcom.sun.jndi.rmiURLParsing=legacy`.
    package var options: [String] = []
    /// For what only looks.
    package var lookTimeout = Duration.seconds(60)
    /// For snapshots, flushes and loading.
    package var workTimeout = Duration.seconds(600)
    /// What we have in ours; `ChildEnvironment` takes from it.
    package var environment: [String: String] = [:]

    package init() {}

    /// - Throws: `CassandraError` with code `.invalid` for what nodetool's script cannot take, or must not be given.
    func arguments() throws(CassandraError) -> [String] {
        for option in options {
            guard option.hasPrefix("-") else { throw flaw(option, "an option of nodetool begins with a dash") }
            let name = option.prefix { $0 != "=" }
            guard name != "-pw", name != "--password" else {
                throw flaw(String(name), "everyone on this machine could read the password; use --jmx-password-file")
            }
        }
        var arguments = options
        if let host { arguments += ["-h", host] }
        if let port { arguments += ["-p", "\(port)"] }
        if let username { arguments += ["-u", username] }
        if let passwordFile {
            guard username != nil else { throw flaw(passwordFile.string, "a password file needs the user's name too") }
            arguments += ["-pwf", passwordFile.string]
        }
        if usesSSL { arguments.append("--ssl") }
        for argument in arguments { try NodetoolWord.check(argument) }
        return arguments
    }

    /// `nodetool`, with the address if one was given.
    var means: String {
        switch (host, port) {
        case (nil, nil): "nodetool"
        case (let host, nil): "nodetool at \(host ?? "")"
        case (let host, let port?): "nodetool at \(host ?? "127.0.0.1"):\(port)"
        }
    }

    private func flaw(_ option: String, _ reason: String) -> CassandraError {
        CassandraError(.invalid, "run nodetool with", option, reason)
    }
}

/// What can be one argument of nodetool.
///
/// Its script puts the arguments into one string, which the shell then splits at white space and expands; echo reads
/// backslashes; and an empty argument ends them all. So a name with one of these would reach Cassandra as another one.
/// Source: bin/nodetool, 3.11 to 5.0.
enum NodetoolWord {
    static func check(_ word: String) throws(CassandraError) {
        if let flaw = flaw(of: word) {
            throw CassandraError(.invalid, "give nodetool", "\"\(word)\"", flaw)
        }
    }

    /// For a value, which must not be taken for an option either.
    static func checkValue(_ word: String) throws(CassandraError) {
        try check(word)
        if word.hasPrefix("-") {
            throw CassandraError(.invalid, "give nodetool", "\"\(word)\"", "it would take this for an option")
        }
    }

    private static func flaw(of word: String) -> String? {
        if word.isEmpty { return "its script cannot take an empty argument" }
        let odd = word.unicodeScalars.first { scalar in
            scalar.properties.isWhitespace || scalar.properties.generalCategory == .control
                || "*?[\\".unicodeScalars.contains(scalar)
        }
        return odd.map { "its script cannot take an argument with \($0.escaped(asASCII: true).debugDescription)" }
    }
}
