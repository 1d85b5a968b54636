package import Cassandra

/// What somebody wants of a restore into a node that runs.
package struct OnlineRequest: Sendable, Hashable {
    /// Whose data the files become.
    package enum Target: Sendable, Hashable {
        /// Of the tables they were.
        case same
        /// Of tables of the same names in another keyspace.
        case keyspace(String)
        /// Of another table.
        case table(TableName)

        /// `ks2` or `ks2.t2`, as `--as` takes it.
        ///
        /// - Throws: `RunError` with code `.invalid` for anything else.
        package init(_ text: String) throws(RunError) {
            let names = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
            guard (1...2).contains(names.count), names.allSatisfy({ SchemaName.isValid($0) }) else {
                throw RunError(.invalid, "restore as", "\"\(text)\"", "a keyspace or keyspace.table is expected")
            }
            self = names.count == 1 ? .keyspace(names[0]) : .table(TableName(keyspace: names[0], name: names[1]))
        }

        /// As `--as` takes it; nil for `same`.
        package var text: String? {
            switch self {
            case .same: nil
            case .keyspace(let name): name
            case .table(let name): "\(name)"
            }
        }

        package func name(for table: TableName) -> TableName {
            switch self {
            case .same: table
            case .keyspace(let keyspace): TableName(keyspace: keyspace, name: table.name)
            case .table(let name): name
            }
        }
    }

    /// What is done about tables that are missing or different.
    package enum SchemaChoice: String, Sendable, Hashable, CaseIterable {
        /// A table that is missing, or cannot hold the backup's rows, is an error.
        case check
        /// What is missing is made first, as the backup has it; what is there is checked.
        case create
        /// Nobody looks: for a node that cannot be asked in CQL.
        case none
    }

    /// Which ids tables get that are made.
    package enum NewIDs: String, Sendable, Hashable, CaseIterable {
        /// Those that the backup's tables had.
        case keep
        /// Of the node's own choice.
        case new
    }

    package var restore: RestoreRequest
    package var target = Target.same
    /// Whether the tables are emptied before, on every node of the ring.
    package var truncates = false
    package var schema = SchemaChoice.check
    package var newIDs = NewIDs.keep
    /// Names of datacenters as the backup has them, and what they are called here; for keyspaces that are made.
    package var datacenters: [String: String] = [:]
    /// The replication of keyspaces that are made, by keyspace as it is called here, and option (`class`, a datacenter); the
    /// empty name: of all that are not named; others have the backup's.
    package var replication: [String: [String: String]] = [:]

    package init(_ restore: RestoreRequest) { self.restore = restore }

    /// With what a restore that goes on must have been asked for too.
    ///
    /// Not whether it truncates: that may be said when every node is staged, and is noted when it is about to be done.
    var journaled: RestoreRequest {
        var restore = restore
        restore.choices["as"] = target.text
        restore.choices["schema"] = schema.rawValue
        restore.choices["table-ids"] = newIDs.rawValue
        restore.choices["map-dc"] = Self.text(datacenters)
        restore.choices["replication"] = Self.text(replication.compactMapValues(Self.text))
        return restore
    }

    private static func text(_ values: [String: String]) -> String? {
        values.isEmpty ? nil : values.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
    }
}
