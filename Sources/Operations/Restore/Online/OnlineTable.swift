internal import Cassandra

/// One table of a backup that is to come into a running node.
struct OnlineTable: Sendable, Hashable {
    /// Its path in the manifest: `shop/orders-3e2816e0e53811f1916b25b74eacdfa4`.
    let source: String
    let name: TableName
    /// The table that takes its rows.
    let target: TableName
    /// 32 hex digits, in the backup; nil for a directory of 2.0.
    let id: String?
    var sstables = 0
    var files = 0
    /// Plain bytes of those files.
    var bytes: Int64 = 0
    /// One SSTable for each combination of version, format and kind of id.
    var samples: Set<SSTableName> = []
    /// SSTables that were damaged on the node when they were backed up.
    var damaged: [String] = []

    init(source: String, name: TableName, target: TableName, id: String?) {
        self.source = source
        self.name = name
        self.target = target
        self.id = id
    }

    /// Where its files lie below a stage: Cassandra takes keyspace and table from the last two names of a path.
    ///
    /// It has the id of the backup, so that it is the same before and after the table was made; nobody looks at it.
    /// Source: org.apache.cassandra.io.sstable.Descriptor, 4.0 to 5.0.
    var place: String { "\(target.keyspace)/\(target.name)-\(id ?? String(repeating: "0", count: 32))" }

    mutating func take(_ name: SSTableName) {
        let sample = "\(name.version)-\(name.format)-\(Self.hasUUID(name))"
        if !samples.contains(where: { "\($0.version)-\($0.format)-\(Self.hasUUID($0))" == sample }) {
            samples.insert(name)
        }
    }

    private static func hasUUID(_ name: SSTableName) -> Bool {
        if case .uuid = name.id { true } else { false }
    }
}
