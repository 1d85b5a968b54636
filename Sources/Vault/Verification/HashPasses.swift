/// What is said of one blob, with the blob's hash: what `HashPasses` gathers.
protocol HashedRecord: Comparable, BitwiseCopyable, Sendable {
    var name: CompactName { get }

    /// Whether both can become one.
    func isSame(as other: Self) -> Bool

    /// Takes in what `other`, the same, knows.
    mutating func absorb(_ other: Self)
}

/// Records of blobs, each once, in a fixed amount of memory.
///
/// Their source is gone through in *passes*. A pass takes the hashes from where the last one ended, in ascending order,
/// and gives up the upper half of what it has whenever there is too much: so it ends with as many as fit, and with the
/// hash that the next pass begins at. Most sources need one.
struct HashPasses<Record: HashedRecord> {
    private let capacity: Int
    private var records: [Record] = []
    /// How many may gather before something is done about it.
    private var limit: Int
    /// The first word of the hashes of this pass.
    private(set) var words: ClosedRange<UInt64> = 0 ... .max

    /// - Parameter memory: bytes, with the room that sorting takes.
    init(memory: Int) {
        capacity = max(64, memory / MemoryLayout<Record>.stride / 2)
        limit = capacity
    }

    var isFirst: Bool { words.lowerBound == 0 }

    mutating func add(_ record: Record) {
        guard words.contains(record.name.words.0) else { return }
        // Files of one pack stand side by side.
        if let last = records.last, last.isSame(as: record) {
            records[records.count - 1].absorb(record)
            return
        }
        records.append(record)
        guard records.count >= limit else { return }
        condense()
        // A single hash of which more is said than fits stays as a whole.
        limit = max(capacity, records.count * 2)
    }

    private mutating func condense() {
        merge()
        while records.count > capacity / 2 {
            let middle = records[records.count / 2].name.words.0
            // What has the same hash stays together.
            guard middle > words.lowerBound else { return }
            words = words.lowerBound...(middle - 1)
            records.removeAll { !words.contains($0.name.words.0) }
        }
    }

    private mutating func merge() {
        records.sort()
        var kept = 0
        for index in records.indices {
            if kept > 0, records[kept - 1].isSame(as: records[index]) {
                records[kept - 1].absorb(records[index])
            } else {
                records[kept] = records[index]
                kept += 1
            }
        }
        records.removeLast(records.count - kept)
    }

    /// The records of this pass, ascending; call it when the whole source has been gone through.
    mutating func finish() -> [Record] {
        merge()
        return records
    }

    /// Makes ready for another pass.
    ///
    /// - Returns: false if nothing is left to go through the source for.
    mutating func beginNext() -> Bool {
        records.removeAll(keepingCapacity: true)
        guard words.upperBound < .max else { return false }
        words = (words.upperBound + 1) ... .max
        return true
    }
}
