package import Cassandra
package import SystemPackage
package import Vault

/// What somebody wants of a restore into a node.
package struct RestoreRequest: Sendable, Hashable {
    package var strategy: RestoreStrategy
    package var backup: String
    /// Nil where only one cluster of the vault has a backup of that name.
    package var cluster: String?
    /// Whose files; nil: those of the node that the data directories belong to, as far as that can be told.
    package var host: HostID?
    /// The node's, all of them.
    package var dataDirectories: [FilePath]
    package var filter: TableFilter
    /// By `keyspace.table`: the id of the directory that takes its files, 32 lower-case hex digits.
    package var tableIDs: [String: String] = [:]
    /// Whether the data directories are those of a machine that takes the lost node's place.
    package var isNewNode = false
    /// Whether to end when all is fetched and verified, before anything of the node is touched.
    package var stopsWhenStaged = false
    /// Whether a restore that was finished is to be done once more.
    package var isAgain = false
    /// What else was asked for, by option: a restore that goes on must have been asked for the same.
    package var choices: [String: String] = [:]

    package init(
        _ strategy: RestoreStrategy,
        backup: String,
        cluster: String? = nil,
        host: HostID? = nil,
        dataDirectories: [FilePath],
        filter: TableFilter = .everything
    ) {
        self.strategy = strategy
        self.backup = backup
        self.cluster = cluster
        self.host = host
        self.dataDirectories = dataDirectories
        self.filter = filter
    }

    /// Whether all of the backup is wanted.
    package var isWhole: Bool { filter.entries.isEmpty && filter.exclusions.isEmpty }

    /// All that may not differ between two runs of one restore, by the name of its option.
    var options: [String: String] {
        var options = choices
        options["data-dir"] = dataDirectories.map(\.string).sorted().joined(separator: ", ")
        options["new-node"] = isNewNode ? "yes" : "no"
        let ids = tableIDs.map { "\($0.key)=\($0.value)" }.sorted()
        if !ids.isEmpty { options["table-id"] = ids.joined(separator: ", ") }
        return options
    }
}
