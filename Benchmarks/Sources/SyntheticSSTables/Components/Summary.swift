/// Summary.db: every 128th entry of Index.db, and the first and the last key.
///
/// Source: `IndexSummary.IndexSummarySerializer` and `SSTableReader.saveSummary` of Cassandra 4.0.
struct Summary {
    private static let interval = 128

    private var entries: [(key: PartitionKey, position: Int)] = []
    private var first: PartitionKey?
    private var last: PartitionKey?
    private(set) var count = 0

    /// - Parameter position: of the key's entry in Index.db.
    mutating func add(_ key: PartitionKey, position: Int) {
        if count % Self.interval == 0 { entries.append((key, position)) }
        if first == nil { first = key }
        last = key
        count += 1
    }

    func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(bigEndian: Int32(Self.interval))
        bytes.append(bigEndian: Int32(entries.count))
        bytes.append(bigEndian: Int64(entries.count * (4 + 16 + 8)))
        bytes.append(bigEndian: Int32(Self.interval))  // nothing was left out to save memory
        bytes.append(bigEndian: Int32(entries.count))
        for index in entries.indices { bytes.append(littleEndian: Int32(entries.count * 4 + index * 24)) }
        for entry in entries {
            bytes.append(entry.key)
            bytes.append(littleEndian: Int64(entry.position))
        }
        for key in [first, last] {
            guard let key else { continue }
            bytes.append(bigEndian: Int32(16))
            bytes.append(key)
        }
        return bytes
    }
}
