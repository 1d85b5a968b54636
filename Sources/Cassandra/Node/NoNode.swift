package import SystemPackage

/// Control of no node, for work on files alone: every call throws `.unsupported`.
package struct NoNode: NodeControl {
    private let reason: String

    /// - Parameter reason: one clause, why there is no node to ask.
    package init(reason: String = "no node is asked (--node none)") {
        self.reason = reason
    }

    package var means: String { "no node" }

    package func facts() async throws(CassandraError) -> NodeFacts { throw refusal("look up", "the node's facts") }

    package func mode() async throws(CassandraError) -> NodeMode { throw refusal("look up", "the node's mode") }

    package func ring() async throws(CassandraError) -> RingState { throw refusal("look up", "the ring") }

    package func ranges(ofKeyspace keyspace: String) async throws(CassandraError) -> [TokenRange] {
        throw refusal("look up", "the ranges of \(keyspace)")
    }

    package func takeSnapshot(
        _ tag: SnapshotTag,
        of scope: SnapshotScope,
        ttl: Duration?,
        skipsFlush: Bool
    ) async throws(CassandraError) {
        throw refusal("take the snapshot", tag.name)
    }

    package func snapshots() async throws(CassandraError) -> [NodeSnapshot] {
        throw refusal("list", "the node's snapshots")
    }

    package func clearSnapshot(_ tag: SnapshotTag, keyspaces: [String]) async throws(CassandraError) {
        throw refusal("clear the snapshot", tag.name)
    }

    package func flush(keyspace: String, tables: [String]) async throws(CassandraError) {
        throw refusal("flush", keyspace)
    }

    package func refresh(_ table: TableName) async throws(CassandraError) { throw refusal("refresh", "\(table)") }

    package func importSSTables(
        into table: TableName,
        from directories: [FilePath],
        _ options: ImportOptions
    ) async throws(CassandraError) -> [FilePath] {
        throw refusal("import into", "\(table)")
    }

    private func refusal(_ operation: String, _ target: String) -> CassandraError {
        CassandraError(.unsupported, operation, target, reason)
    }
}
