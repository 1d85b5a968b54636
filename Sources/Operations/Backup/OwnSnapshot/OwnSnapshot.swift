internal import Cassandra
internal import Logging
internal import SystemPackage
internal import TransferEngine
internal import Vault

/// The snapshot that a backup takes for itself: through the node, under a tag of the run's own.
///
/// The same run has the same tag, so that one that goes on finds what an earlier one has taken.
struct OwnSnapshot: Sendable {
    /// What tags of backups begin with; `ringvault-undo-…` and the links of `--live` are others'.
    private static let prefix = SnapshotTag.ownPrefix + "\(RunIdentity.Kind.backup.rawValue)-"
    /// Of one that is to stay: no start sweeps it.
    private static let keptPrefix = SnapshotTag.ownPrefix + "kept-"
    /// Times a snapshot is taken because the schema changed meanwhile.
    private static let attempts = 3
    /// The longest list of tables that goes to the node in one argument: Linux takes 128 KiB.
    private static let longestList = 100_000

    let node: BackupNode
    let directories: DataDirectories
    let tag: SnapshotTag
    let options: OwnSnapshotOptions
    let logger: Logger
    private let io: IOExecutor

    /// - Parameter run: the run's id.
    init(
        _ node: BackupNode,
        _ directories: DataDirectories,
        run: String,
        _ options: OwnSnapshotOptions,
        _ context: RunContext
    ) throws(CassandraError) {
        self.node = node
        self.directories = directories
        self.options = options
        logger = context.logger
        io = context.io
        let id = run.split(separator: "-").last.map(String.init) ?? run
        tag = try SnapshotTag((options.isKept ? Self.keptPrefix : Self.prefix) + id)
    }

    /// The run that takes snapshots under that tag and clears them: `backup-3e2816e0e53811f1`; nil for any other tag.
    static func run(of tag: SnapshotTag) -> String? {
        guard tag.name.hasPrefix(prefix) else { return nil }
        let id = tag.name.dropFirst(prefix.count)
        guard id.utf8.count == 16, id.allSatisfy({ $0.isHexDigit && !$0.isUppercase }) else { return nil }
        return "\(RunIdentity.Kind.backup.rawValue)-\(id)"
    }

    // MARK: Taking

    /// Takes the snapshot, after clearing what stands under its tag, and checks that all of it is in the data
    /// directories.
    ///
    /// The schema is captured before, and all is done again if it has changed meanwhile: a snapshot must not hold a table
    /// that the schema of the backup does not know.
    ///
    /// - Returns: also what someone should look at.
    func take(_ filter: TableFilter) async throws -> (record: SnapshotRecord, warnings: Warnings) {
        var warnings = Warnings()
        for attempt in 1...Self.attempts {
            try await clear()
            let facts = try await node.control.facts()
            let documents: [ManifestDocument]
            do {
                documents = try await node.capture(facts)
            } catch let error as CassandraError where error.code == .changing && attempt < Self.attempts {
                continue
            }
            let life = options.life.flatMap { facts.releaseVersion.hasSnapshotTTL ? $0 : nil }
            let taken = Timestamp.now
            do {
                try await request(filter, life)
                let after = try await node.control.facts()
                if facts.schemaVersion != after.schemaVersion {
                    guard attempt == Self.attempts else {
                        logger.info("the schema changed while the snapshot was taken: it is taken again")
                        continue
                    }
                    warnings.add(
                        "the schema changed each time while the snapshot was taken: what the backup has as the node's "
                            + "schema may lack the newest tables; each table's own schema.cql is right"
                    )
                }
                let parts = try await examine(filter)
                let record = SnapshotRecord(
                    tag: tag.name,
                    id: Self.newID(),
                    taken: taken,
                    expires: life.map { Timestamp(seconds: taken.seconds + $0.components.seconds) },
                    facts: facts,
                    documents: documents.map { SnapshotRecord.Document(name: $0.name, text: $0.text) },
                    tables: parts
                )
                return (record, warnings)
            } catch {
                // It may stand in part, also after a time-out.
                await discard()
                throw error
            }
        }
        preconditionFailure("the last attempt returns")
    }

    private static func newID() -> String { String(UInt64.random(in: 1 << 60 ... .max), radix: 36) }

    /// Asks for as little as the node can be asked for; names that only old directories have lead to more.
    private func request(_ filter: TableFilter, _ life: Duration?) async throws {
        let scopes = Self.scopes(filter, try directories.tables(matching: filter).tables)
        for (index, scope) in scopes.enumerated() {
            do throws(CassandraError) {
                try await node.control.takeSnapshot(tag, of: scope, ttl: life, skipsFlush: options.skipsFlush)
                return
            } catch {
                guard error.code == .notFound, index < scopes.count - 1 else { throw error }
                logger.info("takes a snapshot of more, and backs up what was asked for", metadata: ["why": "\(error)"])
                try await clear()
            }
        }
    }

    /// What to ask the node for, the narrowest first.
    ///
    /// A dropped table or keyspace leaves directories behind while a snapshot of it stands, and the node refuses its name.
    ///
    /// - Parameter tables: what the filter finds on disk.
    static func scopes(_ filter: TableFilter, _ tables: [Table]) -> [SnapshotScope] {
        if filter.wantsWholeNode { return [.everything] }
        let keyspaces = Set(tables.map(\.keyspace)).sorted()
        guard !keyspaces.isEmpty else { return [.everything] }
        var scopes: [SnapshotScope] = [.keyspaces(keyspaces), .everything]
        if !keyspaces.allSatisfy({ filter.wantsAll(ofKeyspace: $0) }) {
            let names = Set(tables.map { TableName(keyspace: $0.keyspace, name: $0.name) }).sorted()
            let length = names.reduce(0) { $0 + "\($1)".utf8.count + 1 }
            if length <= longestList { scopes.insert(.tables(names), at: 0) }
        }
        return scopes
    }

    // MARK: Clearing

    /// Clears what stands under the tag: through the node, and what it leaves, by directory.
    ///
    /// - Throws: `CassandraError` if something stays.
    func clear() async throws(CassandraError) {
        do throws(CassandraError) {
            try await node.control.clearSnapshot(tag, keyspaces: [])
        } catch {
            logger.debug("the node did not clear the snapshot", metadata: ["tag": "\(tag)", "error": "\(error)"])
        }
        try LiveSnapshot(directories, tag: tag).remove()
    }

    /// The same at the end of a run, which has succeeded or failed already: also of one that is being cancelled.
    func discard() async {
        // A cancelled task cannot ask the node any more; this one can, and it is waited for.
        let failure = await Task(executorPreference: io) { () -> CassandraError? in
            do throws(CassandraError) {
                try await clear()
                return nil
            } catch {
                return error
            }
        }.value
        guard let failure else { return }
        logger.warning(
            "the snapshot could not be cleared: the next backup of this node tries again",
            metadata: ["tag": "\(tag)", "error": "\(failure)"]
        )
    }
}
