package import SystemPackage

/// What Ringvault asks of a running Cassandra node, whatever it is asked by.
///
/// Every call is an exchange with the node that may take long and fail. Whoever conforms promises: a call that returns
/// was answered by the node, in words that were understood; a call that is cancelled ends soon, with `.cancelled`;
/// nothing secret stands in an error. A call that failed may have been carried out all the same (`.timedOut`).
///
/// - Throws: every call, `CassandraError`: `.unreachable` where no node answers, `.denied` where it refuses whom it is
///   asked by, `.unsupported` where the means or the release cannot do it, `.timedOut`, `.malformed` for an answer
///   that no known release gives, `.refused` for what the node itself says against it.
package protocol NodeControl: Sendable {
    /// For messages: `nodetool at 127.0.0.1:7199`.
    var means: String { get }

    func facts() async throws(CassandraError) -> NodeFacts
    func mode() async throws(CassandraError) -> NodeMode
    func ring() async throws(CassandraError) -> RingState

    /// Which endpoints own which tokens of a keyspace, ascending by where the ranges begin.
    ///
    /// - Throws: `.notFound` for an unknown keyspace.
    func ranges(ofKeyspace keyspace: String) async throws(CassandraError) -> [TokenRange]

    /// Takes a snapshot and returns when it stands.
    ///
    /// - Parameter ttl: after which Cassandra clears it by itself, at least a minute; from 4.1 on, `.unsupported` before
    ///   (`ReleaseVersion.hasSnapshotTTL`).
    /// - Parameter skipsFlush: what is only in memory and the commit log is then not in the snapshot.
    /// - Throws: `.exists` if a table has a snapshot of this tag, `.notFound` for an unknown keyspace or table,
    ///   `.notReady` on a drained node of 3.11 and 4.0.
    func takeSnapshot(
        _ tag: SnapshotTag,
        of scope: SnapshotScope,
        ttl: Duration?,
        skipsFlush: Bool
    )
        async throws(CassandraError)

    /// Every snapshot of every table.
    func snapshots() async throws(CassandraError) -> [NodeSnapshot]

    /// Removes a snapshot from all tables of the keyspaces; from all of the node if none is named.
    ///
    /// That there is none of this tag is no error.
    func clearSnapshot(_ tag: SnapshotTag, keyspaces: [String]) async throws(CassandraError)

    /// Writes what is in memory to SSTables.
    ///
    /// - Parameter tables: none means all of the keyspace.
    /// - Throws: `.notFound` for an unknown keyspace or table, `.notReady` on a drained node.
    func flush(keyspace: String, tables: [String]) async throws(CassandraError)

    /// Makes the node look for new SSTables in the table's own directories.
    ///
    /// - Throws: `.notFound` for an unknown table.
    func refresh(_ table: TableName) async throws(CassandraError)

    /// Moves (or copies) SSTables from directories on the node into the table, from 4.0 on.
    ///
    /// The last two parts of each directory's path must be the keyspace's and the table's names: Cassandra takes them
    /// from there, and leaves out without a word what does not agree.
    ///
    /// - Returns: directories of which something failed; the others are loaded.
    /// - Throws: `.notFound` for an unknown table or a directory that is not there, `.unsupported` before 4.0.
    func importSSTables(
        into table: TableName,
        from directories: [FilePath],
        _ options: ImportOptions
    )
        async throws(CassandraError) -> [FilePath]
}
