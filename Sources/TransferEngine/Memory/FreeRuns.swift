/// Which units of an arena are free, as runs in ascending order: first fit, and neighbours grow together again.
///
/// A value without memory or lock of its own, so that the pool's arithmetic can be tested alone.
struct FreeRuns {
    private(set) var runs: [Range<Int>]

    /// All of `count` units free.
    init(count: Int) {
        runs = count > 0 ? [0..<count] : []
    }

    /// Free units, in runs of any length.
    var total: Int { runs.reduce(0) { $0 + $1.count } }

    /// Takes the lowest run of `count` units, so that memory never touched stays untouched; nil if none is long enough.
    mutating func take(_ count: Int) -> Range<Int>? {
        precondition(count > 0, "an empty run")
        guard let index = runs.firstIndex(where: { $0.count >= count }) else { return nil }
        let run = runs[index]
        let taken = run.lowerBound..<run.lowerBound + count
        if run.count == count {
            runs.remove(at: index)
        } else {
            runs[index] = taken.upperBound..<run.upperBound
        }
        return taken
    }

    /// Gives back what `take` gave, or a part of it.
    mutating func giveBack(_ range: Range<Int>) {
        guard !range.isEmpty else { return }
        let index = runs.firstIndex { $0.lowerBound >= range.upperBound } ?? runs.endIndex
        precondition(index == 0 || runs[index - 1].upperBound <= range.lowerBound, "given back twice")
        var merged = range
        var replaced = index..<index
        if index < runs.endIndex, runs[index].lowerBound == range.upperBound {
            merged = merged.lowerBound..<runs[index].upperBound
            replaced = replaced.lowerBound..<index + 1
        }
        if index > 0, runs[index - 1].upperBound == range.lowerBound {
            merged = runs[index - 1].lowerBound..<merged.upperBound
            replaced = index - 1..<replaced.upperBound
        }
        runs.replaceSubrange(replaced, with: CollectionOfOne(merged))
    }
}
