/// The ring as one node sees it.
package struct RingState: Codable, Sendable, Hashable {
    /// One node.
    package struct Member: Codable, Sendable, Hashable {
        package enum State: String, Codable, Sendable, Hashable {
            case normal, leaving, joining, moving
            /// The means does not tell, or told something else.
            case unknown
        }

        /// IPv6 without brackets.
        package var address: String
        /// A UUID in lower case; nil for a node that has none yet.
        package var hostID: String?
        package var datacenter: String
        package var rack: String?
        package var isUp: Bool
        package var state: State

        package init(
            address: String,
            hostID: String?,
            datacenter: String,
            rack: String?,
            isUp: Bool,
            state: State
        ) {
            self.address = address
            self.hostID = hostID
            self.datacenter = datacenter
            self.rack = rack
            self.isUp = isUp
            self.state = state
        }
    }

    package var members: [Member]
    /// Addresses by the version of the schema they have, a UUID.
    package var schemaVersions: [String: [String]]
    /// Addresses whose version is unknown since they do not answer.
    package var unreachable: [String]

    package init(members: [Member], schemaVersions: [String: [String]], unreachable: [String]) {
        self.members = members
        self.schemaVersions = schemaVersions
        self.unreachable = unreachable
    }

    /// Whether all nodes that answer have the same schema.
    package var agreesOnSchema: Bool { schemaVersions.count <= 1 }
}

/// The tokens above `start` up to `end`, with wrap-around, and who owns them.
package struct TokenRange: Codable, Sendable, Hashable {
    /// Not in the range.
    package var start: String
    /// In the range.
    package var end: String
    /// Addresses of the replicas.
    package var endpoints: [String]

    package init(start: String, end: String, endpoints: [String]) {
        self.start = start
        self.end = end
        self.endpoints = endpoints
    }
}
