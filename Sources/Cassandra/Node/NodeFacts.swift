/// What one node says about itself.
package struct NodeFacts: Codable, Sendable, Hashable {
    package var releaseVersion: ReleaseVersion
    /// A UUID in lower case.
    package var hostID: String
    package var clusterName: String
    /// The class's name in full: `org.apache.cassandra.dht.Murmur3Partitioner`.
    package var partitioner: String
    package var datacenter: String
    package var rack: String
    /// As other nodes know it; IPv6 without brackets.
    package var address: String
    /// Ascending by `Token.precedes`; empty only where the means does not tell them.
    package var tokens: [String]
    /// A UUID; nil where the node could not be asked for it.
    package var schemaVersion: String?

    package init(
        releaseVersion: ReleaseVersion,
        hostID: String,
        clusterName: String,
        partitioner: String,
        datacenter: String,
        rack: String,
        address: String,
        tokens: [String],
        schemaVersion: String?
    ) {
        self.releaseVersion = releaseVersion
        self.hostID = hostID
        self.clusterName = clusterName
        self.partitioner = partitioner
        self.datacenter = datacenter
        self.rack = rack
        self.address = address
        self.tokens = tokens
        self.schemaVersion = schemaVersion
    }
}

/// The order of tokens as Cassandra writes them.
package enum Token {
    /// By value where both are whole numbers (Murmur3Partitioner, RandomPartitioner), bytewise otherwise.
    package static func precedes(_ left: String, _ right: String) -> Bool {
        guard let left = Whole(left), let right = Whole(right) else { return left.precedes(right) }
        return left < right
    }

    /// A whole number of any size: RandomPartitioner's have 127 bits.
    private struct Whole: Comparable {
        private let isNegative: Bool
        private let digits: Substring

        init?(_ text: String) {
            isNegative = text.hasPrefix("-")
            let digits = text.dropFirst(isNegative ? 1 : 0)
            guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
            self.digits = digits.drop { $0 == "0" }
        }

        static func < (left: Whole, right: Whole) -> Bool {
            if left.isNegative != right.isNegative { return left.isNegative }
            let (small, large) = left.isNegative ? (right.digits, left.digits) : (left.digits, right.digits)
            let (fewer, more) = (small.utf8.count, large.utf8.count)
            return fewer != more ? fewer < more : small.precedes(large)
        }
    }
}
