package import SystemPackage

/// CQL through Cassandra's own `cqlsh`, one process for a call.
///
/// It speaks every release's protocol, TLS and ways to authenticate, as far as it fits the node's release. What it is
/// asked stands in a file of `CQLShellWorkspace`, so that statements may have any length, and come to the server byte for
/// byte: `-e` is limited by the kernel, and standard input loses carriage returns.
package struct CQLShell: CQLSession {
    package struct Settings: Sendable, Hashable {
        /// A path, or a name looked for in PATH.
        package var executable = "cqlsh"
        package var host = "127.0.0.1"
        package var port = 9042
        package var login: Login?
        /// Nil: not encrypted, unless `ownSettings` say so.
        package var tls: TLS?
        /// The user's own cqlshrc, instead of one made from `login` and `tls`.
        package var ownSettings: FilePath?
        package var connectTimeout = Duration.seconds(10)
        /// For one statement; longer than what a server takes for TRUNCATE, `truncate_request_timeout`, a minute.
        package var requestTimeout = Duration.seconds(120)

        package init() {}
    }

    package struct Login: Sendable, Hashable {
        package var user: String
        /// A file whose first line is the password; read at each call, so that it may change meanwhile.
        package var passwordFile: FilePath

        package init(user: String, passwordFile: FilePath) {
            self.user = user
            self.passwordFile = passwordFile
        }
    }

    package struct TLS: Sendable, Hashable {
        /// PEM, of who signed the node's certificate.
        package var authorities: FilePath?
        /// PEM, both or neither: where the node asks its clients for one.
        package var certificate: FilePath?
        package var key: FilePath?

        package init(authorities: FilePath? = nil, certificate: FilePath? = nil, key: FilePath? = nil) {
            self.authorities = authorities
            self.certificate = certificate
            self.key = key
        }
    }

    /// Bytes: a thousand tables of a hundred columns are some 30 MiB.
    private static let outputLimit = 512 << 20

    package let settings: Settings
    private let environment: [String: String]

    /// - Parameter environment: of this process; cqlsh gets what `ChildEnvironment` leaves of it.
    package init(_ settings: Settings, environment: [String: String]) {
        self.settings = settings
        self.environment = environment
    }

    package var means: String { "\(settings.executable) at \(settings.host):\(settings.port)" }

    package func rows(_ selects: [String]) async throws(CassandraError) -> [[CQLRow]] {
        guard !selects.isEmpty else { return [] }
        // One page: cqlsh would print each of several on its own.
        let script = "PAGING OFF;\n" + selects.map { $0 + ";\n" }.joined()
        let output = try await run(script, for: "read", selects[0], statements: selects.count)
        let results = try CQLShellAnswer.results(in: output, expecting: selects.count)
        var rows: [[CQLRow]] = []
        for result in results {
            var own: [CQLRow] = []
            for text in result { own.append(try CQLRow(json: text)) }
            rows.append(own)
        }
        return rows
    }

    /// cqlsh goes on after a statement that failed, which must not happen here: each gets a process of its own.
    package func execute(_ statements: [String]) async throws(CassandraError) {
        for statement in statements {
            _ = try await run(statement + ";\n", for: "execute", statement, statements: 1)
        }
    }

    package func describe(_ what: String) async throws(CassandraError) -> String {
        let output = try await run("DESCRIBE \(what);\n", for: "describe", what, statements: 1)
        return try CQLShellAnswer.description(in: output, of: what)
    }

    /// - Parameter statements: how many the script has, each of which may take its time.
    private func run(
        _ script: String,
        for operation: String,
        _ subject: String,
        statements: Int
    ) async throws(CassandraError) -> String {
        let target = "\(CQLShellFailure.shortened(subject)) by \(means)"
        let workspace = try CQLShellWorkspace(settings, script: script, environment: environment)
        var child = ChildProcess(executable: settings.executable, environment: workspace.environment)
        child.outputLimit = Self.outputLimit
        let timeout = settings.connectTimeout * 2 + settings.requestTimeout * statements + .seconds(30)
        let answer: ChildProcess.Answer
        do throws(CassandraError) {
            answer = try await child.run(workspace.arguments, timeout: timeout, for: operation, target)
        } catch {
            guard error.code == .invalid else { throw error }
            throw CassandraError(
                .invalid,
                operation,
                target,
                "\(error.reason); --cqlsh names it, or 'none' for doing without CQL"
            )
        }
        guard case .exited(0) = answer.end else {
            throw CQLShellFailure(answer, script: workspace.scriptPath.string).error(operation, target)
        }
        return answer.output
    }
}
