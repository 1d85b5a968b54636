internal import ArgumentParser
internal import Cassandra
internal import Operations
internal import SystemPackage

/// Where a restore puts its files, and how far it goes.
struct PlacementOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "files: into the directories of --target, no node is touched. in-place: into the data directories of this "
                + "node, which must be stopped. import: into the running node by 'nodetool import' (4.0 and later). "
                + "refresh: into the running node by hard links and 'nodetool refresh'. With --target: files.",
            valueName: "how"
        )
    )
    var strategy: String?

    @Option(help: ArgumentHelp("Directory to restore to; may be given several times.", valueName: "directory"))
    var target: [String] = []

    @Option(
        name: .customLong("data-dir"),
        help: ArgumentHelp(
            "A data directory of this node; may be given several times, all of them. Default: those of cassandra.yaml.",
            valueName: "directory"
        )
    )
    var dataDirectory: [String] = []

    @Flag(help: "With --target: replace files there that differ from the backup's.")
    var overwrite = false

    @Flag(
        name: .customLong("dry-run"),
        help: "Print the plan and all its checks, and change nothing; status 8 if a check has failed."
    )
    var dryRun = false

    @Option(
        help: ArgumentHelp(
            "'staged': end when all files lie beside their places, verified, and nothing was touched; the same command "
                + "without it goes on from there. A node may still run meanwhile.",
            valueName: "stage"
        )
    )
    var until: String?

    @Flag(help: "Do a restore that was finished, or undone, once more.")
    var again = false

    @Flag(
        name: .customLong("new-node"),
        help: """
            With --strategy in-place: this machine takes the place of the backup's node, with its tokens and a host id of \
            its own. The tables system.local, system.peers and system.peers_v2 are left out; what cassandra.yaml needs is \
            printed.
            """
    )
    var newNode = false

    @Option(
        name: .customLong("table-id"),
        help: ArgumentHelp(
            "With --strategy in-place: the id (32 hex digits, as in the directory's name) of the directory that takes a "
                + "table's files, where several may be the table's; may be given several times.",
            valueName: "keyspace.table=id"
        )
    )
    var tableID: [String] = []

    @Option(
        name: .customLong("commit-log"),
        help: ArgumentHelp(
            "With --strategy in-place of some tables: 'aside' sets the commit log aside although it holds writes that are "
                + "in no SSTable, those to other tables too. Of a whole node it always is.",
            valueName: "what"
        )
    )
    var commitLog: String?

    func chosen() throws -> RestoreStrategy {
        guard let strategy else {
            guard !target.isEmpty else {
                throw ValidationError(
                    "say where to: --target for directories; --strategy in-place, import or refresh for this node"
                )
            }
            return .files
        }
        guard let chosen = RestoreStrategy(rawValue: strategy) else {
            let known = RestoreStrategy.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("'\(strategy)' is no strategy: expected one of \(known)")
        }
        return chosen
    }

    /// - Throws: `ValidationError` for options that the strategy does not know.
    func check(_ strategy: RestoreStrategy) throws {
        func refuse(_ isGiven: Bool, _ option: String, _ strategies: String) throws {
            if isGiven { throw ValidationError("\(option) goes with \(strategies), not with --strategy \(strategy.rawValue)") }
        }
        if strategy == .files {
            guard !target.isEmpty else { throw ValidationError("--target is missing") }
            try refuse(dryRun, "--dry-run", "a restore into a node")
            try refuse(until != nil, "--until", "a restore into a node")
            try refuse(again, "--again", "a restore into a node")
        } else {
            try refuse(!target.isEmpty, "--target", "--strategy files")
            try refuse(overwrite, "--overwrite", "--strategy files")
        }
        if strategy != .inPlace {
            try refuse(newNode, "--new-node", "--strategy in-place")
            try refuse(!tableID.isEmpty, "--table-id", "--strategy in-place")
            try refuse(commitLog != nil, "--commit-log", "--strategy in-place")
        }
        if let until, until != RestoreStage.staged.rawValue {
            throw ValidationError("'\(until)' is no stage to end at: expected \(RestoreStage.staged.rawValue)")
        }
        if let commitLog, commitLog != "aside" {
            throw ValidationError("'\(commitLog)' cannot be done to a commit log: expected aside")
        }
    }

    /// What is asked of a restore into a node.
    func fill(_ request: inout RestoreRequest) throws {
        request.stopsWhenStaged = until != nil
        request.isAgain = again
        request.isNewNode = newNode
        request.choices["commit-log"] = commitLog
        for text in tableID {
            let parts = text.split(separator: "=", omittingEmptySubsequences: false)
            guard parts.count == 2, parts[0].contains("."), TableDirectory("t-\(parts[1])")?.id != nil else {
                throw ValidationError("'\(text)' is no table's id: expected keyspace.table= and 32 hex digits")
            }
            request.tableIDs[String(parts[0])] = String(parts[1])
        }
    }

    /// The node's directories: as cassandra.yaml has them, and those that were given.
    ///
    /// Blocks for a moment.
    ///
    /// - Throws: `CassandraError` where nothing says which they are.
    func layout(_ settings: Settings, _ node: NodeOptions) throws -> NodeLayout {
        let given = settings.strings(.dataDirectory, dataDirectory).map { FilePath($0) }
        do {
            var layout = NodeLayout(try node.configuration(settings))
            if !given.isEmpty { layout.dataDirectories = given }
            return layout
        } catch let error as CassandraError {
            guard error.code == .notFound, !given.isEmpty, node.cassandraConfig == nil else { throw error }
            return NodeLayout(dataDirectories: given)
        }
    }
}
