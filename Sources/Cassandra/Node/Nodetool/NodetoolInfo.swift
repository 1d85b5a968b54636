/// What `nodetool info -T` says.
///
/// Source: org.apache.cassandra.tools.nodetool.Info, 3.11 to 5.0: a label padded to 23 characters, a colon, a value.
struct NodetoolInfo {
    let hostID: String
    let datacenter: String
    let rack: String
    /// As they stand there; none while the node has not joined the ring.
    let tokens: [String]

    init(_ output: String) throws(CassandraError) {
        var hostID: String?
        var datacenter: String?
        var rack: String?
        var tokens: [String] = []
        for line in NodetoolText.lines(of: output) {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = NodetoolText.trimmed(line[line.index(after: colon)...])
            switch NodetoolText.trimmed(line[..<colon]) {
            case "ID": hostID = value
            case "Data Center": datacenter = value
            case "Rack": rack = value
            case "Token" where !value.hasPrefix("("): tokens.append(value)  // "(node is not joined to the cluster)"
            default: break
            }
        }
        guard let hostID, NodetoolText.isUUID(hostID) else {
            throw NodetoolText.malformed("info", "it tells no host id")
        }
        guard let datacenter, let rack, !datacenter.isEmpty, !rack.isEmpty else {
            throw NodetoolText.malformed("info", "it tells no data center and rack")
        }
        self.hostID = hostID.lowercased()
        self.datacenter = datacenter
        self.rack = rack
        self.tokens = tokens
    }
}

/// What `nodetool version` says: `ReleaseVersion: 4.0.14`.
enum NodetoolVersion {
    static func release(_ output: String) throws(CassandraError) -> ReleaseVersion {
        for line in NodetoolText.lines(of: output) {
            if let text = NodetoolText.after("ReleaseVersion: ", line), let version = ReleaseVersion(text) {
                return version
            }
        }
        throw NodetoolText.malformed("version", "it tells no release")
    }
}

/// What `nodetool netstats` says first: `Mode: NORMAL`.
enum NodetoolNetstats {
    static func mode(_ output: String) throws(CassandraError) -> NodeMode {
        for line in NodetoolText.lines(of: output) {
            if let word = NodetoolText.after("Mode: ", line), !word.isEmpty { return NodeMode(word) }
        }
        throw NodetoolText.malformed("netstats", "it tells no mode")
    }
}
