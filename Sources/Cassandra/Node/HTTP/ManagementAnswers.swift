internal import TransferEngine

/// Rows of texts, as the Management API wraps them: `{"entity": [{"name": "value"}], …}`.
struct ManagementEntity: Decodable {
    let rows: [[String: String?]]

    private enum CodingKeys: CodingKey { case entity }

    init(from decoder: any Decoder) throws {
        if let list = try? decoder.singleValueContainer().decode([[String: String?]].self) {
            rows = list
        } else {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            rows = try container.decode([[String: String?]].self, forKey: .entity)
        }
    }
}

/// What gossip knows of all nodes.
struct ManagementEndpoints {
    let all: [ManagementEndpoint]

    /// The node that the service stands beside.
    func local(_ client: NodeAPIClient, _ question: NodeAPIClient.Question) throws(CassandraError) -> ManagementEndpoint
    {
        let own = all.filter { $0["IS_LOCAL"] == "true" }
        if own.count == 1 { return own[0] }
        if all.count == 1 { return all[0] }
        throw client.error(.malformed, question, "it does not tell which of \(all.count) nodes it stands beside")
    }
}

/// What gossip knows of one node.
///
/// Source: `getEndpointStates` in the Management API's shims: names of org.apache.cassandra.gms.ApplicationState, and
/// beside them ENDPOINT_IP, IS_ALIVE, IS_LOCAL, PARTITIONER, CLUSTER_NAME, and tokens in plain text.
struct ManagementEndpoint {
    private let row: [String: String?]

    init(_ row: [String: String?]) {
        self.row = row
    }

    subscript(name: String) -> String? {
        guard let value = row[name] ?? nil, !value.isEmpty, value != "null" else { return nil }
        return value
    }

    var address: String? { self["ENDPOINT_IP"] }
    var isAlive: Bool { self["IS_ALIVE"] == "true" }
    var status: String? { self["STATUS_WITH_PORT"] ?? self["STATUS"] }
    var schema: String? { self["SCHEMA"]?.lowercased() }

    /// Nil for one that is not of the ring any more, or of which too little is known.
    var member: RingState.Member? {
        guard let address, let datacenter = self["DC"], !GossipStatus.isGone(status ?? "") else { return nil }
        return RingState.Member(
            address: address,
            hostID: self["HOST_ID"]?.lowercased(),
            datacenter: datacenter,
            rack: self["RACK"],
            isUp: isAlive,
            state: GossipStatus.state(status ?? "")
        )
    }

    func facts(
        _ release: ReleaseVersion,
        _ client: NodeAPIClient,
        _ question: NodeAPIClient.Question
    ) throws(CassandraError) -> NodeFacts {
        guard let hostID = self["HOST_ID"], NodetoolText.isUUID(hostID), let name = self["CLUSTER_NAME"],
            let partitioner = self["PARTITIONER"], let datacenter = self["DC"], let rack = self["RACK"], let address
        else { throw client.error(.malformed, question, "it does not tell all of host id, cluster, partitioner, rack") }
        let tokens = self["TOKENS"]?.split(separator: ",").map(NodetoolText.trimmed) ?? []
        return NodeFacts(
            releaseVersion: release,
            hostID: hostID.lowercased(),
            clusterName: name,
            partitioner: partitioner,
            datacenter: datacenter,
            rack: rack,
            address: address,
            tokens: tokens.sorted(by: Token.precedes),
            schemaVersion: schema
        )
    }
}

struct ManagementRanges: Decodable {
    private struct Entry: Decodable {
        let tokens: [Int64]
        let endpoints: [String]
    }

    let ranges: [TokenRange]

    private enum CodingKeys: String, CodingKey { case entries = "token_range_to_endpoints" }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let entries = try container.decode([Entry].self, forKey: .entries)
        ranges = try entries.map { entry in
            guard entry.tokens.count == 2 else {
                throw DecodingError.dataCorruptedError(
                    forKey: .entries,
                    in: container,
                    debugDescription: "a range has \(entry.tokens.count) tokens"
                )
            }
            return TokenRange(start: "\(entry.tokens[0])", end: "\(entry.tokens[1])", endpoints: entry.endpoints)
        }
        .sorted { Token.precedes($0.start, $1.start) }
    }
}

struct ManagementJob: Decodable {
    let status: String
    let error: String?
}

struct ManagementKeyspaceRequest: Encodable {
    let jobs: Int
    let keyspace_name: String
    let tables: [String]
}

struct ManagementSnapshotRequest: Encodable {
    let snapshot_name: String
    let skip_flush: Bool
    /// Neither of both: everything.
    var keyspaces: [String]?
    var keyspace_tables: [String]?

    init(_ tag: SnapshotTag, _ scope: SnapshotScope, skipsFlush: Bool) {
        snapshot_name = tag.name
        skip_flush = skipsFlush
        switch scope {
        case .everything: break
        case .keyspaces(let names): keyspaces = names
        case .tables(let names): keyspace_tables = names.map(\.description)
        }
    }
}

extension NodeSnapshot {
    /// A row of the JMX table that nodetool prints too; nil if it lacks a name.
    init?(managementRow row: [String: String?]) {
        func value(_ name: String) -> String? {
            guard let value = row[name] ?? nil, !value.isEmpty, value != "null" else { return nil }
            return value
        }
        guard let tag = value("Snapshot name"), let keyspace = value("Keyspace name"),
            let table = value("Column family name") ?? value("Table name")
        else { return nil }
        self.init(
            tag: tag,
            keyspace: keyspace,
            table: table,
            sizeOnDisk: value("Size on disk").flatMap(NodetoolSnapshots.size),
            trueSize: value("True size").flatMap(NodetoolSnapshots.size),
            created: value("Creation time"),
            expires: value("Expiration time")
        )
    }
}
