package import Cassandra
package import SystemPackage
internal import TransferEngine

/// A node in memory: answers what the test says, and notes what it was asked.
package final class FakeNode: NodeControl {
    /// One call, with what it was given.
    package enum Call: Sendable, Hashable {
        case facts
        case mode
        case ring
        case ranges(keyspace: String)
        case takeSnapshot(SnapshotTag, of: SnapshotScope, ttl: Duration?, skipsFlush: Bool)
        case snapshots
        case clearSnapshot(SnapshotTag, keyspaces: [String])
        case flush(keyspace: String, tables: [String])
        case refresh(TableName)
        case importSSTables(into: TableName, from: [FilePath], ImportOptions)
    }

    /// What it says; a test changes it at any time through `change`.
    package struct Answers: Sendable {
        package var facts = NodeFacts(
            releaseVersion: FakeNode.release,
            hostID: "08cfd33d-98ed-4226-b764-7a83ffda7aae",
            clusterName: "Test Cluster",
            partitioner: "org.apache.cassandra.dht.Murmur3Partitioner",
            datacenter: "dc1",
            rack: "rack1",
            address: "127.0.0.1",
            tokens: ["-9223372036854775808", "0"],
            schemaVersion: "c02bd832-60a8-3bab-8067-2acf2c5ad874"
        )
        package var mode = NodeMode.normal
        /// Nil: this node alone, as `facts` has it.
        package var ring: RingState?
        package var ranges: [String: [TokenRange]] = [:]
        /// Grows by one line a keyspace or table with each snapshot, shrinks with `clearSnapshot`.
        package var snapshots: [NodeSnapshot] = []
        /// What `importSSTables` says has failed.
        package var failedImports: [FilePath] = []
        /// Asked first: an error it gives is thrown, and nothing changes.
        package var failure: @Sendable (Call) -> CassandraError? = { _ in nil }
        /// Called for each call that does not fail, before it answers: here a test makes the files of a snapshot.
        package var effect: @Sendable (Call) -> Void = { _ in }
    }

    private static let release: ReleaseVersion = {
        guard let release = ReleaseVersion("4.1.7") else { preconditionFailure("4.1.7 is a release") }
        return release
    }()

    package let means = "a node of the tests"
    private let answers: ThreadLock<Answers>
    private let recorder = Recorder<Call>()

    package init(_ answers: Answers = Answers()) {
        self.answers = ThreadLock(answers)
    }

    /// All calls so far, in their order.
    package var calls: [Call] { recorder.all }

    package func change(_ body: (inout Answers) -> Void) { answers.withLock { body(&$0) } }

    private func begin(_ call: Call) throws(CassandraError) -> Answers {
        recorder.add(call)
        let now = answers.withLock { $0 }
        if let error = now.failure(call) { throw error }
        now.effect(call)
        return now
    }

    package func facts() async throws(CassandraError) -> NodeFacts { try begin(.facts).facts }

    package func mode() async throws(CassandraError) -> NodeMode { try begin(.mode).mode }

    package func ring() async throws(CassandraError) -> RingState {
        let now = try begin(.ring)
        if let ring = now.ring { return ring }
        let member = RingState.Member(
            address: now.facts.address,
            hostID: now.facts.hostID,
            datacenter: now.facts.datacenter,
            rack: now.facts.rack,
            isUp: true,
            state: .normal
        )
        let versions = now.facts.schemaVersion.map { [$0: [now.facts.address]] } ?? [:]
        return RingState(members: [member], schemaVersions: versions, unreachable: [])
    }

    package func ranges(ofKeyspace keyspace: String) async throws(CassandraError) -> [TokenRange] {
        guard let ranges = try begin(.ranges(keyspace: keyspace)).ranges[keyspace] else {
            throw CassandraError(.notFound, "look up", "the ranges of \(keyspace)", "there is no such keyspace")
        }
        return ranges
    }

    package func takeSnapshot(
        _ tag: SnapshotTag,
        of scope: SnapshotScope,
        ttl: Duration?,
        skipsFlush: Bool
    ) async throws(CassandraError) {
        let now = try begin(.takeSnapshot(tag, of: scope, ttl: ttl, skipsFlush: skipsFlush))
        if now.snapshots.contains(where: { $0.tag == tag.name }) {
            throw CassandraError(.exists, "take the snapshot", tag.name, "there is a snapshot of this tag")
        }
        let taken =
            switch scope {
            case .everything: [NodeSnapshot(tag: tag.name, keyspace: "", table: "")]
            case .keyspaces(let names): names.map { NodeSnapshot(tag: tag.name, keyspace: $0, table: "") }
            case .tables(let names):
                names.map { NodeSnapshot(tag: tag.name, keyspace: $0.keyspace, table: $0.name) }
            }
        answers.withLock { $0.snapshots += taken }
    }

    package func snapshots() async throws(CassandraError) -> [NodeSnapshot] { try begin(.snapshots).snapshots }

    package func clearSnapshot(_ tag: SnapshotTag, keyspaces: [String]) async throws(CassandraError) {
        _ = try begin(.clearSnapshot(tag, keyspaces: keyspaces))
        answers.withLock {
            $0.snapshots.removeAll { snapshot in
                snapshot.tag == tag.name && (keyspaces.isEmpty || keyspaces.contains(snapshot.keyspace))
            }
        }
    }

    package func flush(keyspace: String, tables: [String]) async throws(CassandraError) {
        _ = try begin(.flush(keyspace: keyspace, tables: tables))
    }

    package func refresh(_ table: TableName) async throws(CassandraError) { _ = try begin(.refresh(table)) }

    package func importSSTables(
        into table: TableName,
        from directories: [FilePath],
        _ options: ImportOptions
    ) async throws(CassandraError) -> [FilePath] {
        try begin(.importSSTables(into: table, from: directories, options)).failedImports
    }
}
