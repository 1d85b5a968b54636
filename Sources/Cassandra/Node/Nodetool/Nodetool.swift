package import SystemPackage

/// A node that is asked by Cassandra's own `nodetool`, one child process a call.
///
/// What it prints, and how it fails, was taken from real nodes of 3.11, 4.0, 4.1 and 5.0. An exit status of 0 is not
/// believed alone: where nodetool says that it did something, these words are asked for.
package struct Nodetool: NodeControl {
    private let settings: NodetoolSettings
    private let process: ChildProcess
    private let prefix: [String]
    private let trace: @Sendable (String) -> Void

    /// - Parameter trace: is told what nodetool said, word for word, whenever it failed; for the log at debug.
    package init(
        _ settings: NodetoolSettings,
        trace: @escaping @Sendable (String) -> Void = { _ in }
    ) throws(CassandraError) {
        self.settings = settings
        prefix = try settings.arguments()
        process = ChildProcess(
            executable: settings.executable,
            environment: ChildEnvironment.reduced(settings.environment)
        )
        self.trace = trace
    }

    package var means: String { settings.means }

    package func facts() async throws(CassandraError) -> NodeFacts {
        let asked = ("look up", "the node's facts")
        let info = try NodetoolInfo(await look(["info", "-T"], for: asked.0, asked.1))
        let version = try NodetoolVersion.release(await look(["version"], for: asked.0, asked.1))
        let cluster = try NodetoolCluster(await look(["describecluster"], for: asked.0, asked.1))
        let members = try NodetoolStatus.members(await look(["status"], for: asked.0, asked.1))
        guard let own = members.first(where: { $0.hostID == info.hostID }) else {
            let reason = "nodetool status does not list the host id \(info.hostID) that nodetool info tells"
            throw CassandraError(.malformed, asked.0, asked.1, reason)
        }
        return NodeFacts(
            releaseVersion: version,
            hostID: info.hostID,
            clusterName: cluster.name,
            partitioner: cluster.partitioner,
            datacenter: info.datacenter,
            rack: info.rack,
            address: own.address,
            tokens: info.tokens.sorted(by: Token.precedes),
            schemaVersion: cluster.schemaVersions.first { $0.value.contains(own.address) }?.key
        )
    }

    package func mode() async throws(CassandraError) -> NodeMode {
        try NodetoolNetstats.mode(await look(["netstats"], for: "look up", "the node's mode"))
    }

    package func ring() async throws(CassandraError) -> RingState {
        let members = try NodetoolStatus.members(await look(["status"], for: "look up", "the ring"))
        let cluster = try NodetoolCluster(await look(["describecluster"], for: "look up", "the ring"))
        return RingState(
            members: members,
            schemaVersions: cluster.schemaVersions,
            unreachable: cluster.unreachable
        )
    }

    package func ranges(ofKeyspace keyspace: String) async throws(CassandraError) -> [TokenRange] {
        try checkName(keyspace)
        return try NodetoolRanges.ranges(
            await look(["describering", keyspace], for: "look up", "the ranges of \(keyspace)")
        )
    }

    package func takeSnapshot(
        _ tag: SnapshotTag,
        of scope: SnapshotScope,
        ttl: Duration?,
        skipsFlush: Bool
    ) async throws(CassandraError) {
        try NodetoolWord.checkValue(tag.name)
        var options = ["snapshot", "-t", tag.name]
        if skipsFlush { options.append("-sf") }
        if let ttl {
            guard ttl >= .seconds(60) else {
                throw CassandraError(.invalid, "take the snapshot", tag.name, "its TTL is less than a minute")
            }
            options += ["--ttl", "\(ttl.components.seconds)s"]
        }
        switch scope {
        case .everything:
            try await takeSnapshot(tag, options)
        case .keyspaces(let keyspaces):
            for keyspace in keyspaces { try checkName(keyspace) }
            guard !keyspaces.isEmpty else { throw nothing("take the snapshot", tag.name) }
            try await takeSnapshot(tag, options + ["--"] + keyspaces)
        case .tables(let tables):
            guard !tables.isEmpty else { throw nothing("take the snapshot", tag.name) }
            for table in tables { try checkName(table.keyspace, table.name) }
            // One argument has at most 128 KiB (MAX_ARG_STRLEN, execve(2)); a name has at most 97 bytes.
            var rest = tables[...]
            while !rest.isEmpty {
                let names = rest.prefix(1000).map(\.description).joined(separator: ",")
                try await takeSnapshot(tag, options + ["-kt", names])
                rest = rest.dropFirst(1000)
            }
        }
    }

    private func takeSnapshot(_ tag: SnapshotTag, _ words: [String]) async throws(CassandraError) {
        let output = try await work(words, for: "take the snapshot", tag.name)
        guard output.contains("Snapshot directory: ") else {
            let reason = "nodetool snapshot ended without saying that it took one"
            throw CassandraError(.malformed, "take the snapshot", tag.name, reason)
        }
    }

    package func snapshots() async throws(CassandraError) -> [NodeSnapshot] {
        try NodetoolSnapshots.snapshots(await look(["listsnapshots"], for: "list", "the node's snapshots"))
    }

    package func clearSnapshot(_ tag: SnapshotTag, keyspaces: [String]) async throws(CassandraError) {
        try NodetoolWord.checkValue(tag.name)
        for keyspace in keyspaces { try checkName(keyspace) }
        let names = keyspaces.isEmpty ? [] : ["--"] + keyspaces
        _ = try await work(["clearsnapshot", "-t", tag.name] + names, for: "clear the snapshot", tag.name)
    }

    package func flush(keyspace: String, tables: [String]) async throws(CassandraError) {
        try checkName(keyspace)
        for table in tables { try checkName(table) }
        let target = tables.isEmpty ? keyspace : tables.map { "\(keyspace).\($0)" }.joined(separator: ", ")
        _ = try await work(["flush", "--", keyspace] + tables, for: "flush", target)
    }

    package func refresh(_ table: TableName) async throws(CassandraError) {
        try checkName(table.keyspace, table.name)
        _ = try await work(["refresh", "--", table.keyspace, table.name], for: "refresh", "\(table)")
    }

    package func importSSTables(
        into table: TableName,
        from directories: [FilePath],
        _ options: ImportOptions
    ) async throws(CassandraError) -> [FilePath] {
        try checkName(table.keyspace, table.name)
        guard !directories.isEmpty else { throw nothing("import into", "\(table)") }
        for directory in directories { try NodetoolWord.checkValue(directory.string) }
        let words =
            ["import"] + NodetoolImport.words(options) + ["--", table.keyspace, table.name] + directories.map(\.string)
        let answer = try await ask(words, settings.workTimeout, for: "import into", "\(table)")
        if let failed = NodetoolImport.failed(answer, of: directories) {
            trace("nodetool import: \(answer.errors)")
            return failed
        }
        _ = try output(of: answer, words, "import into", "\(table)", isWork: true)
        return []
    }

    private func look(_ words: [String], for operation: String, _ target: String) async throws(CassandraError) -> String
    {
        let answer = try await ask(words, settings.lookTimeout, for: operation, target)
        return try output(of: answer, words, operation, target, isWork: false)
    }

    private func work(_ words: [String], for operation: String, _ target: String) async throws(CassandraError) -> String
    {
        let answer = try await ask(words, settings.workTimeout, for: operation, target)
        return try output(of: answer, words, operation, target, isWork: true)
    }

    private func ask(
        _ words: [String],
        _ timeout: Duration,
        for operation: String,
        _ target: String
    ) async throws(CassandraError) -> ChildProcess.Answer {
        try await process.run(prefix + words, timeout: timeout, for: operation, target)
    }

    private func output(
        of answer: ChildProcess.Answer,
        _ words: [String],
        _ operation: String,
        _ target: String,
        isWork: Bool
    ) throws(CassandraError) -> String {
        guard let refusal = NodetoolRefusal(answer, isWork: isWork) else { return answer.output }
        trace("nodetool \(words.joined(separator: " ")): \(answer.end)\n\(answer.output)\n\(answer.errors)")
        throw CassandraError(refusal.code, operation, target, refusal.reason)
    }

    private func checkName(_ names: String...) throws(CassandraError) {
        for name in names where !SchemaName.isValid(name) {
            let reason = "a name of a keyspace or table has letters, digits and underscores"
            throw CassandraError(.invalid, "give nodetool", "\"\(name)\"", reason)
        }
    }

    private func nothing(_ operation: String, _ target: String) -> CassandraError {
        CassandraError(.invalid, operation, target, "nothing is named")
    }
}
