/// Parts of a ring of numeric tokens, each above its start up to its end; a value to calculate with.
package struct TokenRanges: Sendable, Hashable {
    /// What is above `low` up to `high`; ascending, disjoint, not empty.
    ///
    /// None goes around the ring's end.
    private struct Stretch: Hashable {
        var low: Int128
        var high: Int128

        /// Tokens in it, about: the number may not fit into the integers.
        var size: Double { Double(high) - Double(low) }
    }

    private let bounds: Bounds
    private let stretches: [Stretch]

    private struct Bounds: Hashable {
        let low: Int128
        let high: Int128
    }

    private init(_ bounds: Bounds, _ stretches: [Stretch]) {
        self.bounds = bounds
        var merged: [Stretch] = []
        for stretch in stretches.sorted(by: { $0.low < $1.low }) where stretch.low < stretch.high {
            if let last = merged.last, stretch.low <= last.high {
                merged[merged.count - 1].high = max(last.high, stretch.high)
            } else {
                merged.append(stretch)
            }
        }
        self.stretches = merged
    }

    /// The ranges, joined; one whose start is its end is the whole ring.
    ///
    /// Nil where the partitioner's tokens are no numbers, or one of these is none of its tokens.
    package init?(_ ranges: [(start: String, end: String)], of partitioner: Partitioner) {
        guard let ring = partitioner.bounds else { return nil }
        var stretches: [Stretch] = []
        for range in ranges {
            guard let start = Int128(range.start), let end = Int128(range.end),
                [start, end].allSatisfy({ $0 > ring.low && $0 <= ring.high })
            else { return nil }
            if start < end {
                stretches.append(Stretch(low: start, high: end))
            } else {
                stretches += [Stretch(low: start, high: ring.high), Stretch(low: ring.low, high: end)]
            }
        }
        self.init(Bounds(low: ring.low, high: ring.high), stretches)
    }

    /// What a node with `tokens` owns first in a ring that has `others` as well: for each the tokens above the one before.
    ///
    /// Nil as above.
    package static func primary(
        of tokens: some Collection<String>,
        among others: some Collection<String>,
        of partitioner: Partitioner
    ) -> TokenRanges? {
        let own = Set(tokens.compactMap { Int128($0) })
        let all = own.union(others.compactMap { Int128($0) }).sorted()
        guard own.count == Set(tokens).count else { return nil }
        var ranges: [(start: String, end: String)] = []
        for (index, token) in all.enumerated() where own.contains(token) {
            ranges.append(("\(all[index > 0 ? index - 1 : all.count - 1])", "\(token)"))
        }
        return TokenRanges(ranges, of: partitioner)
    }

    package var isEmpty: Bool { stretches.isEmpty }

    /// How much of the ring it is: 0 to 1.
    package var share: Double {
        stretches.reduce(0.0) { $0 + $1.size } / Stretch(low: bounds.low, high: bounds.high).size
    }

    /// What is in this and not in `other`, which is of the same ring.
    package func subtracting(_ other: TokenRanges) -> TokenRanges {
        var rest: [Stretch] = []
        var next = other.stretches[...]
        for stretch in stretches {
            var low = stretch.low
            while let taken = next.first, taken.high <= low { next.removeFirst() }
            for taken in next {
                guard taken.low < stretch.high else { break }
                if taken.low > low { rest.append(Stretch(low: low, high: taken.low)) }
                low = max(low, taken.high)
            }
            if low < stretch.high { rest.append(Stretch(low: low, high: stretch.high)) }
        }
        return TokenRanges(bounds, rest)
    }

    /// The largest first, as `(start, end]`; those of equal size by their starts.
    package var texts: [String] {
        stretches.sorted { ($1.size, $0.low) < ($0.size, $1.low) }
            .map { "(\(max($0.low, bounds.low + 1)), \($0.high)]" }
    }
}
