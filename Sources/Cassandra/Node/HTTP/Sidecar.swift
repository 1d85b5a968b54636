package import SystemPackage
internal import TransferEngine

/// A node that is asked by Apache Cassandra Sidecar.
///
/// Source: `ApiEndpointsV1` and the handlers of cassandra-sidecar, 0.1. Its snapshots are of one table a call; it has no
/// list of all snapshots, no flush and no refresh, and imports only what was uploaded to it.
package struct Sidecar: NodeControl {
    private let client: NodeAPIClient
    private let clusterName: String?

    /// - Parameter clusterName: that of cassandra.yaml, since Sidecar does not tell it.
    package init(_ settings: NodeAPISettings, clusterName: String?) throws(CassandraError) {
        client = try NodeAPIClient("Cassandra Sidecar", settings)
        self.clusterName = clusterName
    }

    package var means: String { client.means }

    package func facts() async throws(CassandraError) -> NodeFacts {
        let question = NodeAPIClient.Question.look("/api/v1/cassandra/settings", "the node's facts")
        let settings = try client.decode(SidecarSettings.self, await client.success(question), question)
        guard let release = ReleaseVersion(settings.releaseVersion), let tokens = settings.tokens, !tokens.isEmpty
        else {
            throw client.error(.malformed, question, "it does not tell the node's release and tokens")
        }
        guard let cluster = settings.clusterName ?? clusterName else {
            let reason =
                "it does not tell the cluster's name, and there is no cassandra.yaml with it (--cassandra-config)"
            throw client.error(.unsupported, question, reason)
        }
        let own = try await ownEntry(tokens, question)
        guard let hostID = own.hostID, let rack = own.rack else {
            throw client.error(.malformed, question, "it does not tell the node's host id and rack")
        }
        let gossip = try await gossip(question)
        let partitioner = settings.partitioner
        return NodeFacts(
            releaseVersion: release,
            hostID: hostID,
            clusterName: cluster,
            partitioner: partitioner.contains(".") ? partitioner : "org.apache.cassandra.dht.\(partitioner)",
            datacenter: own.datacenter,
            rack: rack,
            address: own.address,
            tokens: tokens.sorted(by: Token.precedes),
            schemaVersion: gossip[own.address]?.schema?.lowercased()
        )
    }

    package func mode() async throws(CassandraError) -> NodeMode {
        let question = NodeAPIClient.Question.look("/api/v1/cassandra/settings", "the node's mode")
        let settings = try client.decode(SidecarSettings.self, await client.success(question), question)
        let own = try await ownEntry(settings.tokens ?? [], question)
        let gossip = try await gossip(question)[own.address]
        if let status = gossip?.statusWithPort ?? gossip?.status { return GossipStatus.mode(status) }
        return NodeMode(own.state)
    }

    package func ring() async throws(CassandraError) -> RingState {
        let question = NodeAPIClient.Question.look("/api/v1/cassandra/ring", "the ring")
        var members: [RingState.Member] = []
        for entry in try await entries(question) where !members.contains(where: { $0.address == entry.address }) {
            members.append(entry.member)  // there is one entry a token
        }
        guard !members.isEmpty else { throw client.error(.malformed, question, "it lists no node") }
        var versions: [String: [String]] = [:]
        for (address, gossip) in try await gossip(question) {
            guard let schema = gossip.schema, members.contains(where: { $0.address == address && $0.isUp }) else {
                continue
            }
            versions[schema.lowercased(), default: []].append(address)
        }
        return RingState(
            members: members,
            schemaVersions: versions.mapValues { $0.sorted() },
            unreachable: members.filter { !$0.isUp }.map(\.address)
        )
    }

    package func ranges(ofKeyspace keyspace: String) async throws(CassandraError) -> [TokenRange] {
        let path = "/api/v1/keyspaces/\(NodeAPIClient.encoded(keyspace))/token-range-replicas"
        let question = NodeAPIClient.Question.look(path, "the ranges of \(keyspace)")
        return try client.decode(SidecarRanges.self, await client.success(question), question).ranges
    }

    package func takeSnapshot(
        _ tag: SnapshotTag,
        of scope: SnapshotScope,
        ttl: Duration?,
        skipsFlush: Bool
    ) async throws(CassandraError) {
        let asked = NodeAPIClient.Question.work(.put, "", "take the snapshot", tag.name)
        guard !skipsFlush else { throw client.error(.unsupported, asked, "it flushes before each snapshot") }
        let tables = try await tables(of: scope, asked)
        var taken: [TableName] = []
        do throws(CassandraError) {
            for table in tables {
                var question = NodeAPIClient.Question.work(
                    .put,
                    path(table, tag),
                    "take the snapshot",
                    "\(tag) of \(table)"
                )
                if let ttl { question.query = [("ttl", "\(ttl.components.seconds)s")] }
                let answer = try await client.ask(question)
                if answer.isSuccess {
                    taken.append(table)
                } else {
                    let refusal = client.refusal(answer, question)
                    // Dropped since the schema was read; one that was named is to be there.
                    if case .tables = scope { throw refusal }
                    guard refusal.code == .notFound else { throw refusal }
                }
            }
        } catch {
            // Half a snapshot is of no use; what cannot be cleared now is found by its tag.
            for table in taken {
                _ = try? await client.ask(NodeAPIClient.Question.work(.delete, path(table, tag), "clear", "\(table)"))
            }
            throw error
        }
    }

    package func snapshots() async throws(CassandraError) -> [NodeSnapshot] {
        let question = NodeAPIClient.Question.look("", "the node's snapshots", "list")
        throw client.error(.unsupported, question, "it lists only the files of a snapshot of which one knows the name")
    }

    package func clearSnapshot(_ tag: SnapshotTag, keyspaces: [String]) async throws(CassandraError) {
        let scope: SnapshotScope = keyspaces.isEmpty ? .everything : .keyspaces(keyspaces)
        let asked = NodeAPIClient.Question.work(.delete, "", "clear the snapshot", tag.name)
        for table in try await tables(of: scope, asked, isLenient: true) {
            let question = NodeAPIClient.Question.work(
                .delete,
                path(table, tag),
                "clear the snapshot",
                "\(tag) of \(table)"
            )
            let answer = try await client.ask(question)
            guard answer.isSuccess || answer.status == 404 else { throw client.refusal(answer, question) }
        }
    }

    package func flush(keyspace: String, tables: [String]) async throws(CassandraError) {
        throw client.error(
            .unsupported,
            NodeAPIClient.Question.work(.post, "", "flush", keyspace),
            "it has no call for a flush"
        )
    }

    package func refresh(_ table: TableName) async throws(CassandraError) {
        throw client.error(
            .unsupported,
            NodeAPIClient.Question.work(.post, "", "refresh", "\(table)"),
            "it has no call for a refresh"
        )
    }

    package func importSSTables(
        into table: TableName,
        from directories: [FilePath],
        _ options: ImportOptions
    ) async throws(CassandraError) -> [FilePath] {
        let question = NodeAPIClient.Question.work(.put, "", "import into", "\(table)")
        throw client.error(.unsupported, question, "it imports only what was uploaded to it, file by file")
    }

    /// The tables that a snapshot is of.
    ///
    /// - Parameter isLenient: whether a keyspace may be unknown.
    private func tables(
        of scope: SnapshotScope,
        _ asked: NodeAPIClient.Question,
        isLenient: Bool = false
    ) async throws(CassandraError) -> [TableName] {
        switch scope {
        case .tables(let tables): return tables
        case .everything: return try await tables("/api/v1/cassandra/schema", asked, isLenient: false)
        case .keyspaces(let names):
            var tables: [TableName] = []
            for name in names {
                let path = "/api/v1/keyspaces/\(NodeAPIClient.encoded(name))/schema"
                tables += try await self.tables(path, asked, isLenient: isLenient).filter { $0.keyspace == name }
            }
            return tables
        }
    }

    private func tables(
        _ path: String,
        _ asked: NodeAPIClient.Question,
        isLenient: Bool
    ) async throws(CassandraError) -> [TableName] {
        let question = NodeAPIClient.Question.look(path, asked.target, asked.operation)
        let answer = try await client.ask(question)
        if isLenient, answer.status == 404 { return [] }
        guard answer.isSuccess else { throw client.refusal(answer, question) }
        return CQLTableNames.tables(in: try client.decode(SidecarSchema.self, answer, question).schema)
    }

    /// The node's own entry: the one with its tokens.
    private func ownEntry(
        _ tokens: [String],
        _ asked: NodeAPIClient.Question
    ) async throws(CassandraError) -> SidecarRingEntry {
        let tokens = Set(tokens)
        guard let own = try await entries(asked).first(where: { tokens.contains($0.token) }) else {
            throw client.error(.malformed, asked, "the ring has no node with the tokens of this one")
        }
        return own
    }

    private func entries(_ asked: NodeAPIClient.Question) async throws(CassandraError) -> [SidecarRingEntry] {
        let question = NodeAPIClient.Question.look("/api/v1/cassandra/ring", asked.target, asked.operation)
        return try client.decode([SidecarRingEntry].self, await client.success(question), question)
    }

    private func gossip(_ asked: NodeAPIClient.Question) async throws(CassandraError) -> [String: SidecarGossip] {
        let question = NodeAPIClient.Question.look("/api/v1/cassandra/gossip", asked.target, asked.operation)
        let entries = try client.decode([String: SidecarGossip].self, await client.success(question), question)
        return Dictionary(entries.map { (SidecarAddress.withoutPort($0.key), $0.value) }) { first, _ in first }
    }

    private func path(_ table: TableName, _ tag: SnapshotTag) -> String {
        let (keyspace, name) = (NodeAPIClient.encoded(table.keyspace), NodeAPIClient.encoded(table.name))
        return "/api/v1/keyspaces/\(keyspace)/tables/\(name)/snapshots/\(NodeAPIClient.encoded(tag.name))"
    }
}
