/// Everything that can be set besides on the command line: `data-dir` in the YAML file, `RINGVAULT_DATA_DIR` in the
/// environment, `--data-dir` as an option.
///
/// One name, three spellings.
enum Setting: String, CaseIterable, Sendable {
    case location
    case cluster
    case hostID = "host-id"
    case datacenter
    case rack
    case dataDirectory = "data-dir"
    case keyspace
    case table
    case node
    case nodetool
    case jmxHost = "jmx-host"
    case jmxPort = "jmx-port"
    case jmxUsername = "jmx-username"
    case jmxPasswordFile = "jmx-password-file"
    case jmxSSL = "jmx-ssl"
    case nodetoolOption = "nodetool-option"
    case nodeTimeout = "node-timeout"
    case nodeURL = "node-url"
    case nodeCAFile = "node-ca-file"
    case nodeCertificate = "node-certificate"
    case nodeKey = "node-key"
    case nodeTokenFile = "node-token-file"
    case cassandraConfig = "cassandra-config"
    case cqlsh
    case cqlHost = "cql-host"
    case cqlPort = "cql-port"
    case cqlUsername = "cql-username"
    case cqlPasswordFile = "cql-password-file"
    case cqlSSL = "cql-ssl"
    case cqlCAFile = "cql-ca-file"
    case cqlCertificate = "cql-certificate"
    case cqlKey = "cql-key"
    case cqlshrc
    case cqlTimeout = "cql-timeout"
    case excludedKeyspace = "exclude-keyspace"
    case excludedTable = "exclude-table"
    case keyFile = "key-file"
    case passphraseFile = "passphrase-file"
    case compression
    case recheck
    case memory
    case credentials
    case endpoint
    case region
    case addressing
    case account
    case checksum
    case serverEncryption = "server-encryption"
    case storageClass = "storage-class"
    case caFile = "ca-file"
    case proxy
    case noProxy = "no-proxy"
    case connections
    case rateLimit = "rate-limit"
    case readRateLimit = "read-rate-limit"
    case stateDirectory = "state-dir"
    case output
    case logLevel = "log-level"

    /// All of them, for people.
    static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }

    var environmentName: String {
        "RINGVAULT_" + rawValue.uppercased().split(separator: "-").joined(separator: "_")
    }
}
