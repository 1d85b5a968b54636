internal import ArgumentParser
internal import Cassandra
internal import Logging
internal import SystemPackage
internal import TransferEngine

/// How the node is spoken to in CQL: for its schema, and to make or empty tables before a restore.
///
/// Passwords come from files: the command line is seen by everyone on the machine.
struct CQLOptions: ParsableArguments {
    /// What `--cqlsh` says where CQL is to be left alone.
    private static let nothing = "none"

    @Option(
        name: .customLong("cqlsh"),
        help: ArgumentHelp(
            "The cqlsh program; default: the one in PATH. 'none': nothing is asked in CQL, and no schema is kept.",
            valueName: "path"
        )
    )
    var cqlsh: String?

    @Option(
        name: .customLong("cql-host"),
        help: ArgumentHelp(
            "Where CQL listens; default: rpc_address of cassandra.yaml, else 127.0.0.1.",
            valueName: "address"
        )
    )
    var cqlHost: String?

    @Option(
        name: .customLong("cql-port"),
        help: ArgumentHelp("CQL's port; default: that of cassandra.yaml, else 9042.", valueName: "port")
    )
    var cqlPort: String?

    @Option(name: .customLong("cql-username"), help: ArgumentHelp("Role to log in as.", valueName: "name"))
    var cqlUsername: String?

    @Option(
        name: .customLong("cql-password-file"),
        help: ArgumentHelp("File whose first line is the role's password.", valueName: "file")
    )
    var cqlPasswordFile: String?

    @Flag(name: .customLong("cql-ssl"), help: "CQL speaks TLS; the node's certificate is checked.")
    var cqlSSL = false

    @Option(
        name: .customLong("cql-ca-file"),
        help: ArgumentHelp(
            "Certificates (PEM) that the node's own must come from; default: the system's. Implies --cql-ssl.",
            valueName: "file"
        )
    )
    var cqlCAFile: String?

    @Option(
        name: .customLong("cql-certificate"),
        help: ArgumentHelp("Our certificate (PEM) for a node that asks for one. Implies --cql-ssl.", valueName: "file")
    )
    var cqlCertificate: String?

    @Option(
        name: .customLong("cql-key"),
        help: ArgumentHelp("The key (PEM, without a passphrase) of that certificate.", valueName: "file")
    )
    var cqlKey: String?

    @Option(
        name: .customLong("cqlshrc"),
        help: ArgumentHelp(
            "Your own cqlshrc instead of the options for the login and for certificates, as ~/.cassandra/cqlshrc.",
            valueName: "file"
        )
    )
    var cqlshrc: String?

    @Option(
        name: .customLong("cql-timeout"),
        help: ArgumentHelp("Longest wait for the answer to one statement, as 5m; default 2m.", valueName: "time")
    )
    var cqlTimeout: String?

    /// The node in CQL; asks it nothing yet.
    ///
    /// - Parameter configuration: of the node, if it can be read: says where CQL listens where the user does not.
    /// - Returns: nil where the user wants none.
    /// - Throws: `ValidationError` for settings that do not go together.
    func session(
        _ settings: Settings,
        _ logger: Logger,
        of configuration: CassandraConfiguration? = nil
    ) throws -> CQLShell? {
        var shell = CQLShell.Settings()
        shell.executable = try settings.string(.cqlsh, cqlsh) ?? shell.executable
        guard shell.executable != Self.nothing else { return nil }
        shell.host = try settings.string(.cqlHost, cqlHost) ?? configuration?.clientAddress ?? shell.host
        let port = configuration?.nativePort ?? shell.port
        shell.port = try settings.value(.cqlPort, cqlPort, default: port, expecting: "a port") { text in
            Int(text).flatMap { (1...65535).contains($0) ? $0 : nil }
        }
        shell.requestTimeout = try settings.value(
            .cqlTimeout,
            cqlTimeout,
            default: shell.requestTimeout,
            expecting: "a time such as 5m"
        ) { TimeSpan(argument: $0).flatMap { $0.duration > .zero ? $0.duration : nil } }
        shell.login = try login(settings, logger)
        shell.tls = try tls(settings)
        shell.ownSettings = try settings.string(.cqlshrc, cqlshrc).map { FilePath($0) }
        guard shell.ownSettings == nil || shell.login == nil && !shell.hasFiles else {
            throw ValidationError(
                "--cqlshrc says who logs in and with which certificates: leave out --cql-username, --cql-password-file, "
                    + "--cql-ca-file, --cql-certificate and --cql-key"
            )
        }
        return CQLShell(shell, environment: settings.environment)
    }

    private func login(_ settings: Settings, _ logger: Logger) throws -> CQLShell.Login? {
        let user = try settings.string(.cqlUsername, cqlUsername)
        let file = try settings.string(.cqlPasswordFile, cqlPasswordFile).map { FilePath($0) }
        switch (user, file) {
        case (nil, nil): return nil
        case (let user?, let file?):
            if let status = try? FileStatus(of: file, followingLinks: true), status.permissions & 0o077 != 0 {
                logger.warning(
                    "others on this machine can read a password: take their rights away with chmod 600",
                    metadata: ["file": "\(file)"]
                )
            }
            return CQLShell.Login(user: user, passwordFile: file)
        case (_?, nil), (nil, _?): throw ValidationError("--cql-username and --cql-password-file go together")
        }
    }

    private func tls(_ settings: Settings) throws -> CQLShell.TLS? {
        let authorities = try settings.string(.cqlCAFile, cqlCAFile).map { FilePath($0) }
        let certificate = try settings.string(.cqlCertificate, cqlCertificate).map { FilePath($0) }
        let key = try settings.string(.cqlKey, cqlKey).map { FilePath($0) }
        guard (certificate == nil) == (key == nil) else {
            throw ValidationError("--cql-certificate and --cql-key go together")
        }
        let isWanted = try settings.flag(.cqlSSL, cqlSSL) || authorities != nil || certificate != nil
        return isWanted ? CQLShell.TLS(authorities: authorities, certificate: certificate, key: key) : nil
    }
}

extension CQLShell.Settings {
    fileprivate var hasFiles: Bool { tls?.authorities != nil || tls?.certificate != nil }
}

extension CassandraConfiguration {
    /// Where clients reach the node; nil where any of its addresses will do, or none is said.
    fileprivate var clientAddress: String? {
        guard let rpcAddress, !["", "0.0.0.0", "::", "::0", "0:0:0:0:0:0:0:0"].contains(rpcAddress) else { return nil }
        return rpcAddress
    }
}
