internal import Cassandra

/// What is known of a node that runs, and of its ring, before anything is done to it.
struct OnlineNode: Sendable {
    let facts: NodeFacts
    let mode: NodeMode
    let ring: RingState
    /// Nil where the node is not asked in CQL.
    let schema: Schema?
    /// `auto_snapshot` of its cassandra.yaml; nil where that is not known.
    let autoSnapshot: Bool?

    /// - Throws: `CassandraError`.
    init(
        _ node: any NodeControl,
        _ session: (any CQLSession)?,
        autoSnapshot: Bool?
    ) async throws(CassandraError) {
        facts = try await node.facts()
        mode = try await node.mode()
        ring = try await node.ring()
        self.autoSnapshot = autoSnapshot
        guard let session else {
            schema = nil
            return
        }
        schema = try await Self.schema(session)
    }

    static func schema(_ session: some CQLSession) async throws(CassandraError) -> Schema {
        try await Schema.read(from: session)
    }

    /// Addresses of nodes that are down, or whose schema nobody knows.
    var down: [String] {
        Set(ring.members.filter { !$0.isUp }.map(\.address) + ring.unreachable).sorted()
    }

    var isAlone: Bool { ring.members.count <= 1 }

    /// Views of that table, as they are now; none where the schema is not known.
    func views(of table: TableName) -> [Schema.View] {
        schema?[keyspace: table.keyspace]?.views.filter { $0.baseTable == table.name } ?? []
    }

    func isView(_ table: TableName) -> Bool { schema?.view(table.keyspace, table.name) != nil }
}
