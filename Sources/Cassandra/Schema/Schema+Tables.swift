extension Schema {
    /// `CREATE TABLE`, with its indexes and triggers.
    package struct Table: Codable, Hashable, Sendable {
        package var name: String
        /// A UUID with dashes: `0eee4970-e539-11f1-a127-4d48bb39bcb8`.
        package var id: String
        /// `compound`, `counter`, `dense`, `super`, ascending.
        ///
        /// Without `compound`, or with `dense` or `super`, it is COMPACT STORAGE.
        package var flags: [String]
        /// Partition key, clustering, static and regular columns; keys by position, others ascending by name.
        package var columns: [Column]
        /// Columns that SSTables may still hold, and that are to be left out where they do; ascending by name.
        package var droppedColumns: [DroppedColumn] = []
        /// What stands behind `WITH`, by name, as CQL: `"comment": "'open orders'"`, `"gc_grace_seconds": "864000"`.
        package var options: [String: String]
        package var indexes: [Index] = []
        package var triggers: [Trigger] = []

        package init(name: String, id: String, flags: [String], columns: [Column], options: [String: String] = [:]) {
            self.name = name
            self.id = id
            self.flags = flags
            self.columns = columns
            self.options = options
        }
    }

    package struct Column: Codable, Hashable, Sendable {
        package enum Kind: String, Codable, Hashable, Sendable {
            case partitionKey = "partition_key"
            case clustering, regular, `static`
        }

        package var name: String
        /// As CQL, user types without their keyspace: `map<text, frozen<address>>`.
        package var type: String
        package var kind: Kind
        /// In the partition key or among the clustering columns, from 0; -1 for others.
        package var position: Int
        package var isDescending: Bool
        /// What stands behind `MASKED WITH`, as CQL: `system.mask_inner(1, null)`.
        ///
        /// Of 5.0; nil: not masked.
        package var mask: String?

        package init(
            name: String,
            type: String,
            kind: Kind,
            position: Int = -1,
            isDescending: Bool = false,
            mask: String? = nil
        ) {
            self.name = name
            self.type = type
            self.kind = kind
            self.position = position
            self.isDescending = isDescending
            self.mask = mask
        }
    }

    /// That values of a column written up to a moment do not count any more.
    package struct DroppedColumn: Codable, Hashable, Sendable {
        package var name: String
        package var type: String
        package var isStatic: Bool
        /// Microseconds since 1970.
        package var dropped: Int64

        package init(name: String, type: String, isStatic: Bool, dropped: Int64) {
            self.name = name
            self.type = type
            self.isStatic = isStatic
            self.dropped = dropped
        }
    }

    /// A secondary index.
    package struct Index: Codable, Hashable, Sendable {
        package var name: String
        /// `COMPOSITES`, `KEYS` or `CUSTOM`.
        package var kind: String
        /// `target` is what it is on, as CQL; `class_name` of a custom one; others are its own.
        package var options: [String: String]

        package init(name: String, kind: String, options: [String: String]) {
            self.name = name
            self.kind = kind
            self.options = options
        }
    }

    package struct Trigger: Codable, Hashable, Sendable {
        package var name: String
        /// A Java class, which must stand in the node's `triggers` directory.
        package var className: String

        package init(name: String, className: String) {
            self.name = name
            self.className = className
        }
    }

    /// `CREATE MATERIALIZED VIEW`: a table of its own on disk.
    package struct View: Codable, Hashable, Sendable {
        package var name: String
        package var id: String
        package var baseTable: String
        package var baseTableID: String
        package var includesAllColumns: Bool
        /// CQL, without `WHERE`.
        package var whereClause: String
        /// As `Table.columns`.
        package var columns: [Column]
        package var options: [String: String]

        package init(
            name: String,
            id: String,
            baseTable: String,
            baseTableID: String,
            includesAllColumns: Bool,
            whereClause: String,
            columns: [Column],
            options: [String: String] = [:]
        ) {
            self.name = name
            self.id = id
            self.baseTable = baseTable
            self.baseTableID = baseTableID
            self.includesAllColumns = includesAllColumns
            self.whereClause = whereClause
            self.columns = columns
            self.options = options
        }
    }
}

extension Schema.Table {
    package var isCounter: Bool { flags.contains("counter") }

    /// Whether it was made `WITH COMPACT STORAGE`, which 4.0 and later do not make any more.
    package var isCompact: Bool { flags.contains("dense") || flags.contains("super") || !flags.contains("compound") }

    /// The id as it stands in names of directories: 32 hex digits.
    package var directoryID: String { id.filter { $0 != "-" } }

    package func column(_ name: String) -> Schema.Column? { columns.first { $0.name == name } }
}

extension Schema.View {
    package var directoryID: String { id.filter { $0 != "-" } }
}
