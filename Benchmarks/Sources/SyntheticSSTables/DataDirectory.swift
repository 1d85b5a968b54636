internal import FoundationEssentials
internal import Glibc

/// A node's data directory: `<keyspace>/<table>-<id>/snapshots/<tag>/nb-<number>-big-<component>`.
package struct DataDirectory: Sendable {
    package let root: String
    package let shape: DataShape

    /// What was written or changed.
    package struct Result: Sendable, Equatable {
        package var sstables = 0
        package var files = 0
        package var bytes = 0
    }

    package init(_ root: String, shape: DataShape) {
        self.root = root
        self.shape = shape
    }

    /// Of a table, from 0.
    package func tableDirectory(_ table: Int) -> String {
        var random = Random(seed: shape.seed, 2, UInt64(table))
        var bytes: [UInt8] = []
        bytes.append(PartitionKey(high: random.next(), low: random.next()))
        let id = bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        return "\(root)/\(shape.keyspace)/\(shape.tableName)\(table)-\(id)"
    }

    package func snapshotDirectory(_ table: Int, tag: String) -> String { "\(tableDirectory(table))/snapshots/\(tag)" }

    /// Writes all SSTables, and one snapshot of them.
    ///
    /// - Parameters:
    ///   - workers: SSTables at a time. Each has a thread of the cooperative pool for itself, and 2 MiB.
    ///   - check: called before each SSTable; what it throws ends the work.
    package func write(
        snapshot tag: String,
        workers: Int = 2,
        check: @escaping @Sendable () throws -> Void = {}
    ) async throws -> Result {
        for table in 0..<shape.tables { try makeDirectories(table, tag: tag) }
        let numbers = (0..<shape.tables).flatMap { table in (1...max(1, shape.sstables)).map { (table, $0) } }
        let result = try await write(numbers, tag: tag, workers: workers, check: check)
        for table in 0..<shape.tables { try finishSnapshot(table, tag: tag) }
        return result
    }

    /// Takes another snapshot, as after compactions: of all SSTables that `old` has but some, and of as many new ones.
    ///
    /// Those that stay are hard links to the same files. What goes is spread over all tables.
    ///
    /// - Parameter rate: of the SSTables that are replaced: 0.01 is one in a hundred. One at least is, unless it is 0.
    /// - Returns: what was replaced, by what.
    package func change(_ old: String, to new: String, rate: Double, workers: Int = 2) async throws -> Result {
        var present: [(table: Int, number: Int)] = []
        var highest: [Int] = []
        for table in 0..<shape.tables {
            try makeDirectories(table, tag: new)
            let numbers = try self.numbers(in: snapshotDirectory(table, tag: old))
            present += numbers.map { (table, $0) }
            highest.append(numbers.last ?? 0)
        }
        let replaced = rate > 0 ? min(present.count, max(1, Int((rate * Double(present.count)).rounded()))) : 0
        var left: Set<Int> = []
        for index in 0..<replaced { left.insert((2 * index + 1) * present.count / (2 * replaced)) }
        var fresh: [(Int, Int)] = []
        for (index, sstable) in present.enumerated() {
            if left.contains(index) {
                highest[sstable.table] += 1
                fresh.append((sstable.table, highest[sstable.table]))
                if shape.hasLiveFiles { try remove(sstable.number, from: tableDirectory(sstable.table)) }
            } else {
                try link(
                    sstable.number,
                    from: snapshotDirectory(sstable.table, tag: old),
                    to: snapshotDirectory(sstable.table, tag: new)
                )
            }
        }
        let result = try await write(fresh, tag: new, workers: workers, check: {})
        for table in 0..<shape.tables { try finishSnapshot(table, tag: new) }
        return result
    }

    private func write(
        _ sstables: [(table: Int, number: Int)],
        tag: String,
        workers: Int,
        check: @escaping @Sendable () throws -> Void
    ) async throws -> Result {
        guard !sstables.isEmpty else { return Result() }
        let pool = await TemplatePool(seed: shape.seed, count: templates, workers: workers)
        return try await withThrowingTaskGroup(of: Int.self) { group in
            for worker in 0..<max(1, workers) {
                group.addTask {
                    var writer = SSTableWriter(pool: pool)
                    var bytes = 0
                    for place in stride(from: worker, to: sstables.count, by: max(1, workers)) {
                        try Task.checkCancellation()
                        try check()
                        let (table, number) = sstables[place]
                        let snapshot = snapshotDirectory(table, tag: tag)
                        let directory = shape.hasLiveFiles ? tableDirectory(table) : snapshot
                        bytes += try writer.write(
                            "\(directory)/nb-\(number)-big",
                            dataBytes: shape.dataBytes,
                            isSparse: shape.isSparse,
                            random: Random(seed: shape.seed, 3, UInt64(table), UInt64(number))
                        )
                        if shape.hasLiveFiles { try link(number, from: directory, to: snapshot) }
                    }
                    return bytes
                }
            }
            var result = Result(sstables: sstables.count, files: sstables.count * Component.allCases.count)
            for try await bytes in group { result.bytes += bytes }
            return result
        }
    }

    /// No more than there are chunks, or a small set would wait for templates that it does not use.
    private var templates: Int {
        let solid = shape.isSparse ? min(shape.dataBytes, 64 << 10) : shape.dataBytes
        let chunks = max(1, shape.tables * shape.sstables * (solid / (TemplatePool.chunk / 2)))
        return chunks >= TemplatePool.most ? TemplatePool.most : 1 << (Int.bitWidth - (chunks - 1).leadingZeroBitCount)
    }
}
