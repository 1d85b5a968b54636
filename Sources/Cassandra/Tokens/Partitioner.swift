/// How keys become tokens, as far as Ringvault calculates with them.
package enum Partitioner: Sendable, Hashable {
    /// From -2^63 to 2^63 - 1.
    case murmur3
    /// From 0 to 2^127 - 1 (and 2^127 once in so many keys, which is not calculated with).
    case random
    /// ByteOrderedPartitioner and others, whose tokens are no numbers: they can only be compared.
    case other(String)

    /// - Parameter name: the class, with or without its package: `org.apache.cassandra.dht.Murmur3Partitioner`.
    package init(_ name: String) {
        switch name.split(separator: ".").last ?? "" {
        case "Murmur3Partitioner": self = .murmur3
        case "RandomPartitioner": self = .random
        default: self = .other(name)
        }
    }

    /// Below the lowest token, and the highest; nil where tokens are no numbers.
    ///
    /// Source: org.apache.cassandra.dht.Murmur3Partitioner, RandomPartitioner.
    var bounds: (low: Int128, high: Int128)? {
        switch self {
        case .murmur3: (Int128(Int64.min) - 1, Int128(Int64.max))
        case .random: (-1, Int128.max)
        case .other: nil
        }
    }
}
