internal import ArgumentParser
internal import Cassandra
internal import Logging
internal import SystemPackage

/// How the Cassandra node on this host is asked, and where its configuration is.
struct NodeOptions: ParsableArguments {
    /// What a node is asked by.
    enum Means: String, CaseIterable {
        case nodetool
        case managementAPI = "management-api"
        case sidecar
        case none

        static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }
    }

    @Option(
        help: ArgumentHelp(
            "What the node is asked by: nodetool, management-api, sidecar, or none (files only); default nodetool.",
            valueName: "means"
        )
    )
    var node: String?

    @Option(help: ArgumentHelp("The nodetool program; default: the one in PATH.", valueName: "path"))
    var nodetool: String?

    @Option(
        name: .customLong("jmx-host"),
        help: ArgumentHelp("Where JMX listens; default 127.0.0.1.", valueName: "address")
    )
    var jmxHost: String?

    @Option(
        name: .customLong("jmx-port"),
        help: ArgumentHelp("JMX's port; default: what cassandra-env.sh says, else 7199.", valueName: "port")
    )
    var jmxPort: String?

    @Option(name: .customLong("jmx-username"), help: ArgumentHelp("User of JMX.", valueName: "name"))
    var jmxUsername: String?

    @Option(
        name: .customLong("jmx-password-file"),
        help: ArgumentHelp("File with lines of user and password of JMX, as nodetool -pwf reads it.", valueName: "file")
    )
    var jmxPasswordFile: String?

    @Flag(
        name: .customLong("jmx-ssl"),
        help: "JMX speaks TLS: nodetool --ssl, with what ~/.cassandra/nodetool-ssl.properties says."
    )
    var jmxSSL = false

    @Option(
        name: .customLong("nodetool-option"),
        help: ArgumentHelp(
            "One more argument of nodetool, as --nodetool-option=-Dcom.sun.jndi.rmiURLParsing=legacy; may be given "
                + "several times.",
            valueName: "argument"
        )
    )
    var nodetoolOption: [String] = []

    @Option(
        name: .customLong("node-timeout"),
        help: ArgumentHelp("Longest wait for the node to do something, as 30m; default 10m.", valueName: "time")
    )
    var nodeTimeout: String?

    @Option(
        name: .customLong("node-url"),
        help: ArgumentHelp(
            "Address of the Management API or Sidecar, as https://127.0.0.1:8080; default http://127.0.0.1:8080, and "
                + "http://127.0.0.1:9043 for Sidecar.",
            valueName: "url"
        )
    )
    var nodeURL: String?

    @Option(
        name: .customLong("node-ca-file"),
        help: ArgumentHelp("Certificates (PEM) that the API's own must come from.", valueName: "file")
    )
    var nodeCAFile: String?

    @Option(
        name: .customLong("node-certificate"),
        help: ArgumentHelp("Our certificate (PEM) for an API that asks for one.", valueName: "file")
    )
    var nodeCertificate: String?

    @Option(
        name: .customLong("node-key"),
        help: ArgumentHelp("The key (PEM, without a passphrase) of that certificate.", valueName: "file")
    )
    var nodeKey: String?

    @Option(
        name: .customLong("node-token-file"),
        help: ArgumentHelp("File with a bearer token for the API.", valueName: "file")
    )
    var nodeTokenFile: String?

    @Option(
        name: .customLong("cassandra-config"),
        help: ArgumentHelp(
            "cassandra.yaml, or its directory; default: in $CASSANDRA_CONF, $CASSANDRA_HOME/conf, /etc/cassandra, "
                + "/etc/cassandra/conf, /opt/cassandra/conf.",
            valueName: "path"
        )
    )
    var cassandraConfig: String?

    /// What the node is asked by.
    func means(_ settings: Settings) throws -> Means {
        try settings.value(.node, node, default: .nodetool, expecting: Means.names) { Means(rawValue: $0) }
    }

    /// Control of the node; asks it nothing yet.
    ///
    /// - Throws: `ValidationError`, or `CassandraError` with code `.invalid`, for settings that cannot be.
    func control(_ settings: Settings, _ logger: Logger) throws -> any NodeControl {
        switch try means(settings) {
        case .none: NoNode()
        case .nodetool:
            try Nodetool(nodetoolSettings(settings)) { words in
                logger.debug("nodetool failed", metadata: ["said": "\(words)"])
            }
        case .managementAPI: try ManagementAPI(service(settings, url: "http://127.0.0.1:8080"))
        case .sidecar:
            try Sidecar(
                service(settings, url: "http://127.0.0.1:9043"),
                clusterName: try? configuration(settings).clusterName
            )
        }
    }

    /// The node's cassandra.yaml; blocks for a moment.
    func configuration(_ settings: Settings) throws -> CassandraConfiguration {
        let option = try settings.string(.cassandraConfig, cassandraConfig)
        let file = try CassandraConfiguration.find(option: option, environment: settings.environment)
        return try CassandraConfiguration(file: file, environment: settings.environment)
    }

    private func service(_ settings: Settings, url: String) throws -> NodeAPISettings {
        var service = NodeAPISettings(url: try settings.string(.nodeURL, nodeURL) ?? url)
        service.caFile = try settings.string(.nodeCAFile, nodeCAFile).map { FilePath($0) }
        service.certificate = try settings.string(.nodeCertificate, nodeCertificate).map { FilePath($0) }
        service.key = try settings.string(.nodeKey, nodeKey).map { FilePath($0) }
        service.tokenFile = try settings.string(.nodeTokenFile, nodeTokenFile).map { FilePath($0) }
        service.workTimeout = try timeout(settings)
        service.lookTimeout = min(service.workTimeout, service.lookTimeout)
        return service
    }

    private func nodetoolSettings(_ settings: Settings) throws -> NodetoolSettings {
        var nodetool = NodetoolSettings()
        nodetool.executable = try settings.string(.nodetool, self.nodetool) ?? "nodetool"
        nodetool.host = try settings.string(.jmxHost, jmxHost)
        nodetool.port = try settings.value(.jmxPort, jmxPort, default: nil, expecting: "a port") { text in
            Int(text).flatMap { (1...65535).contains($0) ? $0 : nil }
        }
        nodetool.username = try settings.string(.jmxUsername, jmxUsername)
        nodetool.passwordFile = try settings.string(.jmxPasswordFile, jmxPasswordFile).map { FilePath($0) }
        nodetool.usesSSL = try settings.flag(.jmxSSL, jmxSSL)
        nodetool.options = settings.strings(.nodetoolOption, nodetoolOption)
        nodetool.workTimeout = try timeout(settings)
        nodetool.lookTimeout = min(nodetool.workTimeout, nodetool.lookTimeout)
        nodetool.environment = settings.environment
        return nodetool
    }

    private func timeout(_ settings: Settings) throws -> Duration {
        try settings.value(.nodeTimeout, nodeTimeout, default: .seconds(600), expecting: "a time such as 10m") {
            TimeSpan(argument: $0).flatMap { $0.duration > .zero ? $0.duration : nil }
        }
    }
}
