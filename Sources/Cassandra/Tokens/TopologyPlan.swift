/// How the files of one node of a backup get to the nodes of a ring: decided before anything is done.
package enum TopologyPlan: Sendable, Hashable {
    /// The node has exactly the tokens that the backup's node had: its files are this node's files.
    case sameTokens
    /// One node was all of the ring, and one is all of it now: whatever its tokens, it owns every row.
    case wholeRing
    /// The tokens differ: these files are not, or not only, this node's.
    case other(explanation: String)

    /// A node and the ring it is in.
    package struct Place: Sendable, Hashable {
        package var partitioner: String
        /// The node's, in decimal.
        package var tokens: [String]
        /// Those of the ring's other nodes, as far as they are known.
        package var otherTokens: [String]
        /// How many nodes the ring has; nil where that is not known.
        package var ringSize: Int?

        package init(partitioner: String, tokens: [String], otherTokens: [String] = [], ringSize: Int? = nil) {
            self.partitioner = partitioner
            self.tokens = tokens
            self.otherTokens = otherTokens
            self.ringSize = ringSize
        }
    }

    /// - Parameters:
    ///   - source: the backup's node.
    ///   - target: the node that is to take its files.
    package init(from source: Place, to target: Place) {
        if let words = Self.difference(ofPartitioners: source, target) {
            self = .other(explanation: words)
        } else if source.tokens.isEmpty {
            self = .other(explanation: "the backup does not say which tokens its node had")
        } else if Set(source.tokens) == Set(target.tokens) {
            self = .sameTokens
        } else if source.ringSize == 1, target.ringSize == 1 {
            self = .wholeRing
        } else {
            self = .other(explanation: Self.explanation(source, target))
        }
    }

    private static func difference(ofPartitioners source: Place, _ target: Place) -> String? {
        let (old, new) = (Partitioner(source.partitioner), Partitioner(target.partitioner))
        guard old != new else { return nil }
        return "the backup's keys are placed by \(source.partitioner), this node's by \(target.partitioner): "
            + "its SSTables cannot be read here"
    }

    /// In the words of somebody who runs the ring.
    private static func explanation(_ source: Place, _ target: Place) -> String {
        let (old, new) = (Set(source.tokens), Set(target.tokens))
        let shared = old.intersection(new).count
        var parts = [
            "the backup's node had \(count(old.count, "token")), this node has \(new.count), "
                + (shared == 0 ? "none of them the same" : "\(shared) of them the same")
        ]
        let partitioner = Partitioner(source.partitioner)
        if let had = TokenRanges.primary(of: old, among: source.otherTokens, of: partitioner),
            let has = TokenRanges.primary(of: new, among: target.otherTokens, of: partitioner)
        {
            let (missing, strange) = (had.subtracting(has), has.subtracting(had))
            if !source.otherTokens.isEmpty || source.ringSize == 1 {
                parts.append(
                    "of the \(percent(had.share)) of the ring that the backup's node owned first, this node does not own "
                        + "\(percent(missing.share)) (\(share(of: missing, had)) of its rows), for instance \(list(missing)): "
                        + "those rows would be read by nobody here"
                )
                if !strange.isEmpty {
                    parts.append(
                        "and of what this node owns first, \(percent(strange.share)) of the ring is not in this node's backup"
                    )
                }
            }
        }
        parts.append(
            "restore each node of the backup to one with its tokens (in place on a new machine, whose initial_token the plan "
                + "prints), or name another of the backup's nodes with --host-id"
        )
        return parts.joined(separator: "; ")
    }

    private static func list(_ ranges: TokenRanges) -> String {
        let texts = ranges.texts
        let more = texts.count > 3 ? " and \(texts.count - 3) more" : ""
        return texts.prefix(3).joined(separator: ", ") + more
    }

    private static func share(of part: TokenRanges, _ whole: TokenRanges) -> String {
        percent(whole.share > 0 ? part.share / whole.share : 0)
    }

    /// `12.5 %`.
    private static func percent(_ share: Double) -> String {
        let tenths = Int((share * 1000).rounded())
        return "\(tenths / 10).\(tenths % 10) %"
    }

    private static func count(_ number: Int, _ noun: String) -> String {
        number == 1 ? "1 \(noun)" : "\(number) \(noun)s"
    }
}
