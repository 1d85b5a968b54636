/// A key of 16 bytes, a uuid.
struct PartitionKey: Hashable, Sendable {
    var high: UInt64
    var low: UInt64
}

extension [UInt8] {
    mutating func append(_ key: PartitionKey) {
        append(bigEndian: key.high)
        append(bigEndian: key.low)
    }
}
