/// Why nodetool did not do what it was asked for, from what it printed.
///
/// Source: outputs of 3.11.17, 4.0.14, 4.1.7 and 5.0.1; org.apache.cassandra.tools.NodeTool: what is called wrongly goes
/// to standard output as `nodetool: …` with status 1, what failed to standard error as `error: …` with status 2 and a
/// stack trace, a connection that failed to standard error as `nodetool: Failed to connect to …` with status 1.
struct NodetoolRefusal {
    let code: CassandraError.Code
    /// One clause or two; never a stack trace.
    let reason: String

    /// Nil if the answer is that of a success.
    ///
    /// - Parameter isWork: whether it was to change something; then an `Error:` on standard output is one, too. Of what
    ///   only looks, describecluster prints such a line with its success.
    init?(_ answer: ChildProcess.Answer, isWork: Bool) {
        switch answer.end {
        case .signalled(let signal):
            self.init(.system, "nodetool died of signal \(signal)")
        case .exited(0):
            guard let words = Self.complaint(in: answer, isWork: isWork) else { return nil }
            self.init(words)
        case .exited(let status):
            let words = Self.complaint(in: answer, isWork: true) ?? Self.lastLine(of: answer)
            self.init(words ?? "nodetool ended with status \(status) and said nothing")
        }
    }

    private init(_ code: CassandraError.Code, _ reason: String) {
        self.code = code
        self.reason = reason
    }

    /// What the words mean; the first rule that matches.
    private init(_ words: String) {
        if let rule = Self.rules.first(where: { rule in rule.signs.contains { words.contains($0) } }) {
            self.init(rule.code, rule.advice.isEmpty ? words : "\(words); \(rule.advice)")
        } else {
            self.init(.refused, words)
        }
    }

    private struct Rule {
        let code: CassandraError.Code
        /// One of them is in nodetool's words.
        let signs: [String]
        /// What to do.
        let advice: String
    }

    private static let rules: [Rule] = [
        Rule(
            code: .denied,
            signs: ["Authentication failed", "SecurityException", "FailedLoginException", "CredentialException"],
            advice: "JMX wants a user and a password, or others: --jmx-username and --jmx-password-file"
        ),
        Rule(
            code: .denied,
            signs: ["neither username nor password can be blank"],
            advice: "--jmx-username needs a --jmx-password-file with a line of that user and the password"
        ),
        Rule(
            code: .denied,
            signs: ["Access Denied", "Access denied", "Invalid access level"],
            advice: "the JMX user must be allowed to change the node (readwrite)"
        ),
        Rule(
            code: .unreachable,
            signs: ["URISyntaxException", "Malformed IPv6 address"],
            advice: "Java and this nodetool do not fit; try --nodetool-option=-Dcom.sun.jndi.rmiURLParsing=legacy"
        ),
        Rule(
            code: .unreachable,
            signs: ["non-JRMP server", "error during JRMP connection", "SSLHandshakeException", "SSLException"],
            advice: "one side speaks TLS and the other does not, or does not trust it: --jmx-ssl, and "
                + "~/.cassandra/nodetool-ssl.properties"
        ),
        Rule(
            code: .unreachable,
            signs: ["Failed to connect to", "Error while closing JMX connection"],
            advice: "the node is down, or JMX listens elsewhere: --jmx-host, --jmx-port"
        ),
        Rule(
            code: .notReady,
            signs: ["Server is not initialized yet", "until bootstrap completes"],
            advice: "the node is starting; try again when it is up"
        ),
        Rule(
            code: .notReady,
            signs: ["has shut down"],
            advice: "the node is drained; it must be restarted first"
        ),
        Rule(
            code: .exists,
            signs: ["already exists"],
            advice: ""
        ),
        Rule(
            code: .unsupported,
            signs: ["Found unexpected parameters", "Found unexpected", "unrecognized command"],
            advice: "this release's nodetool does not know the command or its options"
        ),
        Rule(
            code: .notFound,
            signs: [
                "does not exist", "Unknown keyspace", "No such keyspace", "Unknown table", "not found.",
                "No such file or directory",
            ],
            advice: ""
        ),
        Rule(
            code: .invalid,
            signs: ["Unable to find java", "You must set the CASSANDRA_CONF and CLASSPATH vars", "java: not found"],
            advice:
                "nodetool itself cannot run: JAVA_HOME, CASSANDRA_HOME, CASSANDRA_INCLUDE, or another one by --nodetool"
        ),
    ]

    /// The line that says what went wrong, without its mark; a stack trace's lines are none.
    private static func complaint(in answer: ChildProcess.Answer, isWork: Bool) -> String? {
        for line in answer.errors.split(whereSeparator: \.isNewline).map(NodetoolText.trimmed) {
            if let words = NodetoolText.after("error: ", line) { return words }
            if let words = NodetoolText.after("nodetool: ", line) { return words }
            if line.hasPrefix("ColumnFamilyStore for ") { return line }
            if line.hasPrefix("Exception in thread "), let colon = line.firstRange(of: ": ") {
                return String(line[colon.upperBound...])
            }
        }
        for line in answer.output.split(whereSeparator: \.isNewline).map(NodetoolText.trimmed) {
            if let words = NodetoolText.after("nodetool: ", line) { return words }
            if line.hasPrefix("ColumnFamilyStore for ") { return line }
            if isWork, let words = NodetoolText.after("Error: ", line) ?? NodetoolText.after("error: ", line) {
                return words
            }
        }
        return nil
    }

    /// What it said last, of standard error if there is anything: a shell's complaint, for instance.
    private static func lastLine(of answer: ChildProcess.Answer) -> String? {
        for text in [answer.errors, answer.output] {
            let lines = text.split(whereSeparator: \.isNewline).map(NodetoolText.trimmed)
            if let last = lines.last(where: { !$0.isEmpty && !$0.hasPrefix("at ") }) {
                return String(last.prefix(300))
            }
        }
        return nil
    }
}
