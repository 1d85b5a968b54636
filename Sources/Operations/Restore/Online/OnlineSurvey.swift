internal import Cassandra
internal import Vault

/// Which of a backup's tables a restore into a running node wants, from one pass over the manifest.
struct OnlineSurvey: Sendable {
    /// In the manifest's order.
    private(set) var tables: [OnlineTable] = []
    /// Keyspaces of the system that the backup has and nobody asked for by name.
    private(set) var leftOut: Set<String> = []
    /// Keyspaces of the system that were asked for and never come into a running node.
    private(set) var refused: Set<String> = []
    /// Tables that the backup has twice, dropped and made again, with their paths.
    private(set) var twice: [TableName: [String]] = [:]

    /// What of the system may be restored online if it is asked for by name; all else is the node's own.
    static let systemByChoice: Set<String> = ["system_auth", "system_distributed", "system_traces"]

    /// Reads the manifest.
    ///
    /// - Parameter schema: what the backup says its tables were; nil where it does not.
    init(_ selection: RestoreSelection, _ request: OnlineRequest, schema: Schema?, in vault: Vault) async throws {
        var found: [String: OnlineTable] = [:]
        var order: [String] = []
        var manifest = try await ManifestReader.open(vault, key: selection.key)
        while let line = try await manifest.next() {
            switch line {
            case .table(let table):
                guard let wanted = wanted(table.path, request) else { continue }
                found[table.path] = wanted
                order.append(table.path)
            case .group(let group):
                guard Self.isLoaded(group), found[group.table] != nil else { continue }
                found[group.table]?.count(group)
            case .document, .end: break
            }
        }
        choose(order.compactMap { found[$0] }, schema)
    }

    /// Whether the node is given the group: whole SSTables of the table itself.
    ///
    /// Those of its indexes it builds from them, and `manifest.json` and `schema.cql` are a snapshot's.
    static func isLoaded(_ group: ManifestGroup) -> Bool { group.isSSTable && !group.name.utf8.contains(0x2F) }

    /// What is staged, and where.
    var route: RestoreRoute {
        let places = Dictionary(tables.map { ($0.source, $0.place) }, uniquingKeysWith: { first, _ in first })
        return RestoreRoute(tables: places, includes: Self.isLoaded)
    }

    private mutating func wanted(_ path: String, _ request: OnlineRequest) -> OnlineTable? {
        guard let parts = TablePath(path),
            request.restore.filter.matches(keyspace: parts.keyspace, table: parts.table)
        else { return nil }
        let name = TableName(keyspace: parts.keyspace, name: parts.table)
        if Schema.isSystem(name.keyspace) {
            let isNamed = request.restore.filter.entries.contains {
                $0.text == name.keyspace || $0.text.hasPrefix("\(name.keyspace).")
            }
            guard isNamed, Self.systemByChoice.contains(name.keyspace) else {
                if isNamed { refused.insert(name.keyspace) } else { leftOut.insert(name.keyspace) }
                return nil
            }
        }
        return OnlineTable(source: path, name: name, target: request.target.name(for: name), id: parts.id)
    }

    /// Of tables of one name, the one that was alive: the schema knows its id, else it alone has SSTables.
    private mutating func choose(_ found: [OnlineTable], _ schema: Schema?) {
        for table in found {
            let twins = found.filter { $0.name == table.name }
            guard twins.count > 1 else {
                tables.append(table)
                continue
            }
            let alive = schema.flatMap { $0.directoryID(of: table.name) }
            let chosen = alive.map { id in twins.filter { $0.id == id } } ?? twins.filter { $0.sstables > 0 }
            if chosen.count > 1 {
                twice[table.name] = twins.map(\.source)
            } else if chosen.first?.source == table.source {
                tables.append(table)
            }
        }
    }
}

extension OnlineTable {
    fileprivate mutating func count(_ group: ManifestGroup) {
        sstables += 1
        if let file = group.files.first.flatMap({ SSTableName($0.path) }) { take(file) }
        if let damage = group.damage, damaged.count < 20 { damaged.append("\(group.name): \(damage)") }
        files += group.files.count
        bytes += group.bytes
    }
}

extension Schema {
    /// 32 hex digits, of a table or a view; nil for one that is not there.
    func directoryID(of name: TableName) -> String? {
        table(name.keyspace, name.name)?.directoryID ?? view(name.keyspace, name.name)?.directoryID
    }
}
