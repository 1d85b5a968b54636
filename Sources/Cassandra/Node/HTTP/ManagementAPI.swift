internal import FoundationEssentials
package import SystemPackage
internal import TransferEngine

/// A node that is asked by the k8ssandra Management API for Apache Cassandra, the agent in the operators' pods.
///
/// Source: its OpenAPI document (management-api-server/doc/openapi.json) and its resources, 0.1.110. It gives no TTL to a
/// snapshot and cannot import.
package struct ManagementAPI: NodeControl {
    private let client: NodeAPIClient
    private let settings: NodeAPISettings
    private let clock: any Clock<Duration>

    /// - Parameter clock: for the wait between two looks at a job.
    package init(
        _ settings: NodeAPISettings,
        clock: any Clock<Duration> = ContinuousClock()
    ) throws(CassandraError) {
        self.settings = settings
        self.clock = clock
        client = try NodeAPIClient("the Management API", settings)
    }

    package var means: String { client.means }

    package func facts() async throws(CassandraError) -> NodeFacts {
        let question = NodeAPIClient.Question.look("/api/v0/metadata/versions/release", "the node's facts")
        let version = try await client.success(question).text
        guard let release = ReleaseVersion(version) else {
            throw client.error(.malformed, question, "it tells no release")
        }
        return try await endpoints(question).local(client, question).facts(release, client, question)
    }

    package func mode() async throws(CassandraError) -> NodeMode {
        let question = NodeAPIClient.Question.look("/api/v0/metadata/endpoints", "the node's mode")
        guard let status = try await endpoints(question).local(client, question).status else { return .starting }
        return GossipStatus.mode(status)
    }

    package func ring() async throws(CassandraError) -> RingState {
        let question = NodeAPIClient.Question.look("/api/v1/ops/node/schema/versions", "the ring")
        let endpoints = try await endpoints(question).all
        let members = endpoints.compactMap(\.member)
        guard !members.isEmpty else { throw client.error(.malformed, question, "it lists no node") }
        let answer = try await client.ask(question)
        if answer.status == 404 {  // since 0.1.51; before, gossip's own words
            var versions: [String: [String]] = [:]
            for endpoint in endpoints where endpoint.isAlive {
                if let address = endpoint.address, let schema = endpoint.schema {
                    versions[schema, default: []].append(address)
                }
            }
            let unreachable = members.filter { !$0.isUp }.map(\.address)
            return RingState(members: members, schemaVersions: versions, unreachable: unreachable)
        }
        guard answer.isSuccess else { throw client.refusal(answer, question) }
        var versions = try client.decode([String: [String]].self, answer, question)
        let unreachable = versions.removeValue(forKey: "UNREACHABLE") ?? []
        return RingState(members: members, schemaVersions: versions, unreachable: unreachable)
    }

    package func ranges(ofKeyspace keyspace: String) async throws(CassandraError) -> [TokenRange] {
        var question = NodeAPIClient.Question.look("/api/v2/tokens/rangetoendpoint", "the ranges of \(keyspace)")
        question.query = [("keyspaceName", keyspace)]
        return try client.decode(ManagementRanges.self, await client.success(question), question).ranges
    }

    package func takeSnapshot(
        _ tag: SnapshotTag,
        of scope: SnapshotScope,
        ttl: Duration?,
        skipsFlush: Bool
    ) async throws(CassandraError) {
        var question = NodeAPIClient.Question.work(.post, "/api/v0/ops/node/snapshots", "take the snapshot", tag.name)
        guard ttl == nil else { throw client.error(.unsupported, question, "it gives no TTL to a snapshot") }
        question.body = Self.json(ManagementSnapshotRequest(tag, scope, skipsFlush: skipsFlush))
        _ = try await client.success(question)
    }

    package func snapshots() async throws(CassandraError) -> [NodeSnapshot] {
        let question = NodeAPIClient.Question.look("/api/v0/ops/node/snapshots", "the node's snapshots", "list")
        let answer = try await client.success(question)
        let rows = try client.decode(ManagementEntity.self, answer, question).rows
        var snapshots: [NodeSnapshot] = []
        for row in rows {
            guard let snapshot = NodeSnapshot(managementRow: row) else {
                throw client.error(.malformed, question, "a snapshot has no name or no table")
            }
            snapshots.append(snapshot)
        }
        return snapshots
    }

    package func clearSnapshot(_ tag: SnapshotTag, keyspaces: [String]) async throws(CassandraError) {
        var question = NodeAPIClient.Question.work(
            .delete,
            "/api/v0/ops/node/snapshots",
            "clear the snapshot",
            tag.name
        )
        // Without a name it would clear them all; a tag is never empty.
        question.query = [("snapshotNames", tag.name)] + keyspaces.map { ("keyspaces", $0) }
        _ = try await client.success(question)
    }

    package func flush(keyspace: String, tables: [String]) async throws(CassandraError) {
        let target = tables.isEmpty ? keyspace : tables.map { "\(keyspace).\($0)" }.joined(separator: ", ")
        var question = NodeAPIClient.Question.work(.post, "/api/v1/ops/tables/flush", "flush", target)
        question.body = Self.json(ManagementKeyspaceRequest(jobs: 1, keyspace_name: keyspace, tables: tables))
        let answer = try await client.ask(question)
        if answer.status == 404 {  // before jobs there was a call that waits
            question.path = "/api/v0/ops/tables/flush"
            _ = try await client.success(question)
            return
        }
        guard answer.isSuccess else { throw client.refusal(answer, question) }
        try await wait(forJob: answer.text, question)
    }

    package func refresh(_ table: TableName) async throws(CassandraError) {
        var question = NodeAPIClient.Question.work(.post, "/api/v0/ops/keyspace/refresh", "refresh", "\(table)")
        question.query = [("keyspaceName", table.keyspace), ("table", table.name)]
        _ = try await client.success(question)
    }

    package func importSSTables(
        into table: TableName,
        from directories: [FilePath],
        _ options: ImportOptions
    ) async throws(CassandraError) -> [FilePath] {
        let question = NodeAPIClient.Question.work(.post, "", "import into", "\(table)")
        throw client.error(.unsupported, question, "it has no call for an import; it can refresh")
    }

    /// Looks at a job until it has ended.
    private func wait(forJob id: String, _ asked: NodeAPIClient.Question) async throws(CassandraError) {
        var question = NodeAPIClient.Question.look("/api/v0/ops/executor/job", asked.target, asked.operation)
        question.query = [("job_id", id)]
        let most = settings.workTimeout / .milliseconds(500)
        for _ in 0..<max(1, Int(min(most, 1e6))) {
            let answer = try await client.ask(question)
            if answer.status == 404 {
                throw client.error(
                    .refused,
                    question,
                    "it does not know its job \(id) any more: the node was restarted"
                )
            }
            guard answer.isSuccess else { throw client.refusal(answer, question) }
            let job = try client.decode(ManagementJob.self, answer, question)
            switch job.status {
            case "COMPLETED": return
            case "ERROR":
                let words = job.error ?? "it says no reason"
                throw client.error(NodeWords.code(words) ?? .refused, question, "its job failed: \(words)")
            case "WAITING": break
            default: throw client.error(.malformed, question, "its job is \(job.status)")
            }
            do { try await clock.sleep(for: .milliseconds(500)) } catch {
                throw client.error(.cancelled, question, "the wait was stopped")
            }
        }
        throw client.error(.timedOut, question, "its job \(id) has not ended in time")
    }

    private func endpoints(_ asked: NodeAPIClient.Question) async throws(CassandraError) -> ManagementEndpoints {
        let question = NodeAPIClient.Question.look("/api/v0/metadata/endpoints", asked.target, asked.operation)
        let rows = try client.decode(ManagementEntity.self, await client.success(question), question).rows
        return ManagementEndpoints(all: rows.map(ManagementEndpoint.init))
    }

    private static func json(_ content: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(content)).map(Array.init) ?? []
    }
}
