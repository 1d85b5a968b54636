internal import Cassandra
internal import SystemPackage

/// Where the running node has the tables that take a restore's files.
struct OnlineDirectories: Sendable {
    private let data: DataDirectories
    private let found: [TableName: [Table]]
    /// Ids that somebody gave for tables of several directories, by `keyspace.table`.
    private let given: [String: String]

    /// Reads names; blocks.
    init(_ request: RestoreRequest, _ names: some Sequence<TableName>) throws(CassandraError) {
        data = try DataDirectories(request.dataDirectories)
        given = request.tableIDs
        let wanted = Set(names)
        var found: [TableName: [Table]] = [:]
        for table in try data.tables().tables {
            let name = TableName(keyspace: table.keyspace, name: table.name)
            if wanted.contains(name) { found[name, default: []].append(table) }
        }
        self.found = found
    }

    /// The table's directories; nil if it has none, or several that nothing tells apart.
    ///
    /// - Parameter schema: the node's own; it knows the table's id.
    func table(_ name: TableName, _ schema: Schema?) -> Table? {
        let candidates = found[name] ?? []
        if let id = given["\(name)"] ?? schema?.directoryID(of: name) { return candidates.first { $0.id == id } }
        return candidates.count == 1 ? candidates.first : nil
    }

    /// All directories of that name, also of tables that were dropped.
    func candidates(_ name: TableName) -> [Table] { found[name] ?? [] }

    /// The table's directory in each data directory, nil where it has none.
    func places(of table: Table) -> [FilePath?] {
        data.paths.indices.map { index in table.places.first { $0.directoryIndex == index }?.path }
    }
}
