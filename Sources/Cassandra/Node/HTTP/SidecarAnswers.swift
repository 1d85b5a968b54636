/// What Sidecar's settings, ring, gossip and schema say.
///
/// Source: `NodeSettings`, `RingEntry`, `GossipInfoResponse`, `TokenRangeReplicasResponse` and `SchemaResponse` in
/// org.apache.cassandra.sidecar.common.response.
struct SidecarSettings: Decodable {
    let releaseVersion: String
    let partitioner: String
    let datacenter: String?
    let tokens: [String]?
    /// Not told by the releases known today.
    let clusterName: String?
}

struct SidecarRingEntry: Decodable {
    let datacenter: String
    let address: String
    let rack: String?
    let status: String
    let state: String
    let token: String
    let hostId: String?

    var hostID: String? { hostId.flatMap { NodetoolText.isUUID($0) ? $0.lowercased() : nil } }

    var member: RingState.Member {
        RingState.Member(
            address: address,
            hostID: hostID,
            datacenter: datacenter,
            rack: rack,
            isUp: status.lowercased() == "up",
            state: RingState.Member.State(rawValue: state.lowercased()) ?? .unknown
        )
    }
}

/// What gossip knows of one node, of which Sidecar has put the names into camel case.
struct SidecarGossip: Decodable {
    let status: String?
    let statusWithPort: String?
    let schema: String?
    let hostId: String?
}

struct SidecarRanges: Decodable {
    private struct Entry: Decodable {
        let start: String
        let end: String
        let replicasByDatacenter: [String: [String]]
    }

    let ranges: [TokenRange]

    private enum CodingKeys: CodingKey { case readReplicas }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        ranges = try container.decode([Entry].self, forKey: .readReplicas).map { entry in
            let replicas = entry.replicasByDatacenter.sorted { $0.key < $1.key }.flatMap(\.value)
            return TokenRange(start: entry.start, end: entry.end, endpoints: replicas.map(SidecarAddress.withoutPort))
        }
        .sorted { Token.precedes($0.start, $1.start) }
    }
}

struct SidecarSchema: Decodable {
    let schema: String
}

enum SidecarAddress {
    /// `10.0.0.1:7000`, `[2001:db8::1]:7000`, `host/10.0.0.1:7000` or without a port: the address alone.
    static func withoutPort(_ text: String) -> String {
        let address = text.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
        if address.hasPrefix("["), let end = address.firstIndex(of: "]") {
            return String(address[address.index(after: address.startIndex)..<end])
        }
        let colons = address.count { $0 == ":" }
        // An IPv6 address without brackets has seven colons in Java's full form, and one more before a port.
        guard colons == 1 || colons == 8, let last = address.lastIndex(of: ":") else { return String(address) }
        return String(address[..<last])
    }
}
