/// One statement that makes a part of a schema.
package struct SchemaStatement: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable {
        case keyspace, type, function, aggregate, table
        /// Of a table that has just been made: a column that it had.
        case droppedColumn
        case index, view, trigger
    }

    package let kind: Kind
    package let keyspace: String
    /// Of a table's index or trigger, its own; of a dropped column, the table's.
    package let name: String
    /// CQL without a semicolon at its end.
    package let text: String

    /// `table shop.orders`, for messages.
    package var subject: String {
        switch kind {
        case .keyspace: "keyspace \(keyspace)"
        case .droppedColumn: "dropped column of \(keyspace).\(name)"
        case .type, .function, .aggregate, .table, .index, .view, .trigger: "\(kind.rawValue) \(keyspace).\(name)"
        }
    }
}

/// How statements are written.
package struct SchemaStyle: Sendable, Hashable {
    /// `WITH ID = …`: the table gets the id that its directory had.
    package var includesIDs = true
    /// `IF NOT EXISTS`, where CQL has it.
    package var skipsExisting = false
    /// The release of the node that is to carry them out; nil: the one they come from.
    ///
    /// Options that it does not know are left out.
    package var release: ReleaseVersion?

    package init(includesIDs: Bool = true, skipsExisting: Bool = false, release: ReleaseVersion? = nil) {
        self.includesIDs = includesIDs
        self.skipsExisting = skipsExisting
        self.release = release
    }

    var condition: String { skipsExisting ? "IF NOT EXISTS " : "" }

    /// Options that the release knows; source: `TableParams.Option` of each.
    func known(_ options: [String: String]) -> [String: String] {
        guard let release else { return options }
        return options.filter { name, _ in
            switch name {
            case "read_repair_chance", "dclocal_read_repair_chance": !release.isAtLeast(4, 0)
            case "read_repair", "additional_write_policy": release.isAtLeast(4, 0)
            case "memtable": release.isAtLeast(4, 1)
            case "allow_auto_snapshot", "incremental_backups": release.isAtLeast(5, 0)
            default: true
            }
        }
    }
}
